"""Opens the catalog's SQLite file the one way it may be opened."""

import logging
import sqlite3
import time
from pathlib import Path

import sqlite_utils

from engine.catalog.migrations import MIGRATIONS
from engine.protocol.problems import Refused

log = logging.getLogger(__name__)
KEPT_BACKUPS = 5


def open_database(path: Path) -> sqlite_utils.Database:
    """The catalog, migrated to this version's schema.

    There is one connection in one process: SQLite before 3.51.3 can corrupt a WAL that two
    connections checkpoint at once. Raises Refused for a schema newer than this version knows.
    """
    fresh = not path.exists()
    connection = sqlite3.connect(path, isolation_level=None)
    path.chmod(0o600)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # NORMAL loses commits when the power fails
    connection.execute("PRAGMA foreign_keys = ON")
    database = sqlite_utils.Database(connection)
    _migrate(database, path, fresh=fresh)
    return database


def _migrate(database: sqlite_utils.Database, path: Path, *, fresh: bool) -> None:
    database.conn.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at REAL NOT NULL)"
    )
    applied = {name for (name,) in database.conn.execute("SELECT name FROM migrations")}
    unknown = applied - {migration.__name__ for migration in MIGRATIONS}
    if unknown:
        raise Refused(
            "catalog.newer",
            f"The catalog was written by a newer Adapter Studio ({', '.join(sorted(unknown))}).",
            "Start that newer version, or restore a backup from the data folder.",
        )
    missing = [migration for migration in MIGRATIONS if migration.__name__ not in applied]
    if missing and not fresh:
        back_up(database, path.parent / "backups")
    for migration in missing:
        log.info("Applying %s", migration.__name__)
        database.conn.execute("BEGIN IMMEDIATE")
        try:
            for statement in migration():
                database.conn.execute(statement)
            database.conn.execute(
                "INSERT INTO migrations VALUES (?, ?)", (migration.__name__, time.time())
            )
        except BaseException:
            database.conn.execute("ROLLBACK")
            raise
        database.conn.execute("COMMIT")


def back_up(database: sqlite_utils.Database, folder: Path) -> Path:
    """Write a whole copy beside the catalog and keep the newest `KEPT_BACKUPS`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"catalog-{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 1_000_000:06}.db"
    database.conn.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)
    for old in sorted(folder.glob("catalog-*.db"))[:-KEPT_BACKUPS]:
        old.unlink()
    return target
