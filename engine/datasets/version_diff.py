"""What makes one version of a dataset another, so that a person can read it."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from xxhash import xxh3_64_intdigest

from engine.datasets.row_file import RowFile
from engine.protocol.records import Dataset, DatasetDiff

SHOWN = 100  # rows of each sort


def diff_versions(before: Dataset, after: Dataset) -> DatasetDiff:
    """Rows are the same by their content; of those left, the ones of the same record changed.

    A row that repeats counts as often as it is there.
    """
    with RowFile(before.path) as old, RowFile(after.path) as new:
        same, gone, fresh = _matched(old, new)
        changed = _changed(old, new, gone, fresh)
        was, now = {a for a, _ in changed}, {b for _, b in changed}
        removed = [place for place in gone if place not in was]
        added = [place for place in fresh if place not in now]
        moved = [(a, b) for a, b in same if old.sides[a] != new.sides[b]]
        return DatasetDiff(
            before=before.version,
            after=after.version,
            settings=tuple(_settings(before, after)),
            added_count=len(added),
            removed_count=len(removed),
            changed_count=len(changed),
            moved_count=len(moved),
            added=tuple(new.at(place) for place in added[:SHOWN]),
            removed=tuple(old.at(place) for place in removed[:SHOWN]),
            changed=tuple((old.at(a), new.at(b)) for a, b in changed[:SHOWN]),
            moved=tuple((old.at(a), new.at(b)) for a, b in moved[:SHOWN]),
        )


def _matched(old: RowFile, new: RowFile) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of equal rows, and the places of those that have no equal, old and new."""
    waiting: dict[int, list[int]] = defaultdict(list)
    for place in range(len(old) - 1, -1, -1):
        waiting[xxh3_64_intdigest(old.line(place))].append(place)
    same, fresh = [], []
    for place in range(len(new)):
        equals = waiting.get(xxh3_64_intdigest(new.line(place)))
        if equals:
            same.append((equals.pop(), place))
        else:
            fresh.append(place)
    return same, sorted(place for left in waiting.values() for place in left), fresh


def _changed(
    old: RowFile, new: RowFile, gone: Iterable[int], fresh: Iterable[int]
) -> list[tuple[int, int]]:
    """Rows that came of the same record."""
    was = {old.origins[place]: place for place in gone}
    return [(was[new.origins[place]], place) for place in fresh if new.origins[place] in was]


def _settings(before: Dataset, after: Dataset) -> Iterable[tuple[str, str, str]]:
    pairs = [
        ("Source", before.source_sha256[:12], after.source_sha256[:12]),
        ("Split", before.split, after.split),
        *_parts(before, after),
    ]
    for side in ("train", "validation", "test"):
        was, now = (getattr(each, f"{side}_rows") for each in (before, after))
        pairs.append((f"{side.capitalize()} rows", f"{was:,}", f"{now:,}"))
    yield from ((what, was, now) for what, was, now in pairs if was != now)


def _parts(before: Dataset, after: Dataset) -> Iterable[tuple[str, str, str]]:
    """Columns by the part they play."""
    was, now = (msgspec.structs.asdict(each.mapping) for each in (before, after))
    for part in was:
        yield part.replace("_", " ").capitalize(), was[part], now[part]
