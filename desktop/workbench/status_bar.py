"""The status bar: every item is a button; the least important ones leave first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.workbench.progress_bar import paint_bar

ICON, GAP, BAR = 14, 6, 88  # px at 100 %
DOT = "circle-filled"


@dataclass(frozen=True, kw_only=True)
class StatusText:
    """What an item shows; an item without text and icon is hidden."""

    text: str = ""
    icon: str = ""
    tone: Token = "text2"
    progress: float | None = None
    extra: str = ""  # after the bar, quieter
    tip: str = ""


class StatusItem(QAbstractButton):
    """Made by StatusBar.add; `show_status` changes it."""

    def __init__(self, theme: Theme, name: str, priority: int) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self.priority = priority
        self.status = StatusText()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)

    def show_status(self, status: StatusText) -> None:
        if status == self.status:
            return
        self.status = status
        percent = "" if status.progress is None else f"{status.progress:.0%}"
        words = (self._name, status.text, percent, status.extra)
        self.setAccessibleName(", ".join(word for word in words if word))
        self.setToolTip(status.tip or self._name)
        self.updateGeometry()
        self.update()
        bar = self.parentWidget()
        if isinstance(bar, StatusBar):
            bar.fit()

    @property
    def empty(self) -> bool:
        return not (self.status.text or self.status.icon)

    def _parts(self) -> list[tuple[str, Role, Token]]:
        status = self.status
        parts: list[tuple[str, Role, Token]] = []
        if status.text:
            parts.append((status.text, "meta", "text2"))
        if status.progress is not None:
            parts.append(("", "meta", "text2"))
            parts.append((f"{status.progress * 100:.0f} %", "meta", "text2"))
        if status.extra:
            parts.append((status.extra, "meta", "text3"))
        return parts

    def _icon_width(self) -> int:
        if not self.status.icon:
            return 0
        return self._theme.px(8 + 5 if self.status.icon == DOT else ICON + GAP)

    def sizeHint(self) -> QSize:
        px = self._theme.px
        width = self._icon_width() - (0 if self.status.text else px(GAP))
        for text, role, _ in self._parts():
            width += px(BAR) if not text else self._theme.metrics(role).horizontalAdvance(text)
        width += px(GAP) * max(len(self._parts()) - 1, 0)
        return QSize(width + px(16), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), colour("hover"))
        if self.hasFocus():
            painter.setPen(colour("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        left = px(8)
        middle = self.height() / 2
        if self.status.icon == DOT:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(self.status.tone))
            painter.drawEllipse(QRectF(left, middle - px(4) + 0.5, px(7), px(7)))
        elif self.status.icon:
            box = QRectF(left, middle - px(7), px(14), px(14))
            paint_glyph(painter, self.status.icon, box, colour(self.status.tone))
        left += self._icon_width()
        for text, role, tone in self._parts():
            if not text:
                bar = QRectF(left, middle - px(2), px(BAR), px(4))
                paint_bar(painter, self._theme, bar, self.status.progress or 0)
                left += px(BAR + GAP)
                continue
            width = self._theme.metrics(role).horizontalAdvance(text)
            painter.setFont(self._theme.font(role))
            painter.setPen(colour(tone))
            painter.drawText(QRectF(left, 0, width + 2, self.height()),
                             int(Qt.AlignmentFlag.AlignVCenter), text)  # fmt: skip
            left += width + px(GAP)
        painter.end()


class StatusBar(QWidget):
    """Items from the left and from the right, by `order`."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._items: list[tuple[int, StatusItem]] = []
        self.setProperty("surface", "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._left, self._right = QHBoxLayout(), QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(5, 0, 5, 0)
        row.setSpacing(0)
        for part in (self._left, self._right):
            part.setSpacing(4)
        row.addLayout(self._left)
        row.addStretch()
        row.addLayout(self._right)
        self._resize()
        theme.changed.connect(self._resize)

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.px(24) - 1)
        self.fit()

    def add(
        self,
        name: str,
        *,
        side: Literal["left", "right"],
        order: int,
        priority: int,
        run: Callable[[], object],
    ) -> StatusItem:
        """`priority`: the higher, the longer it stays when the window is narrow."""
        item = StatusItem(self._theme, name, priority)
        item.clicked.connect(lambda: run())
        layout = self._left if side == "left" else self._right
        mine = sorted(
            [(o, i) for o, i in self._items if layout.indexOf(i) >= 0] + [(order, item)],
            key=lambda each: each[0],
        )
        layout.insertWidget([i for _, i in mine].index(item), item)
        self._items.append((order, item))
        self.fit()
        return item

    def focus_first(self) -> None:
        shown = [item for _, item in self._items if item.isVisible()]
        if shown:
            min(shown, key=lambda item: item.x()).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()

    def fit(self) -> None:
        """Show what there is room for, the most important first."""
        room = self.width() - 10
        shown = [item for _, item in self._items if not item.empty]
        for item in sorted(shown, key=lambda each: -each.priority):
            room -= item.sizeHint().width() + 6
            item.setVisible(room >= 0)
        for _, item in self._items:
            if item.empty:
                item.hide()
