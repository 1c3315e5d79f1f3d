"""The field to write in, its key and the button that sends."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button
from desktop.workbench.drops import paths_of
from desktop.workbench.label import KeyLabel

MOST_LINES, LARGEST_FILE = 8, 256 * 1024
TEXT_KINDS = (".txt", ".md", ".json", ".jsonl", ".csv", ".py", ".sql", ".log", ".html", ".xml")


class PromptBox(QWidget):
    """`sent` asks for the prompt to be sent, `stopped` for the replies to end."""

    sent = Signal()
    stopped = Signal()

    def __init__(self, theme: Theme, enter_sends: Callable[[], bool]) -> None:
        super().__init__()
        self._theme = theme
        self._busy = False
        self.field = PromptField(theme, enter_sends)
        self.field.sent.connect(self.sent)
        self.field.installEventFilter(self)
        self.send = Button(theme, "", icon="send", kind="primary", run=self._on_button)
        self.send.setStyleSheet("padding: 0;")
        self.send.setFixedWidth(theme.px(34))
        self.set_busy(False)
        low = QHBoxLayout()
        low.setSpacing(8)
        low.addStretch()
        low.addWidget(KeyLabel("Ctrl+Enter"))
        low.addWidget(self.send)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 11, 9, 9)
        column.setSpacing(0)
        column.addWidget(self.field)
        column.addLayout(low)

    def set_busy(self, busy: bool) -> None:
        """While replies stream the button stops them."""
        self._busy = busy
        self.send.set_icon("debug-stop" if busy else "send")
        self.send.setToolTip("Stop (Esc)" if busy else "Send (Ctrl+Enter)")
        self.send.setAccessibleName("Stop" if busy else "Send")

    def _on_button(self) -> None:
        (self.stopped if self._busy else self.sent).emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = self._theme.colour
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour("accent" if self.field.hasFocus() else "lineStrong"))
        painter.setBrush(colour("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()


class PromptField(QPlainTextEdit):
    """Grows to eight lines. Enter sends a single line; Shift+Enter always begins a new one."""

    sent = Signal()

    def __init__(self, theme: Theme, enter_sends: Callable[[], bool]) -> None:
        super().__init__()
        self._theme, self._enter_sends = theme, enter_sends
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Prompt")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._fit)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        lines = 0
        block = self.document().begin()
        while block.isValid() and lines < MOST_LINES:
            lines += max(block.layout().lineCount(), 1)
            block = block.next()
        step = self.fontMetrics().lineSpacing()
        self.setFixedHeight(min(max(lines, 1), MOST_LINES) * step + self._theme.px(12))

    def setPlaceholderText(self, text: str) -> None:
        super().setPlaceholderText(text)
        self.viewport().update()  # Qt paints only when the text comes or goes

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        one_line = self.document().blockCount() == 1
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if enter and (control or (plain and one_line and self._enter_sends())):
            self.sent.emit()
        elif enter:
            self.textCursor().insertBlock()
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(text_files(source)) or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """A dropped file gives its text; anything else is pasted as plain text."""
        files = text_files(source)
        if files:
            for path in files:
                self.insertPlainText(read_text(path))
        elif source.hasText():
            self.insertPlainText(source.text())


def text_files(source: QMimeData) -> tuple[Path, ...]:
    """The dropped files if all of them are text by their names."""
    paths = paths_of(source)
    return paths if paths and all(path.suffix.lower() in TEXT_KINDS for path in paths) else ()


def read_text(path: Path) -> str:
    """The beginning of the file; what is no UTF-8 is replaced."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE).decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except OSError:
        return ""
