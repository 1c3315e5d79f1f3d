"""Target modules: our three choices against Olive's lists of names."""

from collections.abc import Collection

from msgspec import Struct

from engine.protocol.method_specs import TargetModules
from engine.protocol.target_modules import ATTENTION, QUERY_VALUE, targets_among

CHOICES: tuple[TargetModules, ...] = ("query-value", "attention", "all-linear")
LLAMA = frozenset({"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"})


class Targets(Struct, frozen=True):
    """A choice of ours, and whether it is exactly what a list of names means."""

    choice: TargetModules
    exact: bool


def choice_of(names: Collection[str], linears: Collection[str]) -> Targets:
    """The choice that adapts these layers of a base with those; of no exact one, the nearest.

    Without a base the names are held against what the field calls such layers, so that a list of
    all of attention or of query and value is known, and "all-linear" only for the Llama family.
    """
    wanted = {name.rpartition(".")[2] for name in names}
    known = set(linears) or (set(LLAMA) if wanted <= LLAMA else wanted)
    for choice in CHOICES:
        if wanted == names_of(choice, known):
            return Targets(choice, exact=bool(linears) or _sure(choice, wanted, known))
    return Targets(_nearest(wanted, known), exact=False)


def names_of(choice: TargetModules, linears: Collection[str]) -> frozenset[str]:
    """The layers' names that a choice means, as far as names alone can tell."""
    return targets_among(set(linears), choice)


def _sure(choice: TargetModules, wanted: set[str], known: set[str]) -> bool:
    if choice == "query-value":
        return any(wanted == set(pair) for pair in QUERY_VALUE)
    return known == LLAMA


def _nearest(wanted: set[str], known: set[str]) -> TargetModules:
    """By the layers in common over all of both (Jaccard); the smaller of equals."""
    if not known & wanted:
        return "attention" if wanted and wanted <= ATTENTION else "all-linear"

    def likeness(choice: TargetModules) -> float:
        meant = names_of(choice, known)
        return len(meant & wanted) / len(meant | wanted)

    return max(CHOICES, key=likeness)
