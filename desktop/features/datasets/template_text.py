"""The field a template is written in: mono, with its marks lit and its faulty line marked."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import (
    QColor,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from desktop.core.theme import Theme, repolish
from desktop.core.tokens import Token
from desktop.features.datasets.template_marks import (
    Kind,
    Span,
    Syntax,
    learned_marks,
    lines_of,
    named,
)

TONES: dict[Kind, Token] = {"text": "text2", "name": "text", "mark": "text3"}


def text_in(document: QTextDocument) -> str:
    """As it was written; `toPlainText` would make spaces of no-break spaces."""
    return document.toRawText().replace("\u2029", "\n")


class TemplateHighlighter(QSyntaxHighlighter):
    """What is learned has the ground that it has in the token view."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = theme
        self.syntax: Syntax = "fields"
        self._lines: list[list[Span]] = []
        self._known: tuple[int, Syntax] = (-1, "fields")
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        document = self.document()
        known = (document.revision(), self.syntax)
        if known != self._known:
            self._known = known
            self._lines = lines_of(text_in(document), self.syntax)
        number = self.currentBlock().blockNumber()
        for span in self._lines[number] if number < len(self._lines) else ():
            start = units(text, span.start)
            self.setFormat(start, units(text, span.end) - start, self._format(span))

    def _format(self, span: Span) -> QTextCharFormat:
        looks = QTextCharFormat()
        learned = span.learned and span.kind != "mark"
        looks.setForeground(self._theme.colour("accent" if learned else TONES[span.kind]))
        if span.learned:
            looks.setBackground(self._theme.colour("accentSoft"))
        return looks


def units(text: str, characters: int) -> int:
    """Qt counts a character beyond the first 65,536 as two."""
    before = text[:characters]
    return len(before) if before.isascii() else len(before.encode("utf-16-le")) // 2


class TemplateText(QPlainTextEdit):
    """`edited` when the person has changed the text; what the program sets is no edit."""

    edited = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self._line = 0
        self.highlighter = TemplateHighlighter(theme, self.document())
        self.setAccessibleName("Template")
        self.setProperty("field", True)
        self.setTabChangesFocus(True)
        self.setPlaceholderText(
            "The model's own template. Choose another above, or write one here."
        )
        self.textChanged.connect(self._on_change)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        return text_in(self.document())

    @property
    def syntax(self) -> Syntax:
        return self.highlighter.syntax

    def show_text(self, text: str, syntax: Syntax) -> None:
        if (text, syntax) == (self.text, self.syntax):
            return
        self.highlighter.syntax = syntax
        if text != self._text:
            self._text = text
            with QSignalBlocker(self):
                self.setPlainText(text)
        self.highlighter.rehighlight()

    def insert_name(self, name: str) -> None:
        """At the cursor, in place of what is chosen."""
        self.textCursor().insertText(named(name, self.syntax))
        self.setFocus()

    def learn_selection(self) -> None:
        """Marks around what is chosen; around the cursor when nothing is."""
        opening, closing = learned_marks(self.syntax)
        cursor = self.textCursor()
        chosen = cursor.selectedText().replace("\u2029", "\n")
        cursor.insertText(f"{opening}{chosen}{closing}")
        cursor.movePosition(
            QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.MoveAnchor, len(closing)
        )
        self.setTextCursor(cursor)
        self.setFocus()

    def mark_fault(self, message: str, line: int) -> None:
        """An empty message: there is none."""
        self._line = line if message else 0
        self.setAccessibleDescription(message)
        if bool(self.property("bad")) != bool(message):
            self.setProperty("bad", bool(message))
            repolish(self)
        self._mark_line()

    def marked_line(self) -> int:
        return self._line

    def _on_change(self) -> None:
        """Lighting the marks also reports a change of the text, which is none."""
        text = self.text
        if text != self._text:
            self._text = text
            self.highlighter.rehighlight()  # a mark may light lines far above it
            self.edited.emit()

    def _restyle(self) -> None:
        self.setFont(self._theme.font("mono"))
        self._mark_line()

    def _mark_line(self) -> None:
        block = self.document().findBlockByNumber(self._line - 1) if self._line else None
        selections = []
        if block is not None and block.isValid():
            mark = QTextEdit.ExtraSelection()
            ground: QColor = self._theme.colour("errSoft")
            mark.format.setBackground(ground)
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            mark.cursor = QTextCursor(block)
            selections.append(mark)
        self.setExtraSelections(selections)
