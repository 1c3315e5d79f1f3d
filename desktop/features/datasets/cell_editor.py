"""Writing in a cell: a field over the table, as high as its text."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop.core.theme import Theme, repolish

LINES = 12  # at most; then it scrolls


class TextEditor(QPlainTextEdit):
    """`kept` on Ctrl+Enter, `left` on Esc; neither runs a command of the window."""

    kept = Signal()
    left = Signal()

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and (keeps(event) or leaves(event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if keeps(event):
            self.kept.emit()
        elif leaves(event):
            self.left.emit()
        else:
            super().keyPressEvent(event)


def keeps(event: QKeyEvent) -> bool:
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return enter and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def leaves(event: QKeyEvent) -> bool:
    return bool(event.key() == Qt.Key.Key_Escape)


class CellEditor(TextEditor):
    """Opens over one cell; what is written is kept when the focus goes elsewhere, too."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cell = QRect()
        self._keep: Callable[[str], object] = lambda text: None
        self._leave: Callable[[], object] = lambda: None
        self._before = ""
        self.setProperty("field", True)
        self.setTabChangesFocus(True)
        self.kept.connect(self.keep)
        self.left.connect(self.leave)
        self.textChanged.connect(self._fit)
        self.hide()

    def open_at(
        self,
        cell: QRect,
        text: str,
        *,
        name: str,
        keep: Callable[[str], object],
        leave: Callable[[], object] = lambda: None,
    ) -> None:
        """`keep` gets the text if it was changed, else `leave` is called."""
        self._cell, self._keep, self._leave, self._before = cell, keep, leave, text
        code = text.startswith(("{", "[", "<"))
        self.setFont(self._theme.font("mono" if code else "body"))
        self.setStyleSheet("font-family: 'JetBrains Mono'; font-size: 12px;" if code else "")
        self.setAccessibleName(name)
        self.setPlainText(text)
        self.selectAll()
        self._fit()
        self.show()
        self.raise_()
        repolish(self)
        self._fit()
        self.setFocus()

    @property
    def changed(self) -> bool:
        """Whether something else stands there than before."""
        return not self.isHidden() and self.toPlainText() != self._before

    def keep(self) -> None:
        text = self.toPlainText()
        if text == self._before:
            self.leave()
        elif self._end():
            self._keep(text)
            self.closed.emit()

    def leave(self) -> None:
        if self._end():
            self._leave()
            self.closed.emit()

    def _end(self) -> bool:
        """False when it is closed already: hiding it takes its focus away once more."""
        if self.isHidden():
            return False
        self.hide()
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            self.keep()

    def _fit(self) -> None:
        """Over its cell, as wide as that and as high as its text; never out of the table."""
        parent = self.parentWidget()
        assert isinstance(parent, QWidget)
        wide = max(self._cell.width(), self._theme.px(240))
        left = max(0, min(self._cell.left() - self._theme.px(8), parent.width() - wide))
        self.setFixedWidth(min(wide, parent.width()))
        lines = min(self._line_count(), LINES)
        high = lines * self.fontMetrics().lineSpacing() + self._theme.px(20)
        high = min(max(high, self._cell.height() + 2), parent.height())
        self.setFixedHeight(high)
        self.move(left, max(0, min(self._cell.top(), parent.height() - high)))

    def _line_count(self) -> int:
        """Lines as they are wrapped at this width."""
        metrics = self.fontMetrics()
        room = max(self.width() - self._theme.px(24), 40)
        lines = 0
        for paragraph in self.toPlainText().split("\n"):
            lines += 1 + metrics.horizontalAdvance(paragraph[:4000]) // room
        return lines
