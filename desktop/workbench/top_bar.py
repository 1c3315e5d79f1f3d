"""The top bar: logo, menus, the command box, the layout toggles."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenuBar, QWidget

from desktop.core.commands import Commands, keys_text, tool_tip
from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.workbench.buttons import IconButton, command_icon_button
from desktop.workbench.logo import logo_pixmap

TOGGLES = ("workbench.side-bar", "workbench.panel", "workbench.split")


class TopBar(QWidget):
    def __init__(self, theme: Theme, commands: Commands, menus: QMenuBar) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("surface", "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.box = CommandBox(theme, commands)
        self.toggles: dict[str, IconButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 10, 0)
        row.setSpacing(4)
        row.addWidget(Logo(theme))
        row.addSpacing(12)
        row.addWidget(menus, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch()
        for id in TOGGLES:
            self.toggles[id] = command_icon_button(theme, commands, id)
            row.addWidget(self.toggles[id])
        self.box.setParent(self)
        self._resize()
        theme.changed.connect(self._resize)

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(36) - 1)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        px = self._theme.px
        width = min(px(440), max(px(160), self.width() - 2 * px(330)))
        self.box.setGeometry((self.width() - width) // 2, px(5), width, px(26))


class Logo(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(16, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, logo_pixmap(self._theme, 16, self.devicePixelRatioF()))
        painter.end()


class CommandBox(QAbstractButton):
    """Looks like a search field; opens the palette."""

    def __init__(self, theme: Theme, commands: Commands) -> None:
        super().__init__()
        self._theme = theme
        command = commands.get("workbench.palette")
        self._keys = keys_text(command)
        self.setAccessibleName("Search or run a command")
        self.setToolTip(tool_tip(command))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(lambda: commands.run("workbench.palette"))

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(440), self._theme.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(colour("accent" if self.hasFocus() else "line"))
        painter.setBrush(colour("hover" if self.underMouse() else "editor"))
        painter.drawRoundedRect(frame, px(5), px(5))
        text = "Search or run a command"
        metrics, small = self._theme.metrics("meta"), self._theme.metrics("small")
        wide = metrics.horizontalAdvance(text)
        keys_wide = small.horizontalAdvance(self._keys) + px(10)
        left = (self.width() - px(24) - wide - px(8) - keys_wide) / 2
        middle = self.height() / 2
        paint_glyph(
            painter, "search", QRectF(left, middle - px(7), px(14), px(14)), colour("text3")
        )
        left += px(24)
        align = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(colour("text3"))
        painter.setFont(self._theme.font("meta"))
        painter.drawText(QRectF(left, 0, wide + 2, self.height()), align, text)
        left += wide + px(8)
        box = QRectF(round(left) + 0.5, middle - px(8.5), keys_wide, px(17))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(colour("lineStrong"))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(colour("text3"))
        painter.setFont(self._theme.font("small"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._keys)
        painter.end()
