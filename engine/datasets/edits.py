"""Changes over what was read: recorded beside the rows, never written into a file."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from xxhash import xxh3_64_intdigest

EDITS_FILE = "edits.jsonl"
ADDED = 1 << 40  # records from here on are rows that a person wrote


class Edit(Struct, frozen=True, omit_defaults=True):
    """What was changed about one record: found again by its number and its content."""

    origin: int
    digest: int = 0  # of the cells as they were read
    cells: dict[str, str] | None = None  # None: as they are
    remove: bool = False
    split: str = ""  # empty: as it is

    def after(self, earlier: "Edit | None") -> "Edit":
        """Both as one: what this one leaves open is as the earlier one left it."""
        if earlier is None:
            return self
        return Edit(
            origin=self.origin,
            digest=earlier.digest,
            cells=earlier.cells if self.cells is None else self.cells,
            remove=self.remove or earlier.remove,
            split=self.split or earlier.split,
        )


class Edits:
    """Edits by the record that they are of.

    `changed`: the file is not the one they were made over, so that a record is told by its
    content alone and may have moved.
    """

    def __init__(self, edits: Iterable[Edit] = (), *, changed: bool = False) -> None:
        self.all = {edit.origin: edit for edit in edits}
        self.unused = set(self.all)
        self._by_digest: dict[int, list[Edit]] = {}
        if changed:
            for edit in self.all.values():
                self._by_digest.setdefault(edit.digest, []).append(edit)
        self._changed = changed

    def touch(self, origins: Sequence[int]) -> bool:
        """Whether one of these records may have an edit."""
        if self._changed:
            return bool(self.all)
        return bool(self.all) and not self.all.keys().isdisjoint(origins)

    def of(self, origin: int, cells: dict[str, str]) -> Edit | None:
        """The edit of a record that was just read with these cells."""
        if not self.all:
            return None
        if self._changed:
            waiting = self._by_digest.get(digest_of(cells))
            edit = waiting.pop(0) if waiting else None
        else:
            edit = self.all.get(origin)
        if edit is not None:
            self.unused.discard(edit.origin)
        return edit

    def added(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows that a person wrote, by the number that stands for their record."""
        for origin in sorted(each for each in self.all if each >= ADDED):
            edit = self.all[origin]
            self.unused.discard(origin)
            if edit.cells is not None and not edit.remove:
                yield origin, edit.cells


def digest_of(cells: dict[str, str]) -> int:
    return xxh3_64_intdigest(msgspec.json.encode(cells))


def read_edits(folder: str | Path) -> list[Edit]:
    """The edits that led from what was read to the rows of a published dataset."""
    path = Path(folder) / EDITS_FILE
    if not path.is_file():
        return []
    return msgspec.json.Decoder(Edit).decode_lines(path.read_bytes())


def write_edits(folder: Path, edits: Iterable[Edit]) -> None:
    (folder / EDITS_FILE).write_bytes(msgspec.json.Encoder().encode_lines([*edits]))
