"""The list of the Problems tab and its filter."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.features.datasets import wording
from desktop.features.datasets.problems import PROBLEM, FoundProblem, Problems, ProblemsModel
from desktop.features.datasets.rows_model import Index
from desktop.workbench.empty_state import EmptyState
from desktop.workbench.search_field import SearchField

LEFT = 16


class ProblemsView(QWidget):
    def __init__(self, theme: Theme, problems: Problems) -> None:
        super().__init__()
        self._problems = problems
        self.model = ProblemsModel(problems, self)
        self.list = ProblemList()
        self.list.setModel(self.model)
        painter = ProblemPainter(theme, self.list)
        self.list.setItemDelegate(painter)
        self.list.offer_at = painter.offer_at
        self.list.clicked.connect(self._open)
        self.list.fix.connect(self._fix)
        self.list.activated.connect(self._open)
        self.setFocusProxy(self.list)
        self._empty = EmptyState("No problems found.")
        self._no_hits = EmptyState("")
        self._text = ""
        self._stack = QStackedLayout(self)
        for widget in (self.list, self._empty, self._no_hits):
            self._stack.addWidget(widget)
        self.model.modelReset.connect(self._choose)
        problems.changed.connect(self._follow)
        self._choose()

    def filter(self, text: str) -> None:
        self._text = text
        self.model.filter(text)
        self._choose()

    def _choose(self) -> None:
        shown: QWidget = self.list
        if not self.model.rows:
            shown = self._no_hits if self._problems.all else self._empty
            self._no_hits.set_sentence(f"Nothing matches '{self._text}'.")
        self._stack.setCurrentWidget(shown)

    def _open(self, index: QModelIndex) -> None:
        problem = index.data(PROBLEM)
        if isinstance(problem, FoundProblem):
            self._problems.go_to(problem)

    def _fix(self, index: QModelIndex) -> None:
        problem = index.data(PROBLEM)
        if isinstance(problem, FoundProblem):
            self._problems.fix(problem)

    def _follow(self) -> None:
        """F8 moves the selection here as well."""
        current = self._problems.current
        if current in self.model.rows:
            self.list.setCurrentIndex(self.model.index(self.model.rows.index(current), 0))


class ProblemList(QListView):
    """`fix(index)`: its offer was clicked, which is no click on the row."""

    fix = Signal(QModelIndex)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Problems")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.offer_at: Callable[[QRect, Index], QRect] = lambda rect, index: QRect()

    def _offered(self, where: QPoint) -> QModelIndex:
        """The row whose offer is there."""
        index = self.indexAt(where)
        box = self.offer_at(self.visualRect(index), index) if index.isValid() else QRect()
        return index if box.contains(where) else QModelIndex()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        offered = self._offered(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and offered.isValid():
            self.fix.emit(offered)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._offered(event.position().toPoint()).isValid()
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.activated.emit(index)
        else:
            super().keyPressEvent(event)


class ProblemPainter(QStyledItemDelegate):
    """Icon, message, then file and line; at the right what one click does about the sort."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def offer_at(self, rect: QRect, index: Index) -> QRect:
        """Where the offer stands in a row's rectangle."""
        problem: FoundProblem = index.data(PROBLEM)
        width = self._theme.metrics("body").horizontalAdvance(problem.fix) + 2
        right = rect.right() - self._theme.px(12)
        return QRect(right - width, rect.top(), width, rect.height())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self._theme.px(28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        problem: FoundProblem = index.data(PROBLEM)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        px, colour = self._theme.px, self._theme.colour
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, colour("selActive"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour("hover"))
        icon, tone = wording.SEVERITIES[problem.finding.severity]
        box = QRectF(px(LEFT), rect.center().y() - px(8) + 1, px(16), px(16))
        paint_glyph(painter, icon, box, colour(tone))
        align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        offer = self.offer_at(rect, index)
        painter.setFont(self._theme.font("body"))
        painter.setPen(colour("accent"))
        painter.drawText(offer, align, problem.fix)
        left, right = px(LEFT) + px(24), offer.left() - px(16)
        metrics = self._theme.metrics("body")
        painter.setFont(self._theme.font("body"))
        painter.setPen(colour("text"))
        message = problem.finding.message.rstrip(".") + "."
        cut = metrics.elidedText(message, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, rect.top(), right - left, rect.height()), align, cut)
        left += metrics.horizontalAdvance(cut) + px(8)
        painter.setFont(self._theme.font("meta"))
        painter.setPen(colour("text2" if chosen else "text3"))
        place = wording.place_of(problem.finding)
        painter.drawText(QRect(left, rect.top(), max(right - left, 0), rect.height()), align, place)
        painter.restore()


def filter_field(theme: Theme, view: ProblemsView) -> QWidget:
    """For the panel's header."""
    field = SearchField(theme, "Filter", icon="filter")
    field.setFixedWidth(theme.px(200))
    field.textChanged.connect(view.filter)
    box = QWidget()
    box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 6, 0)
    row.addWidget(field)
    return box
