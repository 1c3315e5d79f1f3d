"""The figures of every run, step by step."""

from collections.abc import Iterable

import msgspec
import sqlite_utils

from engine.protocol.records import MetricPoint

COLUMNS = MetricPoint.__struct_fields__


class MetricsTable:
    """Points by run; a resumed run first forgets what its checkpoint does not know."""

    def __init__(self, database: sqlite_utils.Database) -> None:
        self._connection = database.conn

    def add(self, run: str, points: Iterable[MetricPoint]) -> None:
        """Append points, in one commit."""
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        rows = [(run, *msgspec.structs.astuple(point)) for point in points]
        self._connection.execute("BEGIN")
        self._connection.executemany(
            f"INSERT INTO metrics (run, {', '.join(COLUMNS)}) VALUES ({marks})", rows
        )
        self._connection.execute("COMMIT")

    def of(self, run: str) -> tuple[MetricPoint, ...]:
        rows = self._connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM metrics WHERE run = ? ORDER BY step, rowid", (run,)
        )
        return tuple(MetricPoint(*row) for row in rows)

    def last_step(self, run: str) -> int:
        """The newest step that is known, 0 before the first."""
        (step,) = self._connection.execute(
            "SELECT max(step) FROM metrics WHERE run = ?", (run,)
        ).fetchone()
        return step or 0

    def forget_after(self, run: str, step: int) -> None:
        self._connection.execute("DELETE FROM metrics WHERE run = ? AND step > ?", (run, step))
