"""Many rows at once, where nothing about them is unusual: one question and answer, or raw text."""

import re
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter

from msgspec import Struct

from engine.datasets.digests import plain_digests, text_digests
from engine.datasets.labels import few_labels
from engine.datasets.marks import may_hold_mark
from engine.datasets.row_writer import encode_rows
from engine.datasets.source import COLUMN_LIMIT
from engine.protocol.dataset_specs import Mapping as ColumnMapping

EMPTY_CELL = b':""'
LIST_AS_TEXT = re.compile(rb':"(?:\s|\\[ntr])*\[')
PLAIN = frozenset({"user", "assistant"})  # the parts of the mapping
RAW = frozenset({"text"})


class PlainRows(Struct, frozen=True):
    """Rows that can all be used, encoded, with the digests of what they ask and of the whole."""

    encoded: bytes
    columns: tuple[str, ...]
    asked: bytes  # unsigned, of 64 bits each
    rows: bytes
    labels: dict[str, int] | None  # how often each answer is there; None: they are no labels


class PlainReader(Struct, frozen=True):
    """Reads batches for a mapping whose parts are plain ones."""

    prompt: str  # the column of what is asked, or of raw text
    answer: str = ""

    @classmethod
    def of(cls, mapping: ColumnMapping) -> "PlainReader | None":
        """None for a mapping that needs each row to be looked at."""
        if mapping.convention == "text" and mapping.parts.keys() == RAW:
            return cls(mapping.text)
        if mapping.parts.keys() == PLAIN:
            return cls(mapping.user, mapping.assistant)
        return None

    def read(self, batch: Sequence[Mapping[str, str]]) -> PlainRows | None:
        """None if one of the rows is unusual; then not one of them was taken."""
        try:
            texts = list(map(itemgetter(self.prompt), batch))
            answers = list(map(itemgetter(self.answer), batch)) if self.answer else None
        except KeyError:
            return None
        columns = self._columns(batch)
        encoded = encode_rows(batch)
        if may_hold_list(encoded) or may_hold_mark(encoded):
            return None
        if len(columns) > COLUMN_LIMIT or (len(columns) > self._needed and EMPTY_CELL in encoded):
            return None
        if not all(map(str.strip, chain(texts, answers or ()))):
            return None
        if answers is None:
            asked = rows = text_digests(texts)
        else:
            asked, rows = plain_digests(texts, answers)
        labels = few_labels(answers) if answers is not None else None
        return PlainRows(
            encoded=encoded,
            columns=tuple(columns),
            asked=array("Q", asked).tobytes(),
            rows=array("Q", rows).tobytes(),
            labels=labels,
        )

    @property
    def _needed(self) -> int:
        return 2 if self.answer else 1

    def _columns(self, batch: Sequence[Mapping[str, str]]) -> dict[str, None]:
        """All columns as they first appear; every row is known to have those that are needed."""
        if set(map(len, batch)) == {self._needed}:
            return dict.fromkeys(batch[0])
        kinds = dict.fromkeys(map(tuple, batch))
        return dict.fromkeys(chain.from_iterable(kinds))


def may_hold_list(encoded: bytes) -> bool:
    """Whether a cell may hold a list, such as of messages, as text; False is certain."""
    return b"[" in encoded and LIST_AS_TEXT.search(encoded) is not None
