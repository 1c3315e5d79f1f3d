"""Which datasets can be one, and how many rows each then gives."""

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


def rows_taken(rows: Sequence[int], weights: Sequence[float]) -> list[int]:
    """How many rows of each dataset: in proportion to the weights, none more often than once.

    The scarcest for its weight is taken whole.
    """
    most = min((count / weight for count, weight in zip(rows, weights, strict=True)), default=0.0)
    return [min(count, round(most * weight)) for count, weight in zip(rows, weights, strict=True)]
