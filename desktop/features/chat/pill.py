"""A pill: one adapter of the switcher, with the key that chooses it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme

WIDEST = 200  # px of the name


class Pill(QAbstractButton):
    """28 high and fully round; the active one is violet."""

    def __init__(self, theme: Theme, name: str, keys: str, icon: str, *, active: bool) -> None:
        super().__init__()
        self._theme = theme
        self._keys, self._icon = keys, icon
        self._name = theme.metrics("name").elidedText(
            name, Qt.TextElideMode.ElideRight, theme.px(WIDEST)
        )
        self.setCheckable(True)
        self.setChecked(active)
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({keys})" if keys else name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def nextCheckState(self) -> None:
        """What is chosen comes back from the conversation, not from the click."""

    def sizeHint(self) -> QSize:
        px = self._theme.px
        name = self._theme.metrics("name").horizontalAdvance(self._name)
        keys = self._theme.metrics("small").horizontalAdvance(self._keys)
        return QSize(px(34) + name + (px(13) + keys if keys else 0) + px(11), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        active = self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = "accent" if self.hasFocus() else "violet" if active else "lineStrong"
        painter.setPen(colour(lit))  # type: ignore[arg-type]
        if active:
            painter.setBrush(colour("violetSoft"))
        elif self.underMouse():
            painter.setBrush(colour("hover"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        icon = QRectF(px(11), (self.height() - px(14)) / 2, px(14), px(14))
        paint_glyph(painter, self._icon, icon, colour("violet" if active else "text2"))
        self._paint_words(painter, active)
        painter.end()

    def _paint_words(self, painter: QPainter, active: bool) -> None:
        px, colour = self._theme.px, self._theme.colour
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(self._theme.font("name"))
        painter.setPen(colour("text" if active else "text2"))
        name = self._theme.metrics("name").horizontalAdvance(self._name)
        painter.drawText(QRectF(px(33), 0, name + 4, self.height()), middle, self._name)
        painter.setFont(self._theme.font("small"))
        painter.setPen(colour("text2" if active else "text3"))
        left = px(33) + name + px(13)
        painter.drawText(QRectF(left, 0, self.width() - left, self.height()), middle, self._keys)
