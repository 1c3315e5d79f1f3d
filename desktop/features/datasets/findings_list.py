"""What was found in a dataset, one line for each sort, with what one click does about it."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.features.datasets import wording
from desktop.features.datasets.wording import Group
from desktop.workbench.buttons import Button
from desktop.workbench.label import Label
from desktop.workbench.painted_button import PaintedButton


class FindingsList(QWidget):
    """`chosen` carries the Group whose words were clicked, `fix` the one to put right."""

    chosen = Signal(object)
    fix = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._none = Label("No problems found.", "body", "text3")
        self.lines: list[FindingLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._none)

    def show_groups(self, groups: Sequence[Group]) -> None:
        """The focus goes to the line that takes the place of the fixed one."""
        if [line.group for line in self.lines] == list(groups):
            return
        at = next((n for n, line in enumerate(self.lines) if line.isAncestorOf(focused())), None)
        for line in self.lines:
            line.setParent(None)
            line.deleteLater()
        self.lines = [FindingLine(self._theme, group) for group in groups]
        for line in self.lines:
            line.words.clicked.connect(partial(self.chosen.emit, line.group))
            line.button.clicked.connect(partial(self.fix.emit, line.group))
            self._column.addWidget(line)
        self._none.setVisible(not self.lines)
        if at is not None and self.lines:
            self.lines[min(at, len(self.lines) - 1)].button.setFocus()


def focused() -> QWidget:
    return QApplication.focusWidget() or QWidget()


class FindingLine(QWidget):
    def __init__(self, theme: Theme, group: Group) -> None:
        super().__init__()
        self.group = group
        self.words = FindingWords(theme, group)
        self.button = Button(theme, group.fix, kind="link")
        self.button.setAccessibleName(f"{group.fix}: {group.text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)


class FindingWords(PaintedButton):
    """Mark and words; the tip says the first finding and where it is."""

    def __init__(self, theme: Theme, group: Group) -> None:
        super().__init__()
        self._theme, self._severity = theme, group.severity
        self.setText(group.text)
        if group.first is not None:
            place = wording.place_of(group.first)
            self.setToolTip(f"{group.first.message}\n{place}".strip())
        self.setAccessibleName(f"{group.severity}: {group.text}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(25))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        icon, tone = wording.SEVERITIES[self._severity]
        box = QRectF(0, (self.height() - px(16)) / 2, px(16), px(16))
        paint_glyph(painter, icon, box, colour(tone))
        room = self.width() - px(24)
        painter.setFont(self._theme.font("body"))
        lit = self.underMouse() or self.hasFocus()
        painter.setPen(colour("accent" if lit else "text"))
        text = self._theme.metrics("body").elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room
        )
        align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(QRectF(px(24), 0, room + 2, self.height()), align, text)
        painter.end()
