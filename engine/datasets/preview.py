"""The first rows of a file, long before all of it is read."""

from itertools import islice
from pathlib import Path

from engine.datasets.conversation import RowError, example_of, shown
from engine.datasets.detect import columns_of, detect_mapping
from engine.datasets.readers import sample_records
from engine.datasets.source import find_source
from engine.protocol.data_files import PACKED_ENDINGS, is_document_name
from engine.protocol.dataset_specs import Mapping
from engine.protocol.problems import Refused
from engine.protocol.records import DataPreview, Row

SHOWN = 100  # rows


def preview_data(path: Path, mapping: Mapping | None) -> DataPreview:
    """What the beginning of a plain data file holds.

    Raises Refused for what must be read as a whole first: folders, archives and documents.
    """
    if not path.is_file() or path.name.lower().endswith(PACKED_ENDINGS):
        raise _no_preview(path)
    source = find_source(path, brief=True)
    if is_document_name(path.name):
        raise _no_preview(path)
    records = sample_records(source)
    mapping = mapping or detect_mapping(records, path.name)
    rows: list[Row] = []
    for record in islice(records, SHOWN):
        cells = {name: text for name, cell in record.cells.items() if (text := shown(cell))}
        try:
            example = example_of(cells, mapping)
        except RowError:
            continue
        rows.append(Row(len(rows) + 1, record.line, "train", example.messages, cells))
    return DataPreview(mapping, columns_of(records), tuple(rows), source.shown_encoding)


def _no_preview(path: Path) -> Refused:
    return Refused(
        "datasets.no-preview", f"{path.name} is read as a whole first.", "Its rows follow.",
        status=404,
    )  # fmt: skip
