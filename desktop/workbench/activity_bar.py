"""The activity bar: which side bar is shown."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.workbench.contributions import Activity
from desktop.workbench.painted_button import PaintedButton


class ActivityBar(QWidget):
    """`chosen` carries the activity's id, also when it is the active one."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._items: dict[str, ActivityItem] = {}
        self.setProperty("surface", "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._top, self._bottom = QVBoxLayout(), QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._top, self._bottom):
            part.setSpacing(0)
            part.setContentsMargins(0, 0, 0, 0)
        self.setFixedWidth(theme.px(48) - 1)
        column.addLayout(self._top)
        column.addStretch()
        column.addLayout(self._bottom)

    def add(self, activity: Activity, tip: str) -> None:
        item = ActivityItem(self._theme, activity, tip)
        item.clicked.connect(lambda: self.chosen.emit(activity.id))
        self._items[activity.id] = item
        (self._bottom if activity.at_bottom else self._top).addWidget(item)

    def set_active(self, id: str) -> None:
        for each, item in self._items.items():
            item.setChecked(each == id)

    def set_badge(self, id: str, number: int) -> None:
        """A number on an activity, for what waits for the person; 0 takes it away."""
        if id in self._items:
            self._items[id].set_badge(number)

    def focus_first(self) -> None:
        items = list(self._items.values())
        (next((item for item in items if item.isChecked()), items[0]) if items else self).setFocus()


class ActivityItem(PaintedButton):
    """48 x 48 with the 2 px mark of the active one."""

    def __init__(self, theme: Theme, activity: Activity, tip: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon = activity.icon
        self._badge = 0
        self._title = activity.title
        self.setCheckable(True)
        self.setToolTip(tip)
        self.setAccessibleName(activity.title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def nextCheckState(self) -> None:
        """The window decides which one is active."""

    def set_badge(self, number: int) -> None:
        self._badge = number
        self.setAccessibleName(f"{self._title}, {number}" if number else self._title)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(48), self._theme.px(48))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        bright = self.isChecked() or self.underMouse()
        side = px(22)
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        paint_glyph(painter, self._icon, box, colour("text" if bright else "text3"))
        if self.isChecked():
            high = px(32)
            painter.fillRect(0, (self.height() - high) // 2, px(2), high, colour("accent"))
        if self.hasFocus():
            painter.setPen(colour("accent"))
            painter.drawRect(self.rect().adjusted(2, 2, -3, -3))
        if self._badge:
            self._paint_badge(painter)
        painter.end()

    def _paint_badge(self, painter: QPainter) -> None:
        px = self._theme.px
        text = str(self._badge) if self._badge < 100 else "99"
        metrics = self._theme.metrics("small-bold")
        wide = max(px(16), metrics.horizontalAdvance(text) + px(8))
        box = QRectF(px(40) - wide, px(25), wide, px(16))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("button"))
        painter.drawRoundedRect(box, px(8), px(8))
        painter.setPen(self._theme.colour("onButton"))
        painter.setFont(self._theme.font("small-bold"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
