"""Many rows at once, where nothing about them is unusual: one question and answer, or raw text."""

import re
from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
from msgspec import Struct

from engine.datasets.digests import plain_digests, text_digests
from engine.datasets.labels import few_labels
from engine.datasets.marks import may_hold_mark
from engine.datasets.row_writer import encode_rows, line_count
from engine.datasets.source import COLUMN_LIMIT
from engine.protocol.dataset_specs import Mapping as ColumnMapping

EMPTY_CELL = b':""'
LIST_AS_TEXT = re.compile(rb':"(?:\s|\\[ntr])*\[')
PLAIN = frozenset({"user", "assistant"})  # the parts of the mapping
RAW = frozenset({"text"})
DIGEST_SIZE = 8  # bytes


class PlainRows(Struct, frozen=True):
    """Rows that can all be used, encoded, with the digests of what they ask and of the whole."""

    encoded: bytes
    columns: tuple[str, ...]
    asked: bytes  # unsigned, of 64 bits each
    rows: bytes
    labels: dict[str, int] | None  # how often each answer is there; None: they are no labels

    @property
    def count(self) -> int:
        return len(self.rows) // DIGEST_SIZE


class PlainReader(Struct, frozen=True):
    """Reads rows of a mapping whose parts are plain ones; `columns` are those of the first row."""

    prompt: str  # the column of what is asked, or of raw text
    answer: str  # empty for raw text
    columns: tuple[str, ...]

    @classmethod
    def of(cls, mapping: ColumnMapping, columns: Sequence[str]) -> "PlainReader | None":
        """None for a mapping that needs each row to be looked at."""
        parts = mapping.parts.keys()
        raw = mapping.convention == "text" and parts == RAW
        if not (raw or parts == PLAIN) or len(columns) > COLUMN_LIMIT:
            return None
        prompt, answer = (mapping.text, "") if raw else (mapping.user, mapping.assistant)
        needed = {prompt, answer} - {""}
        return cls(prompt, answer, tuple(columns)) if needed.issubset(columns) else None

    def read_lines(self, content: bytes) -> PlainRows | None:
        """A row of each of these lines of JSON, which have exactly these columns; the fastest way.

        None if one of the lines is something else.
        """
        try:
            rows = _decoder(self.columns).decode_lines(content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        if len(rows) != line_count(content):
            return None
        texts = list(map(attrgetter(self._field(self.prompt)), rows))
        answers = list(map(attrgetter(self._field(self.answer)), rows)) if self.answer else None
        return self._checked(encode_rows(rows), self.columns, texts, answers)

    def read(self, batch: Sequence[Mapping[str, str]]) -> PlainRows | None:
        """The rows of a batch, some of whose columns may be missing; None if one is unusual."""
        try:
            texts = list(map(itemgetter(self.prompt), batch))
            answers = list(map(itemgetter(self.answer), batch)) if self.answer else None
        except KeyError:
            return None
        kinds = dict.fromkeys(map(tuple, batch))
        if not all(self._in_order(kind) for kind in kinds):
            return None
        columns = tuple(dict.fromkeys(chain.from_iterable(kinds)))
        return self._checked(encode_rows(batch), columns, texts, answers)

    def _checked(
        self,
        encoded: bytes,
        columns: tuple[str, ...],
        texts: Sequence[str],
        answers: Sequence[str] | None,
    ) -> PlainRows | None:
        if may_hold_list(encoded) or may_hold_mark(encoded):
            return None
        needed = 2 if self.answer else 1
        if len(columns) > needed and EMPTY_CELL in encoded:
            return None
        if not all(map(str.strip, chain(texts, answers or ()))):
            return None
        if answers is None:
            asked = rows = text_digests(texts)
        else:
            asked, rows = plain_digests(texts, answers)
        return PlainRows(
            encoded=encoded,
            columns=columns,
            asked=array("Q", asked).tobytes(),
            rows=array("Q", rows).tobytes(),
            labels=few_labels(answers) if answers is not None else None,
        )

    def _field(self, column: str) -> str:
        return f"f{self.columns.index(column)}"

    def _in_order(self, kind: Sequence[str]) -> bool:
        """Whether a row has nothing but known columns, in their order."""
        rest = iter(self.columns)
        return all(name in rest for name in kind)


@lru_cache(maxsize=4)
def _decoder(columns: tuple[str, ...]) -> "msgspec.json.Decoder[Any]":
    """Of objects that have these columns, all text, and no other."""
    names = {f"f{at}": column for at, column in enumerate(columns)}
    kind = msgspec.defstruct(
        "PlainRow", [(name, str) for name in names], rename=names, forbid_unknown_fields=True,
        gc=False,
    )  # fmt: skip
    return msgspec.json.Decoder(kind)


def may_hold_list(encoded: bytes) -> bool:
    """Whether a cell may hold a list, such as of messages, as text; False is certain."""
    return b"[" in encoded and LIST_AS_TEXT.search(encoded) is not None
