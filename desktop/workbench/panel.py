"""The bottom panel: Jobs, Problems, Output and what else features bring."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.core.settings import Settings
from desktop.core.theme import Theme
from desktop.workbench.buttons import IconButton
from desktop.workbench.contributions import Contributions
from desktop.workbench.painted_button import PaintedButton


class Panel(QWidget):
    """Tabs are made when first shown. It never takes the focus by itself."""

    close_asked = Signal()
    grow_asked = Signal()
    shown_changed = Signal(str)

    def __init__(self, theme: Theme, settings: Settings, contributions: Contributions) -> None:
        super().__init__()
        self._theme, self._settings, self._contributions = theme, settings, contributions
        self._buttons: dict[str, PanelButton] = {}
        self._pages: dict[str, QWidget] = {}
        self._tool_sets: dict[str, QWidget] = {}
        self._counts: dict[str, int] = {}
        self._active = ""
        self.setProperty("surface", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = QStackedWidget()
        self._tabs = QHBoxLayout()
        self._tabs.setSpacing(20)
        self._tools = QHBoxLayout()
        self._grow = IconButton(theme, "chevron-up", "Grow or shrink the panel",
                                run=self.grow_asked.emit)  # fmt: skip
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 6, 0)
        row.setSpacing(2)
        row.addLayout(self._tabs)
        row.addStretch()
        row.addLayout(self._tools)
        row.addWidget(self._grow)
        row.addWidget(IconButton(theme, "close", "Hide the panel", run=self.close_asked.emit))
        header = QWidget()
        header.setLayout(row)
        header.setFixedHeight(theme.px(32))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self._stack, 1)

    @property
    def active(self) -> str:
        return self._active

    def fill(self) -> None:
        """Read the contributions; call once all features have contributed."""
        for tab in self._contributions.panels:
            button = PanelButton(self._theme, tab.title)
            button.clicked.connect(lambda _=False, id=tab.id: self.show_tab(id))
            button.set_count(self._counts.get(tab.id, 0))
            self._buttons[tab.id] = button
            self._tabs.addWidget(button)
        if self._contributions.panels:
            wanted = self._settings.get("panel.active", "")
            self._active = wanted if wanted in self._buttons else self._contributions.panels[0].id
            self._buttons[self._active].setChecked(True)

    def show_tab(self, id: str) -> None:
        """Bring a tab to the front; the window shows the panel itself."""
        self._active = id
        self._settings.set("panel.active", id)
        for each, button in self._buttons.items():
            button.setChecked(each == id)
        self._stack.setCurrentWidget(self.tab(id))
        for each, tools in self._tool_sets.items():
            tools.setVisible(each == id)
        self.shown_changed.emit(id)

    def show_active(self) -> None:
        if self._active:
            self.show_tab(self._active)

    def tab(self, id: str) -> QWidget:
        """The widget of a tab, made now if need be."""
        if id not in self._pages:
            tab = next(each for each in self._contributions.panels if each.id == id)
            self._pages[id] = tab.make()
            self._stack.addWidget(self._pages[id])
            if tab.tools is not None:
                self._tool_sets[id] = tab.tools()
                self._tools.addWidget(self._tool_sets[id])
        return self._pages[id]

    def set_count(self, id: str, number: int) -> None:
        """The number beside a tab's title; 0 shows none."""
        self._counts[id] = number
        if id in self._buttons:
            self._buttons[id].set_count(number)

    def set_grown(self, grown: bool) -> None:
        self._grow.set_icon("chevron-down" if grown else "chevron-up")

    def focus_first(self) -> None:
        widget = self._pages.get(self._active)
        if widget is not None:
            target = widget if widget.focusPolicy() != Qt.FocusPolicy.NoFocus else None
            (target or widget.nextInFocusChain() or widget).setFocus()


class PanelButton(PaintedButton):
    """A title, a count, and the line under the active one."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self._count = 0
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def nextCheckState(self) -> None:
        """The panel decides."""

    def set_count(self, number: int) -> None:
        self._count = number
        self.setAccessibleName(f"{self.text()}, {number}" if number else self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        width = self._theme.metrics("label").horizontalAdvance(self.text())
        return QSize(width + (px(7) + self._badge_width() if self._count else 0), px(32))

    def _badge_width(self) -> int:
        text = self._theme.metrics("small").horizontalAdvance(str(self._count))
        return max(self._theme.px(18), text + self._theme.px(10))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        bright = self.isChecked() or self.underMouse() or self.hasFocus()
        painter.setFont(self._theme.font("label"))
        painter.setPen(colour("text" if bright else "text3"))
        align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(self.rect().adjusted(0, 0, 0, -1), align, self.text())
        if self._count:
            left = self._theme.metrics("label").horizontalAdvance(self.text()) + px(7)
            box = QRectF(left, (self.height() - px(16)) / 2, self._badge_width(), px(16))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("sel"))
            painter.drawRoundedRect(box, px(8), px(8))
            painter.setPen(colour("text2"))
            painter.setFont(self._theme.font("small"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(self._count))
        if self.isChecked() or self.hasFocus():
            painter.fillRect(0, self.height() - 1, self.width(), 1, colour("accent"))
        painter.end()
