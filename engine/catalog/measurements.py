"""What training cost on this machine, for the forecast."""

import msgspec
import sqlite_utils

from engine.protocol.method_specs import MethodSpec, kind_of, size_of, targets_of
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

    def nearest(self, base_fingerprint: str, method: MethodSpec) -> Measurement | None:
        """The measurement of this base, method and modules whose size is closest, or None."""
        row = self._connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM measurements"
            " WHERE base_fingerprint = ? AND method = ? AND target_modules = ?"
            " ORDER BY abs(rank - ?), measured_at DESC LIMIT 1",
            (base_fingerprint, kind_of(method), targets_of(method), size_of(method)),
        ).fetchone()
        return Measurement(*row) if row else None

    def of_base(self, base_fingerprint: str) -> Measurement | None:
        """A measurement of this base with any method, LoRA's rather than another's; or None."""
        row = self._connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM measurements WHERE base_fingerprint = ?"
            " ORDER BY method = 'lora' DESC, target_modules = 'all-linear' DESC,"
            " measured_at DESC LIMIT 1",
            (base_fingerprint,),
        ).fetchone()
        return Measurement(*row) if row else None
