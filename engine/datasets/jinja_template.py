"""Templates as in Hugging Face: Jinja, with `{% generation %}` around what is to be learned."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.meta import find_undeclared_variables
from jinja2.parser import Parser

from engine.datasets.jinja_sandbox import LIMIT, Bounded, Sandbox
from engine.datasets.pieces import Piece, fault
from engine.protocol.problems import Refused

FILE = "<template>"
GIVEN = frozenset({"messages", "bos_token", "eos_token", "add_generation_prompt"})
FAULTS = (
    jinja2.TemplateError, ArithmeticError, AssertionError, AttributeError, LookupError,
    MemoryError, RuntimeError, SyntaxError, TypeError, ValueError,
)  # fmt: skip


class LearnedBlocks(Extension):
    """`{% generation %}`: its text comes out between two marks that nothing else can write."""

    tags = {"generation"}  # noqa: RUF012 (Jinja's own declaration)

    def __init__(self, environment: jinja2.Environment) -> None:
        super().__init__(environment)
        secret = secrets.randbits(64)
        self.opening, self.closing = f"\ue000{secret}<", f"\ue000{secret}>"
        self.count = 0

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        self.count += 1
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("marked", lineno=line)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def marked(self, caller: Callable[[], str]) -> str:
        return f"{self.opening}{caller()}{self.closing}"


class JinjaTemplate:
    """A template's text, read once. Raises Refused naming the line that is wrong."""

    before: tuple[str, ...] | None = None  # cannot be told from the text
    learned: tuple[str, ...] | None = None

    def __init__(self, text: str) -> None:
        self._environment = Sandbox([LearnedBlocks])
        try:
            tree = self._environment.parse(text)
            names = find_undeclared_variables(tree)
            self.required = _only_written(tree, names)
            code = self._environment.compile(Bounded().visit(tree), filename=FILE)
        except FAULTS as error:
            raise _refused(error) from error
        self._template = jinja2.Template.from_code(
            self._environment, code, self._environment.globals
        )
        blocks = self._environment.extensions[LearnedBlocks.identifier]
        assert isinstance(blocks, LearnedBlocks)
        self._blocks = blocks
        if not blocks.count:
            raise fault(
                0,
                "what is to be learned is not marked",
                "Put {% generation %} before it and {% endgeneration %} after it.",
            )
        self.whole = "messages" in names  # a row of several exchanges is rendered at once
        self.names = tuple(sorted(names - GIVEN))

    def pieces(self, values: Mapping[str, object]) -> list[Piece]:
        """The text, each generation block a piece of its own. Raises Refused with the line."""
        self._environment.refill()
        chunks: list[str] = []
        size = 0
        try:
            for chunk in self._template.generate(values):
                chunks.append(chunk)
                size += len(chunk)
                if size > LIMIT:
                    raise fault(0, f"the text is longer than {LIMIT:,} characters", "Shorten it.")
        except FAULTS as error:
            raise _refused(error) from error
        return self._parted("".join(chunks))

    def _parted(self, text: str) -> list[Piece]:
        opening, closing = self._blocks.opening, self._blocks.closing
        first, *others = text.split(opening)
        pieces = [Piece(first, loss=False)]
        for other in others:
            learned, *after = other.split(closing)
            if len(after) != 1:
                raise fault(0, "a generation block is inside another or cut", "End each block.")
            pieces += [Piece(learned, loss=True), Piece(after[0], loss=False)]
        return pieces


def _only_written(tree: nodes.Template, names: set[str]) -> dict[str, int]:
    """Names that are written and nowhere asked for: they have to be there. With their lines."""
    read = Counter(node.name for node in tree.find_all(nodes.Name) if node.ctx == "load")
    written = [
        node
        for output in tree.find_all(nodes.Output)
        for node in output.nodes
        if isinstance(node, nodes.Name)
    ]
    times = Counter(node.name for node in written)
    return {
        node.name: node.lineno
        for node in reversed(written)
        if node.name in names - GIVEN and times[node.name] == read[node.name]
    }


def _refused(error: BaseException) -> Refused:
    words = error.message if isinstance(error, jinja2.TemplateSyntaxError) else str(error)
    reason = " ".join((words or "").split())[:300] or type(error).__name__
    if isinstance(error, RecursionError):
        reason = "it calls itself without end, or is nested too deeply"
    elif isinstance(error, MemoryError):
        reason = "it takes too much memory"
    line = error.lineno if isinstance(error, jinja2.TemplateSyntaxError) else _line(error)
    return fault(line or 0, reason, "Correct that line; the preview shows what it makes of a row.")


def _line(error: BaseException) -> int:
    """The line of the template that was at work, 0 when it cannot be told."""
    line = 0
    at: TracebackType | None = error.__traceback__
    while at is not None:
        frame: Any = at.tb_frame
        if frame.f_code.co_filename == FILE:
            line = at.tb_lineno
        at = at.tb_next
    return line
