"""Shows the difference between two versions: a list that is painted, however long it is."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem

from desktop.core.theme import Theme
from desktop.core.tokens import Role, Token
from desktop.features.datasets.diff_lines import DiffLine
from desktop.features.datasets.rows_model import Index
from desktop.features.datasets.word_diff import Line

LINE = Qt.ItemDataRole.UserRole
LEFT, NUMBER, NAME, EDGE = 24, 56, 104, 24  # px
HEIGHTS = {"heading": 40, "setting": 29, "more": 32}
ROW = 54  # px: two lines of 20 and some air
SIGNS: dict[str, tuple[tuple[str, Token], tuple[str, Token]]] = {
    "changed": (("−", "err"), ("+", "ok")),
    "added": (("+", "ok"), ("", "ok")),
    "removed": (("−", "err"), ("", "err")),
    "moved": (("", "text3"), ("→", "accent")),
}
SOFT: dict[Token, Token] = {"err": "errSoft", "ok": "okSoft"}
ALIGN_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
ALIGN_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


class DiffModel(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[DiffLine] = []

    def show_lines(self, lines: Sequence[DiffLine]) -> None:
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.lines):
            return None
        line = self.lines[index.row()]
        if role == LINE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line.spoken
        return None


class DiffView(QListView):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.rows = DiffModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(DiffPainter(theme, self))
        self.setAccessibleName("Differences")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(self.ResizeMode.Adjust)
        theme.changed.connect(self.doItemsLayout)

    def show_lines(self, lines: Sequence[DiffLine]) -> None:
        self.rows.show_lines(lines)
        self.scrollToTop()


class DiffPainter(QStyledItemDelegate):
    """Number, column, then two lines; the words that differ stand on a soft ground."""

    def __init__(self, theme: Theme, view: DiffView) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line: DiffLine = index.data(LINE)
        return QSize(100, self._theme.px(HEIGHTS.get(line.kind, ROW)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: DiffLine = index.data(LINE)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._view.hasFocus() and index == self._view.currentIndex():
            painter.fillRect(rect, self._theme.colour("selActive"))
        match line.kind:
            case "heading":
                self._heading(painter, rect, line)
            case "setting":
                self._setting(painter, rect, line)
            case "more":
                left = self._theme.px(LEFT + NUMBER)
                self._text(painter, rect.adjusted(left, 0, 0, 0), line.label, "body", "text3")
            case _:
                self._row(painter, rect, line)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, line: DiffLine) -> None:
        px = self._theme.px
        box = rect.adjusted(px(LEFT), px(8), -px(EDGE), -1)
        self._text(painter, box, line.label, "section", "text")
        self._text(painter, box, line.name, "meta", "text3", ALIGN_RIGHT)
        colour = self._theme.colour("line")
        painter.fillRect(rect.left() + px(LEFT), rect.bottom(), box.width(), 1, colour)

    def _setting(self, painter: QPainter, rect: QRect, line: DiffLine) -> None:
        px = self._theme.px
        room = rect.width() - px(LEFT + NUMBER + NAME + EDGE)
        left = px(LEFT)
        name = QRect(left, rect.top(), px(NUMBER + NAME), rect.height())
        self._text(painter, name, line.label, "body", "text2")
        left = name.right() + 1
        was = QRect(left, rect.top(), room // 2 - px(32), rect.height())
        self._line(painter, was, line.first, "text3", "err")
        arrow = QRect(was.right(), rect.top(), px(32), rect.height())
        self._text(painter, arrow, "→", "body", "text3", int(Qt.AlignmentFlag.AlignCenter))
        now = QRect(arrow.right(), rect.top(), room - was.width() - px(32), rect.height())
        self._line(painter, now, line.second, "text", "ok")

    def _row(self, painter: QPainter, rect: QRect, line: DiffLine) -> None:
        px = self._theme.px
        top = rect.top() + px(7)
        first = QRect(rect.left(), top, rect.width(), px(20))
        second = first.translated(0, px(20))
        number = QRect(px(LEFT), top, px(NUMBER - 12), px(20))
        self._text(painter, number, line.label, "body", "text3")
        left = px(LEFT + NUMBER)
        if line.name:
            name = QRect(left, top, px(NAME - 12), px(20))
            self._text(painter, name, line.name, "mono-small", "text3")
        if line.kind == "changed":
            left += px(NAME)
        inks: tuple[Token, Token] = (
            ("text2", "text") if line.kind == "changed" else ("text", "text2")
        )
        for box, pieces, (sign, tone), ink in zip(
            (first, second), (line.first, line.second), SIGNS[line.kind], inks, strict=True
        ):
            mark = QRect(left, box.top(), px(16), box.height())
            self._text(painter, mark, sign, "section", tone)
            room = box.adjusted(left + px(18), 0, -px(EDGE), 0)
            self._line(painter, room, pieces, ink, tone)
        painter.fillRect(rect.left() + px(LEFT), rect.bottom(),
                         rect.width() - px(LEFT + EDGE), 1, self._theme.colour("grid"))  # fmt: skip

    def _line(self, painter: QPainter, box: QRect, line: Line, ink: Token, marked: Token) -> None:
        """As many of its pieces as there is room for, the last one cut."""
        metrics = self._theme.metrics("body")
        left = float(box.left())
        for piece in line:
            room = box.right() - left
            if room < self._theme.px(8):
                return
            text = metrics.elidedText(piece.text, Qt.TextElideMode.ElideRight, int(room))
            wide = float(metrics.horizontalAdvance(text))
            if piece.differs and marked in SOFT:
                ground = QRectF(left - 1, box.top() + 1, wide + 2, box.height() - 2)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.colour(SOFT[marked]))
                painter.drawRoundedRect(ground, 3, 3)
            area = QRect(int(left), box.top(), int(wide) + 2, box.height())
            self._text(painter, area, text, "body", marked if piece.differs else ink)
            left += wide

    def _text(
        self, painter: QPainter, box: QRect, text: str, role: Role, tone: Token,
        align: int = ALIGN_LEFT,
    ) -> None:  # fmt: skip
        if not text:
            return
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour(tone))
        metrics = self._theme.metrics(role)
        wide = max(box.width(), 1)
        painter.drawText(box, align, metrics.elidedText(text, Qt.TextElideMode.ElideRight, wide))
