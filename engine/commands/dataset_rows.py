"""Rows of a dataset in the terminal: one whole, or many in a line each."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from textwrap import shorten
from urllib.parse import urlencode

from msgspec.structs import asdict

from engine.client import EngineClient
from engine.commands.output import note, print_line, print_table
from engine.commands.progress import watch
from engine.protocol.dataset_specs import RowQuery
from engine.protocol.jobs import JobKind
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, Row, RowPage

PAGE = 1000  # rows that the engine gives at once
SHOWN = 20  # rows unless a range is given
EXCERPT = 70  # characters of a question or an answer in a line of a pipe
OTHER_COLUMNS = 26  # characters beside the two excerpts
ROLE = "bold cyan"


def one_row(client: EngineClient, dataset: Dataset, number: int) -> Row:
    """The row of that number. Raises Refused when there is none."""
    if not 1 <= number <= dataset.rows:
        raise Refused(
            "row.unknown",
            f"{dataset.name} has no row {number:,}.",
            f"Its rows are numbered from 1 to {dataset.rows:,}.",
            status=404,
        )
    return rows_of(client, dataset, RowQuery(), slice(number - 1, number)).rows[0]


def rows_of(
    client: EngineClient, dataset: Dataset, query: RowQuery, wanted: slice, base: str = ""
) -> RowPage:
    """Those of the matching rows, with their token lengths under a base where one is named."""
    pages = [*_pages(client, dataset, query, wanted, base)]
    if base and pages[0].rows and not pages[0].tokens:
        _wait_for_lengths(client, dataset, base)
        pages = [*_pages(client, dataset, query, wanted, base)]
    rows = tuple(row for page in pages for row in page.rows)
    lengths = tuple(length for page in pages for length in page.tokens)
    return RowPage(rows, lengths, pages[0].total, wanted.start)


def _pages(
    client: EngineClient, dataset: Dataset, query: RowQuery, wanted: slice, base: str
) -> Iterator[RowPage]:
    asked = {name: value for name, value in asdict(query).items() if value}
    offset = wanted.start
    while True:
        limit = PAGE if wanted.stop is None else min(PAGE, wanted.stop - offset)
        more = {"offset": offset, "limit": limit, "version": dataset.version, "base": base}
        page = client.get(
            f"/api/datasets/{dataset.id}/rows?{urlencode({**asked, **more})}", RowPage
        )
        yield page
        offset += limit
        if offset >= page.total or (wanted.stop is not None and offset >= wanted.stop):
            return


def _wait_for_lengths(client: EngineClient, dataset: Dataset, base: str) -> None:
    """The engine counts tokens when they are first asked for."""
    subject = f"{dataset.id}/{dataset.version}/{base}"
    for job in client.state().jobs:
        if job.kind is JobKind.COUNT_TOKENS and job.subject == subject and job.active:
            watch(client, job)


def print_row(row: Row) -> None:
    """Its messages, then its cells as the file has them."""
    print_line((f"Row {row.number:,}, line {row.line:,}, {row.split}{_worth(row)}", "dim"))
    for role, text in row.messages:
        _passage(role, text)
    for role, text in row.rejected:
        _passage(f"rejected {role}", text)
    if row.cells:
        print_line("")
        print_line(("Columns", "dim"))
    for column, text in row.cells.items():
        print_line((f"{column} = ", ROLE), text)


def print_rows(page: RowPage, *, whole: bool) -> None:
    """A line each, and how many more there are unless the range was asked for."""
    room = _room()
    lines = [[str(row.number), row.split, *_excerpts(row, room)] for row in page.rows]
    columns = ["Row>", "Split", "Asked", "Answer"]
    if page.tokens:
        columns.append("Tokens>")
        for line, length in zip(lines, page.tokens, strict=True):
            line.append(f"{length:,}")
    print_table(columns, lines)
    shown = page.offset + len(page.rows)
    if shown < page.total and not whole:
        note(f"{page.total - shown:,} more: --rows {shown + 1}-{min(shown + SHOWN, page.total)}")


def excerpt(row: Row, length: int = EXCERPT) -> str:
    """The beginning of its last answer, or of its text."""
    return shorten(row.messages[-1][1], length, placeholder="…")


def _room() -> int:
    if not sys.stdout.isatty():
        return EXCERPT
    return max(12, (shutil.get_terminal_size().columns - OTHER_COLUMNS) // 2)


def _excerpts(row: Row, room: int) -> list[str]:
    asked = _last(row.messages[:-1], "user")
    return [shorten(asked, room, placeholder="…"), excerpt(row, room)]


def _last(messages: Sequence[tuple[str, str]], role: str) -> str:
    return next((text for each, text in reversed(messages) if each == role), "")


def _passage(role: str, text: str) -> None:
    print_line("")
    print_line((role, ROLE))
    print_line(text)


def _worth(row: Row) -> str:
    if row.desirable is None:
        return ""
    return ", a good answer" if row.desirable else ", a bad answer"
