import sqlite3
from pathlib import Path

from msgspec.structs import replace

from engine.catalog.catalog import Catalog
from engine.catalog.migrations import MIGRATIONS
from engine.protocol.dataset_specs import Template
from engine.protocol.events import Event
from engine.protocol.records import Adapter, Dataset, MetricPoint, Run
from engine.protocol.specs import TrainSpec

MINE = Template("Mine", "fields", "{a} {b}", columns={"a": "a", "b": "b"}, roles={"a": "user"})


def test_templates_come_back_with_their_records(tmp_path: Path) -> None:
    events: list[Event] = []
    catalog = Catalog(tmp_path, events.append)
    for number, template in enumerate((MINE, None)):
        name = str(number)
        dataset = Dataset(name, name, 1, "/d", "s", "/s", template=template)
        adapter = Adapter(name, name, 1, "/a", "h", template=template)
        assert catalog.datasets.get(catalog.datasets.put(dataset).id) == dataset
        assert catalog.adapters.get(catalog.adapters.put(adapter).id) == adapter
        catalog.keep_version(dataset)
        assert catalog.dataset_version(name, 1) == dataset
    catalog.close()


RUN = Run("r", 1, "one", "", TrainSpec("b", "d"), "Base", "Data", 1, "/run")
POINT = MetricPoint(1, 0.1, 2.0, None, 1e-3, 50.0, 10, 1.0, 0.7, 0.5, 0.9, 20)


def test_every_figure_of_a_step_comes_back(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, lambda event: None)
    catalog.runs.put(RUN)
    unknown = replace(POINT, step=2, gpu_share=None, gpu_memory_bytes=None)
    catalog.metrics.add(RUN.id, [POINT, unknown])
    assert catalog.metrics.of(RUN.id) == (POINT, unknown)
    catalog.close()


def test_an_older_catalog_keeps_its_figures_and_takes_the_new_ones(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "catalog.db")
    older.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at REAL NOT NULL)")
    for migration in MIGRATIONS[:2]:
        for statement in migration():
            older.execute(statement)
        older.execute("INSERT INTO migrations VALUES (?, 1.0)", (migration.__name__,))
    older.execute(
        "INSERT INTO runs (id, number, name, spec, path, state) VALUES ('r', 1, '', '', '', '')"
    )
    older.execute(
        "INSERT INTO metrics (run, step, epoch, train_loss, at) VALUES ('r', 1, 0.5, 2.5, 3.0)"
    )
    older.commit()
    older.close()
    catalog = Catalog(tmp_path, lambda event: None)
    catalog.metrics.add("r", [replace(POINT, step=2)])
    assert catalog.metrics.of("r") == (
        MetricPoint(1, 0.5, train_loss=2.5, at=3.0),
        replace(POINT, step=2),
    )
    assert len(list((tmp_path / "backups").glob("catalog-*.db"))) == 1
    catalog.close()
