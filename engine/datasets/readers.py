"""Which reader a file gets: decided by its content, the ending only breaks ties."""

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from engine.datasets.batch import Batch
from engine.datasets.cells import shown
from engine.datasets.csv_reader import read_csv
from engine.datasets.findings import Findings
from engine.datasets.json_lines import read_line_blocks
from engine.datasets.json_reader import is_lines, read_json
from engine.datasets.plain_rows import PlainReader
from engine.datasets.source import Progress, Record, Source
from engine.protocol.data_files import is_document_name

SNIFF = 65_536  # characters
BATCH = 2_000  # records
Reader = Callable[[Source, Findings, Progress], Iterator[Record]]
SAMPLE_RECORDS, SAMPLE_SIZE = 500, 8_000_000  # characters


def read_records(source: Source, findings: Findings, progress: Progress) -> Iterator[Record]:
    """Every record of a JSON, JSON Lines, CSV, TSV, Parquet or Arrow file, streamed.

    What cannot be read goes to `findings`; raises Refused when the whole file cannot.
    """
    findings.file = source.name
    return _reader_of(source)(source, findings, progress)


def read_batches(
    source: Source, findings: Findings, progress: Progress, plain: PlainReader | None
) -> Iterator[Batch]:
    """The same records many at a time: for lines of JSON much faster.

    `plain` reads them as plain rows at once, whose cells may then be left out.
    """
    findings.file = source.name
    reader = _reader_of(source)
    if reader is read_json and source.encoding in ("utf-8", "ascii") and is_lines(source):
        for batch in read_line_blocks(source, findings, progress, plain):
            yield msgspec.structs.replace(batch, split=source.split)
        return
    records = reader(source, findings, progress)
    while many := list(islice(records, BATCH)):
        yield Batch([each.line for each in many], [each.cells for each in many], split=source.split)


def _reader_of(source: Source) -> Reader:
    if not source.encoding:
        from engine.datasets.table_reader import read_table  # pyarrow: only where it is needed

        return read_table
    if _is_json(source):
        return read_json
    if is_document_name(source.name):
        from engine.datasets.documents import read_document  # and the readers of documents

        return read_document
    return read_csv


def sample_records(source: Source) -> list[Record]:
    """The first readable records, at most 500 and about 8 MB, to see what the file holds."""
    records = []
    size = 0
    findings = Findings(source.name)
    for record in read_records(source, findings, lambda share: None):
        records.append(record)
        size += sum(len(shown(cell)) for cell in record.cells.values())
        if len(records) == SAMPLE_RECORDS or size > SAMPLE_SIZE or findings.full:
            break
    return records


def _is_json(source: Source) -> bool:
    with source.open() as text:
        beginning = text.read(SNIFF).lstrip("\ufeff\0 \t\r\n")
    if source.path.suffix.lower() in (".csv", ".tsv"):
        return beginning.startswith(('{"', "[{"))
    return beginning.startswith(("{", "[")) or source.path.suffix.lower() in (
        ".json",
        ".jsonl",
        ".ndjson",
    )
