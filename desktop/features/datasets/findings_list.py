"""What was found in a dataset, one line for each sort."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.features.datasets import wording
from desktop.features.datasets.wording import Group
from desktop.workbench.label import Label
from desktop.workbench.painted_button import PaintedButton
from engine.protocol.records import Finding


class FindingsList(QWidget):
    """`chosen` carries the first finding of the sort that was clicked."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._none = Label("No problems found.", "body", "text3")
        self.lines: list[FindingLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._none)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        for line in self.lines:
            line.hide()
            line.deleteLater()
        self.lines = [FindingLine(self._theme, group) for group in wording.groups_of(findings)]
        for line in self.lines:
            line.clicked.connect(lambda _=False, first=line.first: self.chosen.emit(first))
            self._column.addWidget(line)
        self._none.setVisible(not self.lines)


class FindingLine(PaintedButton):
    """Mark, words, and the line of the first one."""

    def __init__(self, theme: Theme, group: Group) -> None:
        super().__init__()
        self._theme, self._severity, self.first = theme, group.severity, group.first
        line = group.first.line
        self._right = f"line {line:,}" if line is not None else ""
        self.setText(group.text)
        self.setToolTip(group.first.message)
        self.setAccessibleName(f"{group.severity}: {group.text}, {self._right}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(25))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        lit = self.underMouse() or self.hasFocus()
        icon, tone = wording.SEVERITIES[self._severity]
        box = QRectF(0, (self.height() - px(16)) / 2, px(16), px(16))
        paint_glyph(painter, icon, box, colour(tone))
        align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(self._theme.font("meta"))
        width = self._theme.metrics("meta").horizontalAdvance(self._right) + 1
        painter.setPen(colour("accent" if lit else "text3"))
        painter.drawText(QRectF(self.width() - width, 0, width, self.height()), align, self._right)
        room = self.width() - width - px(24) - px(12)
        painter.setFont(self._theme.font("body"))
        painter.setPen(colour("accent" if self.hasFocus() else "text"))
        text = self._theme.metrics("body").elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(QRectF(px(24), 0, room + 2, self.height()), align, text)
        painter.end()
