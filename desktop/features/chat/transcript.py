"""The turns, the newest just above the field, with the scroll bar lying over them."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from desktop.core.store import Store
from desktop.core.theme import Theme
from desktop.features.chat.empty_chat import EmptyChat
from desktop.features.chat.session import ChatSession
from desktop.features.chat.turn_row import TurnRow
from desktop.workbench.buttons import Button

AT_ONCE, SHOWN = 6, 30  # turns made before the first paint; turns shown without being asked
NEAR = 24  # px from the end that count as being there


class Transcript(QScrollArea):
    """Stays at the end while the person is there; older turns are made when asked for."""

    def __init__(self, theme: Theme, session: ChatSession, store: Store, empty: EmptyChat) -> None:
        super().__init__()
        self._theme, self._session, self._store, self.empty = theme, session, store, empty
        self._first = 0  # the oldest turn that has its row
        self._wanted = 0  # the oldest turn that is to have one
        self._at_end = True
        self._below = 0  # px under the view, kept while rows are made above it
        self.rows: list[TurnRow] = []
        self._making = QTimer(self, singleShot=True, interval=0)
        self._making.timeout.connect(self._make_one)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = Columns(theme)
        self._content.setProperty("scrolled", True)
        self._lines = QVBoxLayout(self._content)
        self._lines.setContentsMargins(0, 16, 0, 12)
        self._lines.setSpacing(22)
        self._lines.addStretch(1)
        self._earlier = Button(theme, "", kind="link", run=self._show_earlier)
        self._lines.addWidget(self._earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        self._lines.addWidget(self.empty)
        self._foot_stretch()
        self.setWidget(self._content)
        self._bar = OverlayBar(self)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self.verticalScrollBar().valueChanged.connect(self._on_value)
        session.reset.connect(self.fill)
        session.turn_added.connect(self._add)
        session.reply_changed.connect(self._on_reply)
        session.reply_grew.connect(self._on_growth)
        session.turn_changed.connect(self._on_turn)
        session.changed.connect(self.refresh_names)
        self.fill()

    def _foot_stretch(self) -> None:
        """The empty text stands in the middle, turns stand at the foot."""
        self._foot = QWidget()
        self._lines.addWidget(self._foot, 1)

    def fill(self) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        turns = len(self._session.turns)
        self._first = max(turns - AT_ONCE, 0)
        self._wanted = max(turns - SHOWN, 0)
        self.rows = []
        self._at_end = True
        for number in range(self._first, turns):
            self._add_row(number, len(self.rows))
        self._refresh()
        self._making.start()

    def _make_one(self) -> None:
        """The next older turn, between two events, so that the window never waits for them."""
        if self._first > self._wanted:
            self._first -= 1
            self._add_row(self._first, 0)
            self._making.start()
        self._refresh()

    def refresh_names(self) -> None:
        """Columns or adapters have changed: who answered is said anew."""
        if self._content.split != (len(self._session.columns) > 1):
            self.fill()
        for row in self.rows:
            row.refresh_state()
        self._refresh_empty()

    def _add(self) -> None:
        self._at_end = True
        self._add_row(len(self._session.turns) - 1, len(self.rows))
        self._refresh()

    def _add_row(self, number: int, place: int) -> None:
        row = TurnRow(self._theme, self._session, self._store, number)
        self.rows.insert(place, row)
        self._lines.insertWidget(3 + place, row)

    def _show_earlier(self) -> None:
        self._wanted = max(self._first - SHOWN, 0)
        self._making.start()

    def _refresh(self) -> None:
        empty = not self._session.turns
        self._refresh_empty()
        self._foot.setVisible(empty)
        self._earlier.setVisible(self._first == self._wanted > 0)
        self._earlier.setText(f"Show {min(self._first, SHOWN)} earlier turns")
        self._content.set_split(len(self._session.columns) > 1, drawn=not empty)

    def _refresh_empty(self) -> None:
        empty = not self._session.turns and not self._session.loading
        self.empty.setVisible(empty)
        if empty:
            self.empty.refresh()

    def row(self, turn: int) -> TurnRow | None:
        at = turn - self._first
        return self.rows[at] if 0 <= at < len(self.rows) else None

    def _on_reply(self, turn: int, column: int) -> None:
        row = self.row(turn)
        if row is not None:
            row.refresh(column)

    def _on_growth(self, turn: int, column: int, text: str) -> None:
        row = self.row(turn)
        if row is not None:
            row.views[column].grow(text)

    def _on_turn(self, turn: int) -> None:
        row = self.row(turn)
        if row is not None:
            row.refresh_state()

    def column_of(self, widget: QWidget) -> int | None:
        """The column that a widget of a reply belongs to."""
        for row in self.rows:
            for column, view in enumerate(row.views):
                if view.isAncestorOf(widget):
                    return column
        return None

    def _on_range(self) -> None:
        bar = self.verticalScrollBar()
        if self._at_end:
            bar.setValue(bar.maximum())
        elif self._making.isActive():
            bar.setValue(bar.maximum() - self._below)

    def _on_value(self, value: int) -> None:
        self._below = self.verticalScrollBar().maximum() - value
        self._at_end = self._below <= NEAR

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.place()


class Columns(QWidget):
    """The ground of the turns, with the line between two columns."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.split = False
        self._drawn = False

    def set_split(self, split: bool, *, drawn: bool) -> None:
        """`drawn` is false while there is nothing on either side."""
        if (split, drawn) != (self.split, self._drawn):
            self.split, self._drawn = split, drawn
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.split and self._drawn:
            painter = QPainter(self)
            line = self._theme.colour("line")
            painter.fillRect(self.width() // 2, 0, 1, self.height(), line)
            painter.end()


class OverlayBar(QScrollBar):
    """Takes no room, so that the columns lie under their heads to the pixel."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(Qt.Orientation.Vertical, area)
        self._area = area
        self._other = area.verticalScrollBar()
        self._other.rangeChanged.connect(self._on_range)
        self._other.valueChanged.connect(self.setValue)
        self.valueChanged.connect(self._other.setValue)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def _on_range(self, low: int, high: int) -> None:
        self.setRange(low, high)
        self.setPageStep(self._other.pageStep())
        self.setValue(self._other.value())
        self.setVisible(high > low)

    def place(self) -> None:
        wide = self.sizeHint().width()
        self.setGeometry(self._area.width() - wide, 0, wide, self._area.height())
        self.raise_()
