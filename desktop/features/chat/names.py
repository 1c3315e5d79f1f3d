"""What is said of columns, replies and conversations."""

from desktop.core import formatting
from desktop.core.store import Store
from engine.protocol.adapter_words import method_words
from engine.protocol.checkpoint_names import checkpoint_named
from engine.protocol.records import (
    Adapter,
    BaseModel,
    ConversationSummary,
    ModelStatus,
    Reply,
    ReplyStamp,
    Run,
    Turn,
)

BASE = "Base model"
LONGEST_TITLE = 48


def adapter_name(store: Store, id: str | None) -> str:
    if id is None:
        return BASE
    adapter = store.adapters.get(id)
    if adapter is not None:
        return adapter.name
    run = checkpoint_run(store, id)
    if run is not None:
        return f"{run.name}, step {id.rpartition('@')[2]}"
    return "Removed adapter"


def checkpoint_run(store: Store, id: str | None) -> Run | None:
    """The run whose checkpoint it is."""
    name = checkpoint_named(id or "")
    return store.runs.get(name.run) if name is not None else None


def version_text(store: Store, id: str | None) -> str:
    if id is None:
        return "no adapter"
    adapter = store.adapters.get(id)
    if adapter is None:
        return "checkpoint" if checkpoint_run(store, id) is not None else ""
    return f"v{adapter.version}"


def column_detail(store: Store, id: str | None) -> str:
    """ "v1 · OFT, block 32 · Template: Text and label": its own changes what the model is sent."""
    adapter = store.adapters.get(id or "")
    if adapter is None:
        return version_text(store, id)
    own = f"Template: {adapter.template.name}" if adapter.template is not None else ""
    parts = (version_text(store, id), method_words(adapter), own)
    return " · ".join(part for part in parts if part)


def fits(adapter: Adapter, base: BaseModel) -> bool:
    """An adapter never meets a base it was not made for."""
    return bool(base.fingerprint) and adapter.base_fingerprint == base.fingerprint


def adapters_of(store: Store, base: BaseModel | None) -> list[Adapter]:
    """Those that fit, the oldest first: new ones do not move the others' numbers."""
    if base is None:
        return []
    found = [adapter for adapter in store.adapters.values() if fits(adapter, base)]
    return sorted(found, key=lambda each: (each.created_at, each.id))


def ready_models(store: Store) -> list[BaseModel]:
    found = [each for each in store.models.values() if each.status is ModelStatus.READY]
    return sorted(found, key=lambda each: (each.created_at, each.id))


def title_from(prompt: str) -> str:
    """The first line of the first prompt, cut at a word."""
    line = next((line.strip() for line in prompt.splitlines() if line.strip()), "Chat")
    if len(line) <= LONGEST_TITLE:
        return line.rstrip(".:")
    cut = line[:LONGEST_TITLE].rsplit(" ", 1)[0]
    return f"{cut} …"


def summary_text(store: Store, summary: ConversationSummary) -> str:
    """ "A / B · 6 turns"."""
    who = "A / B" if len(summary.columns) > 1 else adapter_name(store, summary.columns[0])
    return f"{who} · {formatting.plural(summary.turns, 'turn')}"


def footer_text(reply: Reply) -> str:
    """ "swap 3 ms · 181 ms to first token · 48 tok/s · 34 tokens"."""
    stamp = reply.stamp
    if stamp is None:
        return "" if reply.problem else "stopped"
    parts = [f"swap {milliseconds(stamp.swap_ms)}"] if stamp.adapter is not None else []
    parts.append(f"{milliseconds(stamp.first_token_ms)} to first token")
    parts.append(f"{stamp.tokens_per_second:.0f} tok/s")
    parts.append(formatting.plural(stamp.tokens, "token"))
    ends = {"length": "cut at the longest reply", "cancelled": "stopped"}
    if stamp.finish in ends:
        parts.append(ends[stamp.finish])
    return " · ".join(parts)


def milliseconds(value: float) -> str:
    """ "3 ms", "0.2 ms", "1.8 s"; a swap between resident adapters takes microseconds."""
    if value >= 1000:
        return formatting.duration(value / 1000)
    if value < 0.1:
        return "under 0.1 ms"
    return f"{value:.0f} ms" if value >= 0.95 else f"{value:.1f} ms"


def stamp_tip(store: Store, stamp: ReplyStamp | None) -> str:
    """What really answered."""
    if stamp is None:
        return ""
    if stamp.adapter is None:
        return f"Answered by the base alone, {stamp.backend}"
    digest = stamp.adapter_hash or "not known"
    return f"Answered by {adapter_name(store, stamp.adapter)}, {stamp.backend}\nHash {digest}"


def tally(store: Store, turns: tuple[Turn, ...]) -> str:
    """ "support-triage r16 3, Base model 1, tie 2": who won how often, over all turns."""
    counts: dict[str, int] = {}
    for turn in turns:
        if turn.vote in ("a", "b") and len(turn.replies) == 2:
            winner = turn.replies["ab".index(turn.vote)].adapter
            name = adapter_name(store, winner)
        elif turn.vote:
            name = turn.vote
        else:
            continue
        counts[name] = counts.get(name, 0) + 1
    ranked = sorted(counts.items(), key=lambda each: -each[1])
    return ", ".join(f"{name} {count}" for name, count in ranked)
