"""Token lengths by dataset version and tokenizer."""

import msgspec
import sqlite_utils
from msgspec.structs import replace

from engine.protocol.records import BaseModel, Dataset, TokenStats


class TokenStatsTable:
    def __init__(self, database: sqlite_utils.Database) -> None:
        self._connection = database.conn

    def put(self, stats: TokenStats) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO token_stats VALUES (?, ?, ?, ?, ?)",
            (
                stats.dataset,
                stats.version,
                stats.tokenizer_hash,
                stats.template_hash,
                msgspec.json.encode(stats).decode(),
            ),
        )

    def copy(self, dataset: Dataset, version: int) -> None:
        """What is known of a version holds for another one with the same rows."""
        for (record,) in self._connection.execute(
            "SELECT record FROM token_stats WHERE dataset = ? AND version = ?",
            (dataset.id, dataset.version),
        ).fetchall():
            self.put(replace(msgspec.json.decode(record, type=TokenStats), version=version))

    def get(self, dataset: Dataset, base: BaseModel) -> TokenStats | None:
        """What is known of this very version under this base, or None."""
        row = self._connection.execute(
            "SELECT record FROM token_stats WHERE dataset = ? AND version = ?"
            " AND tokenizer_hash = ? AND template_hash = ?",
            (dataset.id, dataset.version, base.tokenizer_hash, base.template_hash),
        ).fetchone()
        return msgspec.json.decode(row[0], type=TokenStats) if row else None
