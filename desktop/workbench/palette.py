"""The command palette: commands behind `>`, places without, a second step for choices."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.core import formatting
from desktop.core.commands import Choice, Command, Commands, keys_text
from desktop.core.theme import Theme
from desktop.workbench.contributions import Contributions
from desktop.workbench.hairline import hairline
from desktop.workbench.label import Label
from desktop.workbench.palette_match import match, rank
from desktop.workbench.palette_rows import ENTRY, Entry, PaletteDelegate

MOST_ROWS, MOST_HITS = 12, 200
FOOTERS = {
    ">": "Delete > to find models, adapters, datasets and runs",
    "": "Type > to find commands",
}


class Palette(QFrame):
    """640 wide, 4 px from the top of the window; the page behind it stays as it is."""

    def __init__(
        self, theme: Theme, commands: Commands, contributions: Contributions, window: QWidget
    ) -> None:
        super().__init__(window)
        self._theme, self._commands, self._contributions = theme, commands, contributions
        self._asking: tuple[Command, list[Choice]] | None = None
        self._back_to: QWidget | None = None
        self.setProperty("popover", True)
        self.field = QLineEdit()
        self.field.setProperty("tall", True)
        self.field.setAccessibleName("Command palette")
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self._count = Label("", "meta", "text3", self.field)
        self.list = QListWidget()
        self.list.setAccessibleName("Commands and places")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(PaletteDelegate(theme, self.list))
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._choose)
        self._footer = Label("", "small", "text3")
        # Timers of its own: a pending call must not outlive the palette.
        self._leaving = QTimer(self, singleShot=True, interval=0)
        self._leaving.timeout.connect(self._close_if_left)
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._placing.timeout.connect(self._place)
        self._lay_out()
        self.hide()
        commands.asked.connect(self.ask)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        field_row = QHBoxLayout()
        field_row.setContentsMargins(8, 0, 8, 8)
        field_row.addWidget(self.field)
        column.addLayout(field_row)
        column.addWidget(self.list)
        column.addSpacing(5)
        column.addWidget(hairline())
        footer_row = QHBoxLayout()
        footer_row.setContentsMargins(18, 6, 18, 6)
        footer_row.addWidget(Label("Enter to run", "small", "text3"))
        footer_row.addSpacing(10)
        footer_row.addWidget(self._footer)
        footer_row.addStretch()
        column.addLayout(footer_row)

    def open(self, text: str = ">") -> None:
        """Show it with this text in the field."""
        if not self.isVisible():
            self._back_to = QApplication.focusWidget()
        self._asking = None
        self.field.setPlaceholderText("Go to a model, adapter, dataset, run or chat")
        self._show_with(text)

    def ask(self, id: str) -> None:
        """Start at the second step of a command that has choices."""
        if not self.isVisible():
            self._back_to = QApplication.focusWidget()
        command = self._commands.get(id)
        assert command.choices is not None
        self._asking = (command, command.choices())
        self.field.setPlaceholderText(command.name.rstrip("…"))
        self._show_with("")

    def _show_with(self, text: str) -> None:
        self.show()
        self.raise_()
        self.field.setFocus()
        if self.field.text() == text:
            self._fill()
        self.field.setText(text)
        self.field.setCursorPosition(len(text))

    def close_palette(self) -> None:
        self.hide()
        back, self._back_to = self._back_to, None
        if back is not None and back.isVisible():
            back.setFocus()

    def entries(self, text: str) -> list[Entry]:
        """What the text finds."""
        if self._asking is not None:
            return self._choice_entries(text)
        if text.startswith(">"):
            return self._command_entries(text[1:].strip())
        return self._place_entries(text)

    def _choice_entries(self, text: str) -> list[Entry]:
        assert self._asking is not None
        command, choices = self._asking
        entries = []
        for choice in choices:
            spans = match(choice.title, text)
            if spans is not None:
                run = self._running(command, choice)
                entries.append(Entry(title=choice.title, spans=spans, detail=choice.detail,
                                     icon=choice.icon or command.icon, run=run))  # fmt: skip
        return entries

    def _running(self, command: Command, choice: Choice) -> Callable[[], object]:
        def run() -> None:
            self._commands.note_use(command.id)
            choice.run()
            self._commands.refresh()

        return run

    def _command_entries(self, text: str) -> list[Entry]:
        recent = {id: place for place, id in enumerate(self._commands.recent())}
        found: list[tuple[tuple[int, int, int], Entry]] = []
        for command in self._commands:
            spans = match(command.title, text) if command.listed else None
            if spans is None:
                continue
            on = command.enabled()
            full = text.casefold() in (command.title.casefold(), command.name.casefold())
            if not on and not (full and command.why_off):
                continue
            place = recent.get(command.id, 10_000)
            loose = rank(command.title, spans)[0]
            entry = self._command_entry(command, spans, on, command.id in recent)
            found.append(((place, loose, len(found)), entry))
        found.sort(key=lambda each: each[0])
        return [entry for _, entry in found]

    def _command_entry(
        self, command: Command, spans: tuple[tuple[int, int], ...], on: bool, recent: bool
    ) -> Entry:
        asks = command.choices is not None
        run: Callable[[], object] | None = None
        if on:
            run = (lambda: self.ask(command.id)) if asks else lambda: self._commands.run(command.id)
        return Entry(
            title=command.title + ("…" if asks and not command.title.endswith("…") else ""),
            spans=spans,
            detail=command.why_off if not on else "recently used" if recent else "",
            keys=keys_text(command),
            icon=command.icon,
            run=run,
            stays=asks,
        )

    def _place_entries(self, text: str) -> list[Entry]:
        prefix = (
            text[:1] if any(p.prefix == text[:1] for p in self._contributions.providers) else ""
        )
        query = text[len(prefix) :]
        found: list[tuple[tuple[int, int, int], Entry]] = []
        for provider in self._contributions.providers:
            if provider.prefix != prefix:
                continue
            for item in provider.items():
                spans = match(item.title, query)
                if spans is not None:
                    entry = Entry(title=item.title, spans=spans, detail=item.detail,
                                  icon=item.icon, tone=item.tone, run=item.run)  # fmt: skip
                    found.append((rank(item.title, spans), entry))
        if query.strip():
            found.sort(key=lambda each: each[0])
        return [entry for _, entry in found[:MOST_HITS]]

    def _fill(self) -> None:
        text = self.field.text()
        entries = self.entries(text)
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.title)
            item.setData(ENTRY, entry)
            self.list.addItem(item)
        if not entries and text.strip(" >"):
            nothing = Entry(title=f"Nothing matches '{text.lstrip('> ')}'.", run=None)
            item = QListWidgetItem(nothing.title)
            item.setData(ENTRY, nothing)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        commands = text.startswith(">") and self._asking is None
        self._count.setText(
            formatting.plural(len(entries), "command") if commands else str(len(entries))
        )
        self._footer.setText(
            "Backspace on the empty field goes back"
            if self._asking is not None
            else FOOTERS[">" if commands else ""]
        )
        self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        px = self._theme.px
        rows = min(max(self.list.count(), 1), MOST_ROWS)
        self.list.setFixedHeight(rows * px(32))
        width = min(px(640), parent.width() - 32)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((parent.width() - width) // 2, 4)
        self._count.adjustSize()
        high = (self.field.height() - self._count.height()) // 2
        self._count.move(self.field.width() - self._count.width() - 11, high)

    def showEvent(self, event: QEvent) -> None:
        self._placing.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._leaving.start()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        return False

    def _close_if_left(self) -> None:
        focus = QApplication.focusWidget()
        if self.isVisible() and focus is not None and not self.isAncestorOf(focus):
            self._back_to = None
            self.close_palette()

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: MOST_ROWS,
            Qt.Key.Key_PageUp: -MOST_ROWS,
        }
        if key in steps:
            self._step(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key == Qt.Key.Key_Backspace and not self.field.text() and self._asking is not None:
            self.open(">")
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        count = self.list.count()
        if count:
            at = self.list.currentRow() + by
            self.list.setCurrentRow(at % count if abs(by) == 1 else min(max(at, 0), count - 1))

    def _choose(self, item: QListWidgetItem | None) -> None:
        entry = item.data(ENTRY) if item is not None else None
        if entry is None or entry.run is None:
            return
        if not entry.stays:
            self.close_palette()
        entry.run()
