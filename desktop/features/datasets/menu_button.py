"""Buttons that open a menu: the parts of a dataset's columns."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.features.datasets.mapping_rules import ROLES


class MenuButton(QAbstractButton):
    """Words in their roles and tones, a chevron, a thin border: 24 high."""

    def __init__(self, theme: Theme, parts: list[tuple[str, Role, Token]], name: str) -> None:
        super().__init__()
        self._theme, self._parts = theme, parts
        self._active = False
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu = QMenu(self)
        self.clicked.connect(self._open)

    def show_parts(
        self, parts: list[tuple[str, Role, Token]], name: str, *, active: bool = False
    ) -> None:
        """Other words; `active` tells that something other than usual is chosen."""
        self._parts, self._active = parts, active
        self.setAccessibleName(name)
        self.updateGeometry()
        self.update()

    def _open(self) -> None:
        self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        px = self._theme.px
        widths = [
            self._theme.metrics(role).horizontalAdvance(text) for text, role, _ in self._parts
        ]
        return QSize(sum(widths) + px(9 + 6 * len(widths) + 14 + 8), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self._active or self.hasFocus()
        painter.setPen(colour("accent" if lit else "lineStrong"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._active or self.underMouse():
            painter.setBrush(colour("accentSoft" if self._active else "hover"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, px(4), px(4))
        left, lacking = px(9), self.sizeHint().width() - self.width()
        for whole, role, tone in self._parts:
            metrics = self._theme.metrics(role)
            width = metrics.horizontalAdvance(whole)
            text = whole
            if lacking > 0:  # the first part gives way, then the next
                room = max(width - lacking, px(14))
                text = metrics.elidedText(whole, Qt.TextElideMode.ElideRight, room)
                lacking -= width - metrics.horizontalAdvance(text)
                width = metrics.horizontalAdvance(text)
            painter.setFont(self._theme.font(role))
            painter.setPen(colour(tone if self.isEnabled() else "disabled"))
            area = QRectF(left, 0, width + 2, self.height())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)
            left += width + px(6)
        side = px(14)
        arrow = QRectF(self.width() - side - px(8), (self.height() - side) / 2, side, side)
        own: Token = "accent" if self._active else "text3"
        paint_glyph(painter, "chevron-down", arrow, colour(own if self.isEnabled() else "disabled"))
        painter.end()


def column_button(theme: Theme, column: str, role: str) -> MenuButton:
    """ "prompt → User": the column in mono, its part; an ignored one is quieter."""
    tone: Token = "text" if role else "text3"
    name = theme.metrics("mono").elidedText(column, Qt.TextElideMode.ElideRight, theme.px(96))
    button = MenuButton(
        theme,
        [(name, "mono", tone), ("→", "body", "text3"), (ROLES[role], "body", tone)],
        f"Column {column}: {ROLES[role]}",
    )
    button.setToolTip(f"Choose the part of the column {column}")
    return button
