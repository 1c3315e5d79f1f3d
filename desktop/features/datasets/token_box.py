"""What the model sees of a row: its tokens, those with loss lit, the others dim."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextEdit

from desktop.core.theme import Theme
from desktop.core.tokens import Token as ColourToken
from desktop.features.datasets.token_layout import Piece, cut_pieces, pieces_of
from engine.protocol.records import Token, TokenView

TONES: dict[str, ColourToken] = {
    "loss": "accent", "masked": "text3", "special": "text3", "fold": "text2",
    "limit": "warn", "cut": "warn", "more": "warn",
}  # fmt: skip
LINE_HEIGHT = 23
DIM = 0.72  # of what is cut off: it is not read
JOINER = "\u2060"  # no width, no break
SHORT = 24  # characters


def held_together(text: str) -> str:
    """Short pieces are not torn at the end of a line."""
    return JOINER.join(text.replace(" ", "\u00a0")) if len(text) <= SHORT else text


class TokenBox(QTextEdit):
    """Read only; a click on "+ 53 tokens" unfolds that turn."""

    unfolded = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tokens: Sequence[Token] = ()
        self._beyond: Sequence[Piece] = ()  # the limit
        self._opened: frozenset[int] = frozenset()
        self._grounds: list[tuple[int, int, Piece]] = []  # where a piece with a ground lies
        self.setReadOnly(True)
        self.setAccessibleName("What the model sees")
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.document().setDocumentMargin(0)
        theme.changed.connect(self._fill)

    def show_view(self, view: TokenView, limit: int) -> None:
        self._tokens, self._opened = view.tokens, frozenset()
        self._beyond = cut_pieces(view, limit)
        self._fill()
        self.verticalScrollBar().setValue(0)

    def _fill(self) -> None:
        px = self._theme.px
        self.document().setDefaultFont(self._theme.font("mono"))
        self.setViewportMargins(px(14), px(9), px(8), px(9))
        self._grounds = []
        self.clear()
        cursor = QTextCursor(self.document())
        height = QTextBlockFormat()
        height.setLineHeight(px(LINE_HEIGHT), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.setBlockFormat(height)
        cursor.beginEditBlock()
        between = ""
        for piece in (*pieces_of(self._tokens, self._opened), *self._beyond):
            if piece.kind == "limit" and between:
                between = "\n"
            cursor.insertText(between, QTextCharFormat())
            start = cursor.position()
            cursor.insertText(held_together(piece.text), self._format(piece))
            if piece.kind in ("loss", "fold", "limit"):
                self._grounds.append((start, cursor.position(), piece))
            between = "\n" if piece.breaks else " "
        cursor.endEditBlock()

    def _format(self, piece: Piece) -> QTextCharFormat:
        looks = QTextCharFormat()
        tone = QColor(self._theme.colour(TONES[piece.kind]))
        if piece.kind == "cut":
            tone.setAlphaF(DIM)
            looks.setFontStrikeOut(True)
        looks.setForeground(tone)
        return looks

    def paintEvent(self, event: QPaintEvent) -> None:
        """The grounds lie below the text, a little wider than it."""
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for start, end, piece in self._grounds:
            for box in self._boxes(start, end):
                if not box.intersects(QRectF(self.viewport().rect())):
                    continue
                if piece.kind == "limit":
                    self._paint_limit(painter, box)
                    continue
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("accentSoft"))
                if piece.kind == "fold":
                    painter.setPen(colour("lineStrong"))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, px(3), px(3))
        painter.end()
        super().paintEvent(event)

    def _paint_limit(self, painter: QPainter, box: QRectF) -> None:
        """Dashes from its words to the right edge."""
        pen = QPen(self._theme.colour("warn"))
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        middle = round(box.center().y()) + 0.5
        left, right = box.right() + self._theme.px(6), float(self.viewport().width())
        if left < right:
            painter.drawLine(QPointF(left, middle), QPointF(right, middle))

    def _boxes(self, start: int, end: int) -> list[QRectF]:
        """One for each line that the text from `start` to `end` takes."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        first = self.cursorRect(cursor)
        cursor.setPosition(end)
        last = self.cursorRect(cursor)
        wide, high = self._theme.px(3), self._theme.px(18)
        top = first.center().y() - high / 2
        if first.top() == last.top():
            return [QRectF(first.left() - wide, top, last.left() - first.left() + 2 * wide, high)]
        right = self.viewport().width()
        below = last.center().y() - high / 2
        return [
            QRectF(first.left() - wide, top, right - first.left(), high),
            QRectF(0, below, last.left() + wide, high),
        ]

    def shown_text(self) -> str:
        """What can be read, without what only holds pieces together."""
        return self.toPlainText().replace(JOINER, "")

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        chosen = self.textCursor().selectedText().replace("\u2029", "\n")
        data.setText(chosen.replace(JOINER, "").replace("\u00a0", " "))
        return data

    def _fold_at(self, where: QPoint) -> int:
        for start, end, piece in self._grounds:
            if piece.kind == "fold" and any(
                box.contains(where.toPointF()) for box in self._boxes(start, end)
            ):
                return piece.fold
        return -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._fold_at(event.position().toPoint()) >= 0
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        fold = self._fold_at(event.position().toPoint())
        if fold >= 0 and not self.textCursor().hasSelection():
            self.unfold(fold)
        else:
            super().mouseReleaseEvent(event)

    def unfold(self, turn: int) -> None:
        self._opened |= {turn}
        where = self.verticalScrollBar().value()
        self._fill()
        self.verticalScrollBar().setValue(where)
        self.unfolded.emit()

    def unfold_all(self) -> None:
        """The keyboard's way: all turns at once."""
        for _, _, piece in self._grounds:
            if piece.kind == "fold":
                self._opened |= {piece.fold}
        self._fill()
