"""Find what a person names: by name, by id, or by the first characters of an id."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from engine.protocol.checkpoint_names import CheckpointName, checkpoint_named
from engine.protocol.events import State
from engine.protocol.jobs import Job
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Run

SHORTEST_PREFIX = 4
SHORT_ID = 8  # characters of an id that lists show


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def find(kind: str, records: Sequence[N], text: str) -> N:
    """The one record of that name or id; `kind` is a glossary word: "base model".

    A whole name or id wins over letter case, and that over the beginning of an id.
    """
    lower = text.casefold()
    for matching in (
        [record for record in records if text in (record.id, record.name)],
        [record for record in records if record.name.casefold() == lower],
        [record for record in records if _begins(record.id, lower)],
    ):
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise _ambiguous(kind, text, [f"{each.name} ({each.id})" for each in matching])
    raise _unknown(kind, text, [record.name for record in records])


def find_adapter(adapters: Sequence[Adapter], text: str) -> Adapter:
    """As `find`; a name means its newest version, and "name v1" that version."""
    newest = {each.name: each for each in sorted(adapters, key=lambda each: each.version)}
    versions = {label(each): each for each in adapters}
    return newest.get(text) or versions.get(text) or find("adapter", adapters, text)


def find_checkpoint(runs: Sequence[Run], text: str) -> Adapter | None:
    """A checkpoint by "<run>@<step>", the run by name, id or "#3"; None: it names no known run.

    Raises Refused when the run keeps none of that step.
    """
    name = checkpoint_named(text)
    if name is None:
        return None
    named = [run for run in runs if name.run in (run.id, run.name, f"#{run.number}")]
    if not named:
        return None
    run = named[-1]
    if all(each.step != name.step for each in run.checkpoints):
        steps = ", ".join(str(each.step) for each in run.checkpoints)
        raise Refused(
            "runs.no-checkpoint",
            f"'{run.name}' keeps no checkpoint of step {name.step}.",
            f"There are: {steps}." if steps else "The first one comes with a validation.",
            status=404,
        )
    identifier = str(CheckpointName(run.id, name.step))
    return Adapter(identifier, f"{run.name}@{name.step}", 1, "", "", base=run.spec.base)


def label(adapter: Adapter) -> str:
    return f"{adapter.name} v{adapter.version}"


def find_run(runs: Sequence[Run], text: str) -> Run:
    """As `find`, or by its number: "#3"; a name that several have means the newest."""
    exact = [run for run in runs if text in (run.name, f"#{run.number}")]
    return max(exact, key=lambda run: run.number) if exact else find("run", runs, text)


def find_job(state: State, text: str) -> Job:
    """A job by its id, or by the name or number ("#3") of its run."""
    wanted = {
        run.job for run in state.runs if text in (run.name, run.id, f"#{run.number}") and run.job
    }
    matching = [job for job in state.jobs if job.id == text or job.id in wanted] or [
        job for job in state.jobs if _begins(job.id, text.casefold())
    ]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise _ambiguous("job", text, [f"{job.title} ({job.id[:SHORT_ID]})" for job in matching])
    raise Refused("job.unknown", f"There is no job '{text}'.", "See 'adapter-studio jobs list'.")


def _begins(identity: str, text: str) -> bool:
    return len(text) >= SHORTEST_PREFIX and identity.startswith(text)


def _ambiguous(kind: str, text: str, candidates: list[str]) -> Refused:
    code = f"{kind.replace(' ', '-')}.ambiguous"
    return Refused(
        code, f"'{text}' fits more than one {kind}.", f"Choose one: {', '.join(candidates)}."
    )


def _unknown(kind: str, text: str, names: list[str]) -> Refused:
    hint = f"There are: {', '.join(sorted(names)[:20])}." if names else f"There is no {kind} yet."
    return Refused(
        f"{kind.replace(' ', '-')}.unknown", f"There is no {kind} '{text}'.", hint, status=404
    )
