"""What commands print: records as JSON for programs, tables for people."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., object])

PIPE_WIDTH = 200  # columns when nobody's terminal says how many there are


def json_option(command: F) -> F:
    """Add `--json` to a reading command."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the engine's own records as JSON."
    )(command)


def print_json(value: object) -> None:
    """Records exactly as the protocol has them, indented."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def note(text: str) -> None:
    """A line beside the result: standard error, so that pipes carry results alone."""
    print(text, file=sys.stderr, flush=True)


def visible(text: str) -> str:
    """Foreign text that cannot steer the terminal: control characters become their escapes."""
    return "".join(
        character if character in "\n\t" or _harmless(character) else ascii(character)[1:-1]
        for character in text
    )


def _harmless(character: str) -> bool:
    # C0, DEL and C1 controls, then the marks that turn the direction of writing.
    code = ord(character)
    return not (
        code < 32 or 127 <= code < 160 or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    )


def console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if stream.isatty() else PIPE_WIDTH,
    )


Piece = str | tuple[str, str]  # text, or text and its style


def print_line(*pieces: Piece) -> None:
    """Foreign text as it is, however long; styles show on a terminal alone."""
    from rich.text import Text

    line = Text()
    for piece in pieces:
        text, style = (piece, "") if isinstance(piece, str) else piece
        line.append(visible(text), style)
    console().print(line, soft_wrap=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """One line a record; columns whose title ends with ">" align right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column.rstrip(">"), justify="right" if column.endswith(">") else "left")
    for row in rows:
        table.add_row(*(Text(visible(cell).replace("\n", " ")) for cell in row))
    console().print(table)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Labels and values below each other; what is empty is left out."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for label, value in facts:
        if value:
            grid.add_row(label, Text(visible(value)))
    console().print(grid)
