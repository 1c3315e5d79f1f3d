"""Tabs as data, and the strip that shows them."""

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QTabBar

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.page import Page

TAB_MIME = "application/x-adapter-studio-tab"
BEFORE, AFTER = 38, 42  # px at 100 % before the text (icon) and after it (close mark)
HIGH, CLOSE = 36, 20


class Tab:
    """One open page; `page` stays None until the tab is first shown."""

    def __init__(self, kind: str, key: str, title: str, icon: str, tone: Token) -> None:
        self.kind, self.key = kind, key
        self.title, self.icon = title, icon
        self.tone: Token = tone
        self.preview = False
        self.modified = False
        self.page: Page | None = None

    @property
    def address(self) -> tuple[str, str]:
        return self.kind, self.key


class TabStrip(QTabBar):
    """Draws itself; the group it belongs to holds the tabs."""

    close_asked = Signal(int)
    keep_asked = Signal(int)
    menu_asked = Signal(int, QPoint)
    tab_dropped = Signal(str, int)  # what TAB_MIME carried, and the place

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tabs: list[Tab] = []
        self._hovered = -1
        self._pressed_at: QPoint | None = None
        self._close_pressed = -1
        self._drop_at = -1
        self.drag_name = ""
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setDocumentMode(True)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUsesScrollButtons(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Open tabs")
        theme.changed.connect(self._relayout)

    def show_tabs(self, tabs: list[Tab], active: int) -> None:
        """Make the strip as these tabs are; says nothing through `currentChanged`."""
        self._tabs = tabs
        self.blockSignals(True)
        while self.count() > len(tabs):
            self.removeTab(self.count() - 1)
        while self.count() < len(tabs):
            self.addTab("")
        for number, tab in enumerate(tabs):
            if self.tabText(number) != tab.title:
                self.setTabText(number, tab.title)
                self.setTabToolTip(number, tab.title)
        self.setCurrentIndex(active)
        self.blockSignals(False)
        self.update()

    def _relayout(self) -> None:
        for number, tab in enumerate(self._tabs):
            self.setTabText(number, tab.title + " ")
            self.setTabText(number, tab.title)

    def tabSizeHint(self, index: int) -> QSize:
        px = self._theme.px
        text = self._theme.metrics("body").horizontalAdvance(self.tabText(index))
        return QSize(text + px(BEFORE) + px(AFTER), px(HIGH))

    def minimumTabSizeHint(self, index: int) -> QSize:
        wanted = self.tabSizeHint(index)
        return QSize(min(wanted.width(), self._theme.px(152)), wanted.height())

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._theme.px(HIGH))

    def close_rect(self, index: int) -> QRect:
        px = self._theme.px
        rect = self.tabRect(index)
        side = px(CLOSE)
        return QRect(rect.right() - px(9) - side, rect.center().y() - side // 2 + 1, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("side"))
        line = self._theme.colour("line")
        painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        for index in range(self.count()):
            self._paint_tab(painter, index, self._tabs[index])
        if self._drop_at >= 0:
            at = self.tabRect(self._drop_at).left() if self._drop_at < self.count() else (
                self.tabRect(self.count() - 1).right() - 1 if self.count() else 0
            )  # fmt: skip
            painter.fillRect(at, 0, 2, self.height(), self._theme.colour("accent"))
        painter.end()

    def _paint_tab(self, painter: QPainter, index: int, tab: Tab) -> None:
        px, colour = self._theme.px, self._theme.colour
        rect = self.tabRect(index)
        active = index == self.currentIndex()
        if active:
            painter.fillRect(rect, colour("editor"))
            painter.fillRect(rect.left(), 0, rect.width(), 1, colour("accent"))
        elif index == self._hovered:
            painter.fillRect(rect.adjusted(0, 0, 0, -1), colour("hover"))
        painter.fillRect(rect.right(), 0, 1, rect.height(), colour("line"))
        icon = QRectF(rect.left() + px(15), rect.center().y() - px(7), px(15), px(15))
        paint_glyph(painter, tab.icon, icon, colour(tab.tone))
        left = rect.left() + px(BEFORE)
        box = QRect(left, rect.top(), rect.right() - px(AFTER) + 2 - left, rect.height())
        painter.setPen(colour("text" if active else "text3"))
        font = self._theme.font("body")
        painter.setFont(font)
        title = self._theme.metrics("body").elidedText(tab.title, self.elideMode(), box.width())
        painter.drawText(
            box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), title
        )
        self._paint_mark(painter, index, tab, active)
        if active and self.hasFocus():
            painter.setPen(colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_mark(self, painter: QPainter, index: int, tab: Tab, active: bool) -> None:
        box = self.close_rect(index)
        hovered = index == self._hovered
        over = hovered and box.contains(self.mapFromGlobal(self.cursor().pos()))
        if over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("sel"))
            painter.drawRoundedRect(box, 4, 4)
        side = self._theme.px(14)
        glyph = QRectF(0, 0, side, side)
        glyph.moveCenter(box.toRectF().center())
        if tab.modified and not over:
            dot = QRectF(0, 0, self._theme.px(8), self._theme.px(8))
            dot.moveCenter(glyph.center())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("text2"))
            painter.drawEllipse(dot)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        elif active or hovered:
            paint_glyph(painter, "close", glyph, self._theme.colour("text2"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.tabAt(at)
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            if self.close_rect(index).contains(at):
                self._close_pressed = index
                return
            self._pressed_at = at
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.tabAt(at)
        pressed, self._close_pressed, self._pressed_at = self._close_pressed, -1, None
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.close_asked.emit(index)
        elif pressed >= 0:
            if index == pressed and self.close_rect(index).contains(at):
                self.close_asked.emit(index)
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.tabAt(event.position().toPoint())
        if index >= 0:
            self.keep_asked.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        self._hovered = self.tabAt(at)
        self.update()
        if self._pressed_at is not None and event.buttons() & Qt.MouseButton.LeftButton:
            moved = (at - self._pressed_at).manhattanLength()
            if moved > 2 * self.style().pixelMetric(self.style().PixelMetric.PM_TabBarIconSize):
                self._drag(self.tabAt(self._pressed_at))

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.tabAt(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
        if index >= 0:
            self.menu_asked.emit(index, event.globalPos())

    def _drag(self, index: int) -> None:
        self._pressed_at = None
        data = QMimeData()
        data.setData(TAB_MIME, f"{self.drag_name} {index}".encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.grab(self.tabRect(index)))
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(TAB_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drop_at = self._place(event.position().toPoint())
        event.acceptProposedAction()
        self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_at = -1
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_at = -1
        self.update()
        event.acceptProposedAction()
        carried = bytes(event.mimeData().data(TAB_MIME).data()).decode()
        self.tab_dropped.emit(carried, self._place(event.position().toPoint()))

    def _place(self, at: QPoint) -> int:
        """The index a tab dropped there gets."""
        for index in range(self.count()):
            if at.x() < self.tabRect(index).center().x():
                return index
        return self.count()
