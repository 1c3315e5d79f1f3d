"""Which datasets can be one."""

from collections.abc import Sequence

from engine.protocol.records import Dataset

RAW = frozenset({"text", "segments"})
RANKED = frozenset({"preference", "unpaired"})


def are_alike(datasets: Sequence[Dataset]) -> bool:
    """Whether their rows are read in the same way, so that they can keep their columns."""
    return all(dataset.mapping == datasets[0].mapping for dataset in datasets)


def are_mixable(datasets: Sequence[Dataset]) -> bool:
    """Whether rows of all of them fit into one dataset.

    Raw text does not go beside conversations, nor preferences beside anything that has other
    columns.
    """
    conventions = {dataset.mapping.convention for dataset in datasets}
    return are_alike(datasets) or conventions <= RAW or conventions.isdisjoint(RAW | RANKED)
