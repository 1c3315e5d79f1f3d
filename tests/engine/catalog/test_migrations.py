"""Catalogs of earlier versions."""

from pathlib import Path

import pytest

from engine.catalog import database
from engine.catalog.catalog import Catalog
from engine.catalog.migrations import MIGRATIONS
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.start_rules import StartRule


def test_jobs_of_a_catalog_without_start_rules_start_when_their_turn_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(database, "MIGRATIONS", MIGRATIONS[:2])
        old = database.open_database(tmp_path / "catalog.db")
    old.conn.execute(
        "INSERT INTO jobs (id, kind, title, state, progress, detail, created_at, subject, attempts,"
        " position) VALUES ('j', 'train', 'Train', 'queued', 0, '', 1, 'r', 0, 0)"
    )
    old.close()
    catalog = Catalog(tmp_path, lambda event: None)
    job = catalog.jobs.get("j")
    assert job == Job("j", JobKind.TRAIN, "Train", JobState.QUEUED, created_at=1, subject="r")
    assert job.start_rule == StartRule()
    catalog.close()
