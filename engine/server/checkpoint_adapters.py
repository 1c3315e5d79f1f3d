"""Checkpoints of runs as adapters to chat with, also while the run goes on."""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from engine.catalog.catalog import Catalog
from engine.protocol.checkpoint_names import CheckpointName, checkpoint_named
from engine.protocol.method_specs import QloraSpec, kind_of, size_of
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Checkpoint, Run
from engine.store.hashing import adapter_hash

RECORD = "checkpoint.json"
MOST_REMEMBERED = 64


class CheckpointOrigin(Struct, frozen=True):
    """The part of a checkpoint's own record that says what it belongs to."""

    origin: dict[str, Any]


class CheckpointAdapters:
    """Finds and remembers them: a chat goes on after a run has let its checkpoint go."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: OrderedDict[str, Adapter] = OrderedDict()

    async def find(self, text: str) -> Adapter | None:
        """The adapter that "<run>@<step>" means, run by id, name or "#number"; None: no such name.

        Raises Refused when the run is not known or keeps no checkpoint of that step.
        """
        name = checkpoint_named(text)
        run = None if name is None else self._run(name.run)
        if name is None or run is None:
            return None
        identifier = str(CheckpointName(run.id, name.step))
        kept = next((each for each in run.checkpoints if each.step == name.step), None)
        if kept is None and identifier not in self._known:
            steps = ", ".join(str(each.step) for each in run.checkpoints)
            raise Refused(
                "runs.no-checkpoint",
                f"'{run.name}' keeps no checkpoint of step {name.step}.",
                f"There are: {steps}." if steps else "The first one comes with a validation.",
                status=404,
            )
        if kept is not None:
            found = self._known.get(identifier)
            try:
                digest, base = await asyncio.to_thread(_read, Path(kept.path))
            except (OSError, Refused, msgspec.MsgspecError) as error:
                if found is None:
                    raise _gone(run, name.step) from error
            else:
                self._remember(self._record(run, kept, digest=digest, fingerprint=base))
        return self._known[identifier]

    def _run(self, text: str) -> Run | None:
        """The newest run of that name, where it is a name."""
        runs = self._catalog.runs.where("id = ? OR name = ? OR '#' || number = ?", text, text, text)
        return next(reversed([*runs]), None)

    def _remember(self, adapter: Adapter) -> None:
        self._known[adapter.id] = adapter
        self._known.move_to_end(adapter.id)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    def _record(
        self, run: Run, checkpoint: Checkpoint, *, digest: str, fingerprint: str
    ) -> Adapter:
        method = run.spec.method
        dataset = self._catalog.dataset_version(run.spec.dataset, run.dataset_version)
        base = self._catalog.models.get(run.spec.base)
        return Adapter(
            id=str(CheckpointName(run.id, checkpoint.step)),
            name=f"{run.name}, step {checkpoint.step}",
            version=1,
            path=checkpoint.path,
            hash=digest,
            method="lora" if isinstance(method, QloraSpec) else kind_of(method),
            rank=size_of(method),
            alpha=getattr(method, "alpha", 0.0),
            base_bits=4 if isinstance(method, QloraSpec) else 0,
            base=base.id if base else "",
            base_name=run.base_name,
            base_fingerprint=fingerprint,
            template=dataset.template if dataset else None,
            run=run.id,
            run_number=run.number,
            step=checkpoint.step,
        )


def _read(folder: Path) -> tuple[str, str]:
    """The hash of a checkpoint's adapter and the fingerprint of its base."""
    record = msgspec.json.decode((folder / RECORD).read_bytes(), type=CheckpointOrigin)
    return adapter_hash(folder), str(record.origin.get("base", ""))


def _gone(run: Run, step: int) -> Refused:
    return Refused(
        "runs.checkpoint-gone",
        f"The checkpoint of step {step} of '{run.name}' cannot be read.",
        "Choose a newer one.",
        status=404,
    )
