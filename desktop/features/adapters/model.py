"""What the Adapters feature says about adapters, as plain values."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple

from desktop.core import formatting
from desktop.core.tokens import Token
from desktop.workbench.rows import Row, Section
from engine.protocol.adapter_words import method_name, method_words, size_words, trained_on
from engine.protocol.records import Adapter, BaseModel

ATTENTION = {"q_proj", "k_proj", "v_proj", "o_proj"}
LONGEST_TIP = 2_000  # characters of a template
ELSEWHERE = "elsewhere"  # the section of adapters whose base is not here


class Verdict(NamedTuple):
    """How an adapter and a base go together."""

    sentence: str
    word: str
    tone: Token


EXACT = Verdict("Same weights it was trained on", "Exact match", "ok")
UNTESTED = Verdict("Same shapes, other weights; answers may drift", "Loads, untested", "warn")
MISFIT = Verdict("Its layers have other shapes", "Does not fit", "err")
UNKNOWN = Verdict("Its shapes are not recorded", "Not known", "text3")


def verdict(adapter: Adapter, base: BaseModel) -> Verdict:
    """By fingerprint, else by the shapes: a LoRA of rank r adds r * (inputs + outputs) a layer."""
    if adapter.base_fingerprint and adapter.base_fingerprint == base.fingerprint:
        return EXACT
    if adapter.method != "lora" or not (adapter.rank and adapter.parameters and base.linears):
        return UNKNOWN
    targets = set(adapter.target_modules)
    if not targets <= {linear.name for linear in base.linears}:
        return MISFIT
    reckoned = sum(
        adapter.rank * (linear.inputs + linear.outputs) * linear.count
        for linear in base.linears
        if linear.name in targets
    )
    return UNTESTED if reckoned == adapter.parameters else MISFIT


def base_of(adapter: Adapter, models: Mapping[str, BaseModel]) -> BaseModel | None:
    """The base it was made for, if the catalog has it."""
    base = models.get(adapter.base)
    return base if base is not None and verdict(adapter, base) is EXACT else None


def sections(adapters: Iterable[Adapter], models: Mapping[str, BaseModel]) -> list[Section]:
    """One section per base in the catalog, the newest adapter first; the homeless last."""
    groups: dict[str, list[Row]] = {}
    for adapter in sorted(adapters, key=lambda each: (-each.created_at, each.id)):
        base = base_of(adapter, models)
        groups.setdefault(base.id if base else ELSEWHERE, []).append(row(adapter, base))
    bases = sorted(models.values(), key=lambda each: (each.created_at, each.id))
    found = [
        Section(id=base.id, title=base.name, rows=tuple(groups[base.id]))
        for base in bases
        if base.id in groups
    ]
    if ELSEWHERE in groups:
        found.append(
            Section(id=ELSEWHERE, title="Needs another base", rows=tuple(groups[ELSEWHERE]))
        )
    return found


def row(adapter: Adapter, base: BaseModel | None) -> Row:
    size = formatting.size(adapter.size_bytes)
    detail = f"v{adapter.version} · {method_words(adapter)} · {size}"
    if base is not None:
        return Row(id=adapter.id, title=adapter.name, detail=detail, icon="layers",
                   tone="violet", kind="adapter")  # fmt: skip
    return Row(id=adapter.id, title=adapter.name, detail=detail, icon="layers", tone="violet",
               kind="adapter", state_icon="error", state_tone="err",
               tip=f"Needs another base: {needed_base(adapter)}")  # fmt: skip


def needed_base(adapter: Adapter) -> str:
    """The base it was made for, by the best name there is."""
    if adapter.base_name:
        return adapter.base_name
    digest = adapter.base_fingerprint
    return f"one with {fingerprint_text(digest)}" if digest else "one that is not known"


def targets_text(adapter: Adapter, base: BaseModel | None) -> str:
    """ "all linear layers", "attention layers", else the names."""
    targets = set(adapter.target_modules)
    linear = {each.name for each in base.linears} - {"lm_head"} if base else set()
    if linear and linear <= targets:
        return "all linear layers"
    if targets and targets <= ATTENTION and len(targets) == len(ATTENTION):
        return "attention layers"
    names = sorted(targets)
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


def meta_line(adapter: Adapter, base: BaseModel | None, now: float) -> str:
    """ "LoRA · rank 16, alpha 32 · all linear layers · 4.88 M parameters · 9.8 MB · made …"."""
    made = "imported" if adapter.imported else "made"
    parts = [method_name(adapter)]
    alpha = f"alpha {formatting.number(adapter.alpha)}" if adapter.alpha else ""
    parts.append(", ".join(word for word in (size_words(adapter), alpha) if word))
    parts += [trained_on(adapter)]
    parts.append(targets_text(adapter, base))
    if adapter.parameters:
        parts.append(f"{formatting.parameters(adapter.parameters)} parameters")
    parts.append(formatting.size(adapter.size_bytes))
    if adapter.created_at:
        parts.append(f"{made} {formatting.moment(adapter.created_at, now)}")
    return " · ".join(part for part in parts if part)


def fingerprint_text(digest: str) -> str:
    """ "fp a81c·44e9·07b2"."""
    return f"fp {digest[:4]}·{digest[4:8]}·{digest[8:12]}" if digest else ""


def hash_text(digest: str) -> str:
    """ "5c1e0b7a 9f42d3e8 … 71aa04c6"."""
    return f"{digest[:8]} {digest[8:16]} … {digest[-8:]}"


class Figure(NamedTuple):
    """One line of the training table."""

    name: str
    value: str
    note: str = ""
    tip: str = ""  # HTML


# Name, note and places after the point.
METRICS: dict[str, tuple[str, str, int]] = {
    "validation_loss": ("Validation loss", "at the best step; lower is better", 3),
    "train_loss": ("Training loss", "at the best step", 3),
    "tokens_per_second": ("Speed", "tokens a second", 0),
}


def figures(adapter: Adapter) -> list[Figure]:
    """What the passport has, the known names first and in their order."""
    names = [name for name in METRICS if name in adapter.metrics]
    names += sorted(adapter.metrics.keys() - METRICS.keys())
    found = []
    for name in names:
        title, note, places = METRICS.get(name, (name.replace("_", " ").capitalize(), "", 3))
        found.append(Figure(title, figure_text(adapter.metrics[name], places), note))
    if adapter.train_rows:
        found.append(Figure("Training rows", formatting.count(adapter.train_rows)))
    if adapter.step:
        found.append(Figure("Step", formatting.count(adapter.step), "of the checkpoint"))
    if adapter.template is not None:
        tip = f"<pre>{escape(adapter.template.text[:LONGEST_TIP])}</pre>"
        found.append(Figure("Template", adapter.template.name, "in place of the base's own", tip))
    return found


def figure_text(value: float, places: int) -> str:
    """With that many places; large figures have none."""
    return f"{value:.{places}f}" if abs(value) < 100 else formatting.count(round(value))
