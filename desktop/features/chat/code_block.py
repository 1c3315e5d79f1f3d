"""Code in a reply: its own widget, coloured, with a button that copies it."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFont,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.features.chat.highlight import spans
from desktop.workbench.buttons import IconButton

PAD, LINE = 9, 18


class CodeBlock(QWidget):
    """As high as its lines; long lines scroll, or wrap in an answer that is only JSON."""

    def __init__(self, theme: Theme, code: str = "", language: str = "", *, wrap: bool) -> None:
        super().__init__()
        self._theme = theme
        self._language = language
        self.text = CodeText(theme, wrap=wrap)
        self.text.setAccessibleName(f"Code, {language}" if language else "Code")
        self._copy = IconButton(theme, "copy", "Copy code", size=14, run=self._copy_code)
        self._copy.setParent(self)
        self._copy.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(13, PAD, 13, PAD)
        column.addWidget(self.text)
        theme.changed.connect(self._colour)
        self.append(code)
        self._colour()

    def append(self, code: str) -> None:
        """More of it, while it streams."""
        if code:
            cursor = QTextCursor(self.text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(code)
            self.text.fit()

    def code(self) -> str:
        return self.text.toPlainText()

    def _colour(self) -> None:
        self.text.setFont(code_font(self._theme))
        document = self.text.document()
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        for start, length, tone in spans(self.code(), self._language):
            look = QTextCharFormat()
            look.setForeground(self._theme.colour(tone))
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(look)
        cursor.endEditBlock()
        self.text.fit()
        self.update()

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self.code())
        self._copy.set_icon("check", "ok")

    def enterEvent(self, event: QEnterEvent) -> None:
        self._copy.set_icon("copy")
        self._copy.show()
        self._copy.raise_()

    def leaveEvent(self, event: QEvent) -> None:
        self._copy.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._copy.move(self.width() - self._copy.width() - 5, 5)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("line"))
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()


def code_font(theme: Theme) -> QFont:
    """Without ligatures: code is to be read letter by letter."""
    font = QFont(theme.font("mono"))
    for feature in ("calt", "liga"):
        font.setFeature(QFont.Tag(feature), 0)
    return font


class CodeText(QPlainTextEdit):
    """Read-only, as high as its content, and leaves the wheel to the transcript."""

    def __init__(self, theme: Theme, *, wrap: bool) -> None:
        super().__init__()
        self._theme = theme
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        mode = self.LineWrapMode.WidgetWidth if wrap else self.LineWrapMode.NoWrap
        self.setLineWrapMode(mode)
        if wrap:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalScrollBar().rangeChanged.connect(self.fit)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.setFont(code_font(theme))

    def fit(self) -> None:
        lines = 0
        block = self.document().begin()
        while block.isValid():
            lines += max(block.layout().lineCount(), 1)
            block = block.next()
        high = lines * self.fontMetrics().lineSpacing() + 2
        bar = self.horizontalScrollBar()
        if self.lineWrapMode() is self.LineWrapMode.NoWrap and bar.maximum() > 0:
            high += self._theme.px(10)
        if high != self.height():
            self.setFixedHeight(high)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().x():
            super().wheelEvent(event)
        else:
            event.ignore()
