"""The lineage: nodes are buttons, the arrows between them are painted."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.core.icons import paint_glyph
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.features.adapters.ancestry import Ancestry, Node
from desktop.workbench.painted_button import PaintedButton

WIDE, HIGH, STEP = 216, 52, 80  # px at 100 %
LEAST_GAP = 72


class Lineage(QWidget):
    """Source at the left, run in the middle, the adapter at the right, its parents below."""

    def __init__(self, theme: Theme, opened: Callable[[str, str], object]) -> None:
        super().__init__()
        self._theme = theme
        self._opened = opened
        self._ancestry: Ancestry | None = None
        self._nodes: dict[str, NodeButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._place)

    def show_ancestry(self, ancestry: Ancestry) -> None:
        if ancestry == self._ancestry:
            return
        self._ancestry = ancestry
        for button in self._nodes.values():
            button.deleteLater()
        self._nodes = {}
        self._add("source", ancestry.source)
        for number, parent in enumerate(ancestry.parents):
            self._add(f"parent {number}", parent)
        self._add("run", ancestry.run)
        self._add("this", ancestry.this)
        self.setFixedHeight(self._high())
        self._place()

    @property
    def nodes(self) -> list["NodeButton"]:
        """In reading order."""
        return list(self._nodes.values())

    def _add(self, place: str, node: Node | None) -> None:
        if node is not None:
            button = NodeButton(self._theme, node, is_this=place == "this")
            button.clicked.connect(lambda: self._opened(node.kind, node.key))
            button.setParent(self)
            button.show()
            self._nodes[place] = button

    def _high(self) -> int:
        parents = len(self._ancestry.parents) if self._ancestry is not None else 0
        return self._theme.px(HIGH + STEP * parents) + 1

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(3 * WIDE + 2 * LEAST_GAP), self._high())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        px = self._theme.px
        wide = min(px(WIDE), (self.width() - 2 * px(LEAST_GAP)) // 3)
        lefts = {"run": (self.width() - wide) // 2, "this": self.width() - wide}
        for place, button in self._nodes.items():
            row = int(place.split()[1]) + 1 if place.startswith("parent") else 0
            button.setGeometry(lefts.get(place, 0), row * px(STEP), wide, px(HIGH))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ancestry is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        source, run, this = (self._nodes.get(name) for name in ("source", "run", "this"))
        assert this is not None
        if run is not None and source is not None:
            self._arrow(painter, source, run, self._ancestry.source_label)
        if run is not None:
            self._arrow(painter, run, this, self._ancestry.run_label)
        elif source is not None:
            self._arrow(painter, source, this, self._ancestry.source_label)
        self._paint_parents(painter, run or this)
        painter.end()

    def _arrow(self, painter: QPainter, start: QWidget, end: QWidget, label: str) -> None:
        px, colour = self._theme.px, self._theme.colour
        y = start.y() + start.height() / 2
        left, right = start.x() + start.width(), end.x()
        painter.setPen(QPen(colour("lineStrong"), 1))
        painter.drawLine(QPointF(left, y), QPointF(right - px(2), y))
        head = (QPointF(right, y), QPointF(right - px(7), y - px(4)),
                QPointF(right - px(7), y + px(4)))  # fmt: skip
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("text3"))
        painter.drawPolygon(QPolygonF(head))
        if label:
            painter.setPen(colour("text3"))
            painter.setFont(self._theme.font("small"))
            box = QRectF(left, y - px(22), right - left, px(18))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), label)

    def _paint_parents(self, painter: QPainter, target: QWidget) -> None:
        """Dashed, from each parent up into the line that leads to the run."""
        px, colour = self._theme.px, self._theme.colour
        parents = [node for place, node in self._nodes.items() if place.startswith("parent")]
        pen = QPen(colour("lineStrong"), 1)
        pen.setDashPattern([4, 3])
        for number, parent in enumerate(parents):
            y = parent.y() + parent.height() / 2
            left = parent.x() + parent.width()
            middle = (left + target.x()) / 2
            painter.setPen(pen)
            painter.drawLine(QPointF(left, y), QPointF(middle, y))
            painter.drawLine(QPointF(middle, y), QPointF(middle, px(HIGH) / 2))
            if number == 0:
                painter.setPen(colour("text3"))
                painter.setFont(self._theme.font("small"))
                box = QRectF(left + px(10), y - px(22), middle - left, px(18))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), "starts from")


class NodeButton(PaintedButton):
    """Opens its record; the node of a record that is gone is only drawn."""

    def __init__(self, theme: Theme, node: Node, *, is_this: bool) -> None:
        super().__init__()
        self._theme = theme
        self.node = node
        self._is_this = is_this
        self.setText(node.title)
        self.setAccessibleName(f"{node.title}, {node.detail}")
        self.setToolTip(node.title)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if node.key:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.setEnabled(False)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(WIDE), self._theme.px(HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border: Token = "violet" if self._is_this else "accent" if self.hasFocus() else "lineStrong"
        painter.setPen(colour(border))
        over = self.underMouse() and self.isEnabled()
        painter.setBrush(colour("violetSoft" if self._is_this else "hover" if over else "raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        icon = QRectF(px(17), (self.height() - px(14)) / 2, px(14), px(14))
        paint_glyph(painter, self.node.icon, icon, colour(self.node.tone))
        self._paint_text(painter, self.node.title, px(8), "name")
        self._paint_text(painter, self.node.detail, px(27), "small")
        painter.end()

    def _paint_text(self, painter: QPainter, text: str, top: int, role: str) -> None:
        px = self._theme.px
        named = role == "name"
        painter.setFont(self._theme.font("name" if named else "small"))
        quiet: Token = "text2" if self._is_this else "text3"
        painter.setPen(self._theme.colour("text" if named else quiet))
        box = QRectF(px(41), top, self.width() - px(49), px(20 if named else 16))
        shown = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)
