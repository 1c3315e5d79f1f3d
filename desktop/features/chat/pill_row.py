"""The switcher: the base alone and the adapters that have a pill."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QSizePolicy, QWidget

from desktop.core.theme import Theme
from desktop.features.chat.pill import Pill
from desktop.workbench.buttons import IconButton
from desktop.workbench.rows import dragged_row


class PillText(NamedTuple):
    """`adapter` is None for the base alone; `detail` says what it is."""

    adapter: str | None
    name: str
    detail: str = ""


class PillRow(QScrollArea):
    """Scrolls sideways when it is narrow. `pinned(adapter, place)` comes from drops and the +."""

    chosen = Signal(object)  # an adapter's id, or None
    pinned = Signal(str, int)
    unpinned = Signal(str)

    def __init__(self, theme: Theme, more: Callable[[], QMenu | None]) -> None:
        super().__init__()
        self._theme, self._more = theme, more
        self._texts: tuple[PillText, ...] = ()
        self._active: str | None = ""
        self.pills: list[Pill] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAcceptDrops(True)
        self._content = QWidget()
        self._content.setProperty("scrolled", True)
        self._row = QHBoxLayout(self._content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.add = IconButton(theme, "add", "Pin another adapter", run=self._show_more, box=28)
        self._row.addWidget(self.add)
        self._row.addStretch()
        self.setWidget(self._content)

    def sizeHint(self) -> QSize:
        return QSize(400, self._theme.px(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._theme.px(28))

    def show_pills(self, texts: Sequence[PillText], active: str | None) -> None:
        """Only what differs is made anew; `active` is an adapter's id or None for the base."""
        if tuple(texts) != self._texts:
            self._texts = tuple(texts)
            for pill in self.pills:
                pill.hide()
                pill.deleteLater()
            self.pills = [self._make(number, text) for number, text in enumerate(texts)]
        for pill, text in zip(self.pills, self._texts, strict=True):
            pill.setChecked(text.adapter == active)
            if text.adapter == active and active != self._active:
                self.ensureWidgetVisible(pill, self._theme.px(24), 0)
        self._active = active

    def _make(self, number: int, text: PillText) -> Pill:
        icon = "circle-slash" if text.adapter is None else "layers"
        keys = f"Alt+{number + 1}" if number < 9 else ""
        pill = Pill(self._theme, text.name, keys, icon, active=False)
        if text.detail:
            pill.setToolTip(f"{pill.toolTip()}\n{text.detail}")
        pill.clicked.connect(lambda: self.chosen.emit(text.adapter))
        if text.adapter is not None:
            pill.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            pill.customContextMenuRequested.connect(lambda at: self._menu(pill, text, at))
        self._row.insertWidget(number, pill)
        return pill

    def _menu(self, pill: Pill, text: PillText, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        number = self._texts.index(text)
        if number > 1:
            menu.addAction("Move left", lambda: self.pinned.emit(text.adapter, number - 2))
        menu.addAction("Unpin", lambda: self.unpinned.emit(text.adapter))
        menu.popup(pill.mapToGlobal(at))

    def _show_more(self) -> None:
        menu = self._more()
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (event.angleDelta().y() or event.angleDelta().x()) // 2)

    # An adapter's row dropped here gets its place.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_row(event.mimeData())[0] == "adapter":
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        kind, id = dragged_row(event.mimeData())
        if kind != "adapter":
            return
        event.acceptProposedAction()
        x = self._content.mapFrom(self, event.position().toPoint()).x()
        place = sum(1 for pill in self.pills[1:] if pill.x() + pill.width() / 2 < x)
        self.pinned.emit(id, place)
