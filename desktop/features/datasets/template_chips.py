"""The names that a template may fill in, as chips that write themselves at the cursor."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.datasets.template_marks import Syntax, writable
from desktop.workbench.painted_button import PaintedButton

LONGEST = 160  # px of a name


class NameChip(PaintedButton):
    """20 high, mono; one that marks what is learned is blue."""

    def __init__(self, theme: Theme, name: str, tip: str, *, learned: bool = False) -> None:
        super().__init__()
        self._theme, self._learned = theme, learned
        metrics = theme.metrics("mono-small")
        self.name = name
        self.setText(metrics.elidedText(name, Qt.TextElideMode.ElideRight, theme.px(LONGEST)))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        wide = self._theme.metrics("mono-small").horizontalAdvance(self.text())
        return QSize(wide + self._theme.px(14), self._theme.px(20))

    def _tones(self) -> tuple[Token, Token]:
        """Of the ground and of the ink."""
        if not self.isEnabled():
            return "sunken", "disabled"
        if self._learned:
            return "accentSoft", "accent"
        return ("hover", "text") if self.underMouse() else ("sel", "text2")

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        ground, ink = self._tones()
        lit = self.hasFocus() or (self.underMouse() and self.isEnabled())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour("accent") if lit else Qt.PenStyle.NoPen)
        painter.setBrush(colour(ground))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setPen(colour(ink))
        painter.setFont(self._theme.font("mono-small"))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())
        painter.end()


class NameChips(QScrollArea):
    """One row that scrolls sideways. `learn` asks for the marks around what is chosen."""

    chosen = Signal(str)
    learn = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[tuple[str, ...], Syntax] = ((), "fields")
        self.chips: list[NameChip] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        content = QWidget()
        content.setProperty("scrolled", True)
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(6))
        mark = NameChip(theme, "Learned", "Mark what is chosen as learned", learned=True)
        mark.clicked.connect(self.learn)
        self._row.addWidget(mark)
        self._row.addStretch()
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        return QSize(200, self._theme.px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._theme.px(20))

    def show_names(self, names: Sequence[str], syntax: Syntax) -> None:
        if (tuple(names), syntax) == self._shown:
            return
        self._shown = (tuple(names), syntax)
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = [self._chip(name, syntax) for name in names]
        for place, chip in enumerate(self.chips):
            self._row.insertWidget(place + 1, chip)

    def _chip(self, name: str, syntax: Syntax) -> NameChip:
        can = writable(name, syntax)
        tip = f"Insert {name}" if can else f"A template cannot name the column {name} this way."
        chip = NameChip(self._theme, name, tip)
        chip.setEnabled(can)
        chip.clicked.connect(lambda: self.chosen.emit(name))
        return chip
