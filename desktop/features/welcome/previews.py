"""Small pictures of what comes after the drop: a falling curve, two answers."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.theme import Theme
from desktop.core.tokens import Token

CIRCLE, APART = 24, 12


class StepHead(QWidget):
    """The numbers 1, 2, 3 over the columns, with lines between; the first is the next to do."""

    def __init__(self, theme: Theme, *, gap: int) -> None:
        super().__init__()
        self._theme, self._gap = theme, gap
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Three steps: drop data, train, chat")

    def sizeHint(self) -> QSize:
        return QSize(300, self._theme.px(CIRCLE))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("small-bold"))
        step = (self.width() + px(self._gap)) / 3
        for at in range(3):
            box = QRectF(at * step, 0, px(CIRCLE), px(CIRCLE))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("button" if at == 0 else "sel"))
            painter.drawEllipse(box)
            painter.setPen(colour("onButton" if at == 0 else "text2"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(at + 1))
            if at < 2:
                left = round(box.right() + px(APART))
                width = round((at + 1) * step) - px(APART) - left
                painter.fillRect(left, px(CIRCLE) // 2, width, 1, colour("lineStrong"))
        painter.end()


def paint_frame(painter: QPainter, widget: QWidget, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.colour("line"))
    painter.setBrush(theme.colour("sunken"))
    box = QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(box, theme.px(6), theme.px(6))


class TrainPreview(QWidget):
    """A loss curve as they usually look."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        px = self._theme.px
        painter = QPainter(self)
        paint_frame(painter, self, self._theme)
        left, right = px(40), self.width() - px(40)
        top, bottom = px(33), px(98)
        curve = QPolygonF()
        steps = 52
        for at in range(steps + 1):
            share = at / steps
            rough = 0.022 * math.sin(at * 2.3) + 0.016 * math.sin(at * 5.1)
            fall = 1 - math.exp(-3.4 * share) + rough * (1 - 0.4 * share)
            curve.append(QPointF(left + (right - left) * share, top + fall * (bottom - top - 8)))
        pen = QPen(self._theme.colour("text3"), 1.4)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(curve)
        painter.fillRect(left, bottom + px(1), right - left, 1, self._theme.colour("lineStrong"))
        painter.end()


class ChatPreview(QWidget):
    """A question above two answers, one of them brighter."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        px = self._theme.px
        painter = QPainter(self)
        paint_frame(painter, self, self._theme)
        right = self.width() - px(25)
        left = px(25)
        half = (right - left - px(8)) / 2
        self._bar(painter, QRectF(right - px(112), px(36), px(112), px(8)), "track")
        for box, tone in (
            (QRectF(left, px(52), half, px(39)), "track"),
            (QRectF(right - half, px(52), half, px(39)), "text3"),
        ):
            painter.setPen(self._theme.colour("lineStrong"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(3), px(3))
            for at, share in enumerate((1.0, 0.6 if tone == "track" else 0.8)):
                width = (box.width() - px(22)) * share
                line = QRectF(box.left() + px(11), box.top() + px(11 + 12 * at), width, px(6))
                self._bar(painter, line, tone)  # type: ignore[arg-type]
        painter.end()

    def _bar(self, painter: QPainter, box: QRectF, tone: Token) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(tone))
        painter.drawRoundedRect(box, 2, 2)
