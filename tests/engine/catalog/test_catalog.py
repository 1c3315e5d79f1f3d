from pathlib import Path

from engine.catalog.catalog import Catalog
from engine.protocol.dataset_specs import Template
from engine.protocol.events import Event
from engine.protocol.records import Adapter, Dataset

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
