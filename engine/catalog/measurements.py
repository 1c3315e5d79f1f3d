"""What training cost on this machine, for the forecast."""

import msgspec
import sqlite_utils

from engine.protocol.tasks import Measurement

COLUMNS = Measurement.__struct_fields__


class Measurements:
    def __init__(self, database: sqlite_utils.Database) -> None:
        self._connection = database.conn

    def put(self, measurement: Measurement) -> None:
        marks = ", ".join("?" * len(COLUMNS))
        self._connection.execute(
            f"INSERT OR REPLACE INTO measurements ({', '.join(COLUMNS)}) VALUES ({marks})",
            msgspec.structs.astuple(measurement),
        )

    def nearest(self, base_fingerprint: str, target_modules: str, rank: int) -> Measurement | None:
        """The measurement of this base with these modules whose rank is closest, or None."""
        row = self._connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM measurements"
            " WHERE base_fingerprint = ? AND target_modules = ?"
            " ORDER BY abs(rank - ?), measured_at DESC LIMIT 1",
            (base_fingerprint, target_modules, rank),
        ).fetchone()
        return Measurement(*row) if row else None
