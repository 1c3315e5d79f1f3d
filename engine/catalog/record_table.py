"""A table of one kind of record: a column per field, and a word to whoever watches."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec
import sqlite_utils
from msgspec import Struct
from msgspec.inspect import DictType, StructType, TupleType, UnionType, VarTupleType, type_info

R = TypeVar("R", bound=Struct)
NESTED = (DictType, StructType, TupleType, VarTupleType)


class RecordTable(Generic[R]):
    """Rows of `name` as frozen structs with an `id`.

    `references` are columns whose empty string is kept as NULL, so that foreign keys hold.
    `changed` and `removed` are called after the commit. A record that was only announced (see
    `announce`) is what readers see until it is put or removed.
    """

    def __init__(
        self,
        database: sqlite_utils.Database,
        name: str,
        record_type: type[R],
        *,
        changed: Callable[[R], None],
        removed: Callable[[str], None],
        references: tuple[str, ...] = (),
    ) -> None:
        self._database = database
        self._name = name
        self._type = record_type
        self._changed = changed
        self._removed = removed
        self._references = references
        self._nested = frozenset(_nested_fields(record_type))
        self._announced: dict[str, R] = {}

    def put(self, record: R) -> R:
        """Insert or replace the whole record, durably, then say so."""
        row = self._to_row(record)
        self._database.table(self._name).upsert(row, pk="id")
        self._announced.pop(row["id"], None)
        self._changed(record)
        return record

    def announce(self, record: R) -> R:
        """Show progress that may be lost, without a commit; the record was put before."""
        self._announced[record.id] = record  # type: ignore[attr-defined]
        self._changed(record)
        return record

    def get(self, identifier: str) -> R | None:
        return next(self.where("id = ?", identifier), None)

    def all(self) -> tuple[R, ...]:
        return tuple(self.where("1 = 1"))

    def where(self, condition: str, *values: Any) -> Iterator[R]:
        """Records that meet an SQL condition, oldest first."""
        rows = self._database.table(self._name).rows_where(
            condition, values, order_by="created_at, id"
        )
        return (self._to_record(row) for row in rows)

    def remove(self, identifier: str) -> None:
        self._database.conn.execute(f"DELETE FROM {self._name} WHERE id = ?", (identifier,))
        self._announced.pop(identifier, None)
        self._removed(identifier)

    def _to_row(self, record: R) -> dict[str, Any]:
        row: dict[str, Any] = msgspec.to_builtins(record)
        for field in self._nested:
            row[field] = None if row[field] is None else msgspec.json.encode(row[field]).decode()
        for field in self._references:
            row[field] = row[field] or None
        return row

    def _to_record(self, row: dict[str, Any]) -> R:
        if row["id"] in self._announced:
            return self._announced[row["id"]]
        for field in self._nested:
            if row[field] is not None:
                row[field] = msgspec.json.decode(row[field])
        for field in self._references:
            row[field] = row[field] or ""
        return msgspec.convert(row, self._type, strict=False)


def _nested_fields(record_type: type[Struct]) -> Iterator[str]:
    info = type_info(record_type)
    assert isinstance(info, StructType)
    for field in info.fields:
        options = field.type.types if isinstance(field.type, UnionType) else (field.type,)
        if any(isinstance(option, NESTED) for option in options):
            yield field.name
