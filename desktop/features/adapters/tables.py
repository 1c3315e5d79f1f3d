"""The tables of an adapter's page: training, files, bases."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.adapters.model import Figure, Verdict, fingerprint_text, hash_text
from desktop.workbench.glyph import Glyph
from desktop.workbench.hairline import hairline
from desktop.workbench.label import ElidedLabel, Label
from engine.protocol.records import AdapterFile, BaseModel

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Table(QWidget):
    """Rows 32 high with a line between; the columns keep their width over all rows."""

    def __init__(self, theme: Theme, stretch: Sequence[int], gap: int = 24) -> None:
        super().__init__()
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._grid.setHorizontalSpacing(theme.px(gap))
        for column, share in enumerate(stretch):
            self._grid.setColumnStretch(column, share)
        self._columns = len(stretch)
        self._lines = 0

    def clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._lines = 0

    def add_heads(self, heads: Sequence[tuple[str, Qt.AlignmentFlag]]) -> None:
        labels = [Label(text, "small", "text3") for text, _ in heads]
        for label, (_, alignment) in zip(labels, heads, strict=True):
            label.setAlignment(alignment)
        self.add(labels, high=28)

    def add(self, cells: Sequence[QWidget], high: int = 32) -> None:
        """A row; the line stands above every row but the first."""
        if self._lines:
            self._grid.addWidget(hairline(), self._lines, 0, 1, self._columns)
            self._lines += 1
        for column, cell in enumerate(cells):
            self._grid.addWidget(cell, self._lines, column)
        self._grid.setRowMinimumHeight(self._lines, self._theme.px(high) - 1)
        self._lines += 1


class TrainingTable(Table):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, (3, 2, 5))

    def show_figures(self, figures: Sequence[Figure]) -> None:
        self.clear()
        if not figures:
            self.add([Label("No figures came with it.", "body", "text3")])
            return
        self.add_heads((("Metric", LEFT), ("Value", RIGHT), ("", LEFT)))
        for figure in figures:
            value = Label(figure.value, "section")
            value.setAlignment(RIGHT)
            note = filling(figure.note, "text3")
            cells = [Label(figure.name), value, note]
            for cell in cells if figure.tip else ():
                cell.setToolTip(figure.tip)
            self.add(cells)


class FilesTable(Table):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, (1, 0, 0))

    def show_files(self, files: Sequence[AdapterFile], states: Mapping[str, str]) -> None:
        """`states` are what the engine found on disk, by name; empty while it looks."""
        self.clear()
        self.add_heads((("Name", LEFT), ("Size", RIGHT), ("SHA-256", LEFT)))
        for file in files:
            state = states.get(file.name, "intact")
            size = Label(
                formatting.size(file.size_bytes) if state != "missing" else "missing",
                "body",
                "text2" if state != "missing" else "err",
            )
            size.setAlignment(RIGHT)
            name = filling(file.name, "text" if state == "intact" else "err")
            self.add([name, size, HashButton(self._theme, file, changed=state == "changed")])


class HashButton(QAbstractButton):
    """The shortened hash of a file; a click gives the whole value."""

    def __init__(self, theme: Theme, file: AdapterFile, *, changed: bool) -> None:
        super().__init__()
        self._theme = theme
        self.sha256 = file.sha256
        self._text = "changed since" if changed else hash_text(file.sha256)
        self._tone_changed = changed
        self.setAccessibleName(f"Copy the SHA-256 of {file.name}")
        self.setToolTip(f"{file.sha256}\nClick to copy")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        wide = self._theme.metrics("mono-small").horizontalAdvance(hash_text("0" * 64))
        return QSize(wide + self._theme.px(8), self._theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        lit = self.hasFocus() or self.underMouse()
        tone = self._theme.colour("err" if self._tone_changed else "accent" if lit else "text3")
        painter.setPen(tone)
        painter.setFont(self._theme.font("mono-small"))
        painter.drawText(QRectF(self.rect()), int(LEFT), self._text)
        if self.hasFocus():
            painter.setPen(self._theme.colour("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()


class BasesTable(Table):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, (0, 5, 4, 6, 2), gap=8)

    def show_bases(self, found: Sequence[tuple[BaseModel, Verdict]]) -> None:
        self.clear()
        if not found:
            self.add([Glyph(self._theme, "package", "text3"),
                      Label("No base model in the catalog yet.", "body", "text3")])  # fmt: skip
        for base, verdict in found:
            fingerprint = Label(fingerprint_text(base.fingerprint), "mono-small", "text3")
            fingerprint.setToolTip(base.fingerprint)
            word = Label(verdict.word, "body", verdict.tone)
            word.setAlignment(RIGHT)
            self.add(
                [
                    Glyph(self._theme, "package", "accent"),
                    filling(base.name),
                    fingerprint,
                    filling(verdict.sentence, "text2"),
                    word,
                ]
            )


def filling(text: str, tone: Token = "text") -> ElidedLabel:
    """A cell that takes what the others leave and is cut when that is too little."""
    label = ElidedLabel(text, "body", tone)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label


def column_of(*widgets: QWidget) -> QVBoxLayout:
    """Heading and table, one under the other."""
    column = QVBoxLayout()
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(0)
    return column
