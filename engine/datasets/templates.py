"""A person's own template in place of the base's chat template: for rows, and for chats.

A name in a template is a column of the file. `system`, `user`, `input` and `assistant` also stand
for what the dataset's mapping uses as such, where the file has no column of that name.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from engine.datasets.cells import as_turns
from engine.datasets.field_template import FieldTemplate
from engine.datasets.pieces import Piece, fault, merged
from engine.datasets.row_file import read_rows
from engine.datasets.template_turns import TemplateTurns, hermes_turns, template_turns
from engine.datasets.tools import CALLS
from engine.protocol.dataset_specs import Mapping as ColumnMapping
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.protocol.records import Row

PARTS = ("system", "user", "input", "assistant")
TRIED_ROWS = 100
ANSWER = "answer"  # stands where the reply will be; what comes from it on is cut off
Turns = Sequence[tuple[str, str]]  # (role, content)


class Compiled(Protocol):
    """A template's text in either syntax, read once."""

    whole: bool  # takes all messages at once
    names: tuple[str, ...]
    required: dict[str, int]  # names that must be there, and their lines
    before: tuple[str, ...] | None  # names before the first learned part; None: unknown
    learned: tuple[str, ...] | None

    def pieces(self, values: Mapping[str, object]) -> list[Piece]: ...


class SpecialTokens(Protocol):
    """The part of a tokenizer that templates write."""

    @property
    def bos_token(self) -> str | None: ...
    @property
    def eos_token(self) -> str | None: ...


class NoTokens(Struct, frozen=True):
    """For trying a template before there is a base."""

    bos_token: str | None = None
    eos_token: str | None = None


class Exchange(Struct, frozen=True):
    user: str = ""
    assistant: str = ""


class Talk(Struct, frozen=True):
    """A conversation as templates see it; questions in a row are one."""

    system: str = ""
    exchanges: tuple[Exchange, ...] = ()
    asked: str = ""  # the question that is not answered yet


def bound(
    template: Template | None, mapping: ColumnMapping, columns: Sequence[str]
) -> Template | None:
    """The template with what each of its names stands for in this dataset.

    Raises Refused naming the line when its text is wrong or a column is not there.
    """
    if template is None:
        return None
    compiled = _compiled(template.syntax, template.text)
    found: dict[str, str] = {}
    for name in compiled.names:
        if name in columns:
            found[name] = name
        elif name in PARTS:
            found[name] = getattr(mapping, name)
        elif name in compiled.required:
            raise fault(
                compiled.required[name],
                f"there is no column '{name}'",
                f"The dataset has: {', '.join(columns[:30])}.",
                code="template.unknown-column",
            )
    return replace(template, columns=found, roles=_roles(compiled, found, mapping))


def _roles(compiled: Compiled, found: dict[str, str], mapping: ColumnMapping) -> dict[str, str]:
    """Which names a conversation fills: by the mapping where it fits their place, else by that.

    The question is the last column before the first learned part, the answer the first in one.
    """
    parts = {getattr(mapping, part): part for part in PARTS if getattr(mapping, part)}
    roles = {name: name for name in found if name in PARTS and name not in found.values()}
    roles |= {name: parts[column] for name, column in found.items() if column in parts}
    if compiled.before is None or compiled.learned is None:
        return roles
    places = {"user": compiled.before[::-1], "assistant": compiled.learned}
    roles = {name: role for name, role in roles.items() if name in places.get(role, (name,))}
    for role, names in places.items():
        if role not in roles.values():
            roles |= {name: role for name in names[:1] if name not in roles}
    return roles


def row_pieces(row: Row, template: Template, tokens: SpecialTokens) -> list[Piece]:
    """A row's text; joined, the pieces are all of it.

    A row of several exchanges is the template once for each of them, unless the template goes
    through `messages` itself; only the last exchange has the `input` column. Raises Refused.
    """
    compiled = _compiled(template.syntax, template.text)
    talk = _talk(row.messages)
    exchanges = (talk.exchanges[-1:] if compiled.whole else talk.exchanges) or (Exchange(),)
    answers = [at for at, (role, _) in enumerate(row.messages) if role in ("assistant", CALLS)]
    given = _given(tokens, template, row.messages[: answers[-1] + 1] if answers else ())
    pieces: list[Piece] = []
    for exchange in exchanges:
        last = exchange is exchanges[-1]
        values = {
            name: _value(name, template, row, talk.system, exchange, last=last)
            for name in template.columns
        }
        try:
            pieces += compiled.pieces(given | values if not compiled.whole else values | given)
        except Refused as refusal:
            problem = refusal.problem
            where = f"Row {row.number} (line {row.line}) cannot be rendered."
            raise Refused(problem.code, f"{where} {problem.message}", problem.hint) from refusal
    return merged(pieces)


def prompt_pieces(turns: Turns, template: Template, tokens: SpecialTokens) -> list[Piece]:
    """The text of a conversation up to where the reply begins, as it is for a row.

    Columns that play no part in a conversation are empty. A template that has no place for a
    question is followed by the question itself, which the model then goes on with. A system
    prompt is left out where the template has no place for it.
    """
    compiled = _compiled(template.syntax, template.text)
    talk = _talk(turns)
    given = _given(tokens, template, [*turns, ("assistant", ANSWER)])
    pieces: list[Piece] = []
    for exchange in () if compiled.whole else talk.exchanges:
        pieces += compiled.pieces(given | _spoken(template, talk.system, exchange))
    values = _spoken(template, talk.system, Exchange(talk.asked, ANSWER))
    final = compiled.pieces(given | values if not compiled.whole else values | given)
    learned = [at for at, piece in enumerate(final) if piece.loss]
    if not learned:
        raise fault(0, "it has no place for the reply", "Mark what is learned in every case.")
    pieces += final[: learned[-1] if compiled.whole else learned[0]]
    if not compiled.whole and "user" not in template.roles.values():
        pieces.append(Piece(talk.asked, loss=False))
    return merged(pieces)


def try_rows(template: Template | None, folder: Path) -> None:
    """Render the first rows of a folder; raises Refused naming the row that cannot be."""
    if template is None:
        return
    for row in read_rows(folder):
        if row.number > TRIED_ROWS:
            break
        row_pieces(row, template, NoTokens())


@lru_cache(maxsize=8)
def _compiled(syntax: str, text: str) -> Compiled:
    if syntax == "fields":
        return FieldTemplate(text)
    from engine.datasets.jinja_template import JinjaTemplate

    return JinjaTemplate(text)


def _given(tokens: SpecialTokens, template: Template, turns: Turns) -> dict[str, object]:
    shaped = template_turns(turns, template.text) if turns else TemplateTurns([])
    return {
        "bos_token": tokens.bos_token or "",
        "eos_token": tokens.eos_token or "",
        "add_generation_prompt": False,
        "messages": shaped.turns,
        "tools": shaped.tools,
    }


def _value(
    name: str, template: Template, row: Row, system: str, exchange: Exchange, *, last: bool
) -> str:
    """What a name stands for in one exchange of a row."""
    role = template.roles.get(name, "")
    cell = row.cells.get(template.columns[name], "")
    if role in ("user", "assistant"):
        own = last and template.columns[name] and as_turns(cell) is None
        return cell if own else getattr(exchange, role)
    if role == "input":
        return cell if last else ""
    return cell if template.columns[name] or role != "system" else system


def _spoken(template: Template, system: str, exchange: Exchange) -> dict[str, str]:
    """What every name stands for where there are no columns."""
    spoken = {"system": system, "user": exchange.user, "assistant": exchange.assistant}
    return {name: spoken.get(template.roles.get(name, ""), "") for name in template.columns}


def _talk(turns: Turns) -> Talk:
    system, asked = "", ""
    exchanges: list[Exchange] = []
    for turn in hermes_turns(turns) if turns else ():
        role, content = turn["role"], turn["content"]
        if role == "system":
            system = f"{system}\n\n{content}" if system else content
        elif role == "user":
            asked = f"{asked}\n\n{content}" if asked else content
        elif role == "assistant":
            exchanges.append(Exchange(asked, content))
            asked = ""
    return Talk(system, tuple(exchanges), asked)
