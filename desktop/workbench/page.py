"""A page of the editor area: header, band, loading line, body."""

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.buttons import Button
from desktop.workbench.chip import Chip
from desktop.workbench.glyph import Glyph
from desktop.workbench.hairline import edge_below
from desktop.workbench.label import ElidedLabel, Label, Paragraph
from desktop.workbench.progress_bar import LoadingLine

Severity = Literal["error", "warning", "information"]
BAND: dict[Severity, tuple[str, Token]] = {
    "error": ("error", "err"),
    "warning": ("warning", "warn"),
    "information": ("info", "accent"),
}


class Page(QWidget):
    """What an editor kind makes: subclass it, or fill one.

    Put the content into `body` (a column without margins). `primary` is what Ctrl+Enter runs.
    A page that takes edits sets `modified` and gives `save`.
    """

    described = Signal()  # title, icon or modified have changed
    touched = Signal()  # the person edited something: a preview tab is kept

    def __init__(self, theme: Theme, title: str, icon: str = "file", tone: Token = "text2") -> None:
        super().__init__()
        self.theme = theme
        self.title = title
        self.icon = icon
        self.tone: Token = tone
        self.modified = False
        self.primary: Callable[[], object] | None = None
        self.save: Callable[[], object] | None = None
        self.first_focus: QWidget | None = None
        self.setProperty("surface", "editor")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header_slot = QVBoxLayout()
        self.loading = LoadingLine(theme)
        self._band = Band(theme)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        column.addLayout(self.header_slot)
        column.addWidget(self._band)
        column.addLayout(self.body, 1)
        self.loading.setParent(self)

    def describe(
        self,
        title: str | None = None,
        *,
        icon: str | None = None,
        tone: Token | None = None,
        modified: bool | None = None,
    ) -> None:
        """Change what the tab shows."""
        self.title = self.title if title is None else title
        self.icon = self.icon if icon is None else icon
        self.tone = self.tone if tone is None else tone
        self.modified = self.modified if modified is None else modified
        if modified:
            self.touched.emit()
        self.described.emit()

    def show_band(
        self,
        severity: Severity,
        sentence: str,
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """A line under the header: what happened and one remedy. Never a dialog."""
        self._band.show_message(severity, sentence, action)

    def hide_band(self) -> None:
        self._band.hide()

    def set_busy(self, busy: bool) -> None:
        """The 2 px line at the top, after 150 ms."""
        self.loading.set_busy(busy)

    def resizeEvent(self, event: object) -> None:
        self.loading.setGeometry(0, 0, self.width(), 2)
        self.loading.raise_()

    def focus_first(self) -> None:
        """Where the focus goes when the page opens."""
        (self.first_focus or self).setFocus()

    def shown(self) -> None:
        """Called each time the page comes to the front; override to catch up."""


class PageHeader(QWidget):
    """56 high with a line below: title, chips, meta; buttons at the right."""

    def __init__(self, theme: Theme, title: str, meta: str = "", *, padding: int = 24) -> None:
        super().__init__()
        self._theme = theme
        self.title = ElidedLabel(title, "page")
        self.meta = ElidedLabel(meta, "meta", "text3")
        self._chips = QHBoxLayout()
        self._chips.setSpacing(8)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(12)
        edge_below(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(padding, 0, padding, 1)
        row.setSpacing(12)
        row.addWidget(self.title)
        row.addLayout(self._chips)
        row.addWidget(self.meta, 1)
        row.addStretch()
        row.addLayout(self._buttons)
        self._resize()
        theme.changed.connect(self._resize)

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(56))

    def add_chip(self, chip: Chip) -> Chip:
        self._chips.addWidget(chip)
        return chip

    def add_button(self, button: QWidget) -> None:
        self._buttons.addWidget(button)


class Band(QFrame):
    """See Page.show_band."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._glyph = Glyph(theme, "info")
        self._label = Paragraph(theme, centred=True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 8, 24, 8)
        self._row.setSpacing(8)
        self._row.addWidget(self._glyph)
        self._row.addWidget(self._label, 1)
        self._button: Button | None = None
        self.hide()

    def show_message(
        self,
        severity: Severity,
        sentence: str,
        action: tuple[str, Callable[[], object]] | None,
    ) -> None:
        icon, tone = BAND[severity]
        self._glyph.set_icon(icon, tone)
        self._label.setText(sentence)
        if self._button is not None:
            self._button.deleteLater()
            self._button = None
        if action is not None:
            self._button = Button(self._theme, action[0], run=action[1])
            self._row.addWidget(self._button)
        self.setProperty("band", severity)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()


def scrolled(content: QWidget) -> QScrollArea:
    """The content in an area that scrolls downwards only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(area.focusPolicy().NoFocus)
    content.setProperty("scrolled", True)
    area.setWidget(content)
    return area


def section_title(text: str, right: Sequence[QWidget] = ()) -> QWidget:
    """A section's heading with what stands at its right."""
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    row.addWidget(Label(text, "section"))
    row.addStretch()
    for each in right:
        row.addWidget(each)
    return widget
