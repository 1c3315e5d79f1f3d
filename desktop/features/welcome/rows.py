"""The lines of the Welcome page: an icon, a name, what stands at the right."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from desktop.app import App
from desktop.core.commands import keys_text
from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.painted_button import PaintedButton

HIGH, TEXT_LEFT, OUT = 40, 28, 8  # px at 100 %; the ground reaches OUT beyond the text


class LineRow(PaintedButton):
    """A line that does something; `keys` are drawn in their frame."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        run: Callable[[], object],
        *,
        icon: str,
        tone: Token = "text2",
        right: str = "",
        keys: str = "",
    ) -> None:
        super().__init__()
        self._theme, self._icon = theme, icon
        self._tone: Token = tone
        self._right, self._keys = right, keys
        self.setText(text)
        self.setAccessibleName(", ".join(part for part in (text, right, keys) if part))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: run())

    @classmethod
    def of_command(cls, app: App, id: str) -> "LineRow":
        command = app.commands.get(id)
        name = command.name.rstrip("…")
        text = name[0] + name[1:].lower()
        return cls(app.theme, text, lambda: app.commands.run(id), icon=command.icon,
                   keys=keys_text(command))  # fmt: skip

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        if self.underMouse() or self.hasFocus():
            painter.setPen(colour("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(colour("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
            box = QRectF(self.rect()).adjusted(0.5, px(3) + 0.5, -0.5, -px(3) - 0.5)
            painter.drawRoundedRect(box, px(4), px(4))
        icon = QRectF(px(OUT), middle - px(8), px(16), px(16))
        if self._icon:
            paint_glyph(painter, self._icon, icon, colour(self._tone))
        right = self._paint_right(painter, middle)
        left = px(OUT + TEXT_LEFT)
        painter.setFont(self._theme.font("body"))
        painter.setPen(colour("text"))
        text = self._theme.metrics("body").elidedText(
            self.text(), Qt.TextElideMode.ElideRight, right - left
        )
        box = QRectF(left, 0, right - left, self.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()

    def _paint_right(self, painter: QPainter, middle: float) -> int:
        """Gives the edge for what stands before it."""
        px, colour = self._theme.px, self._theme.colour
        text = self._keys or self._right
        if not text:
            return self.width() - px(OUT)
        width = self._theme.metrics("small" if self._keys else "meta").horizontalAdvance(text)
        align = int(Qt.AlignmentFlag.AlignCenter)
        if self._keys:
            box = QRectF(self.width() - px(OUT) - width - px(12) - 0.5, middle - px(9) + 0.5,
                         width + px(12), px(18))  # fmt: skip
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(colour("lineStrong"))
            painter.drawRoundedRect(box, px(3), px(3))
            painter.setFont(self._theme.font("small"))
            painter.setPen(colour("text2"))
            painter.drawText(box, align, text)
            return int(box.left()) - px(12)
        box = QRectF(self.width() - px(OUT) - width - 1, 0, width + 1, self.height())
        painter.setFont(self._theme.font("meta"))
        painter.setPen(colour("text2" if self.underMouse() else "text3"))
        painter.drawText(box, align, text)
        return int(box.left()) - px(12)
