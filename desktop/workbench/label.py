"""Labels: plain text always, in one of the type roles and tones."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.core.theme import Theme, repolish
from desktop.core.tokens import TYPE, Role, Token


class Label(QLabel):
    """Text from outside can never become markup or an image here."""

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        tone: Token = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setText(text)

    def set_tone(self, tone: Token) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            repolish(self)

    def set_role(self, role: Role) -> None:
        if self.property("role") != role:
            self.setProperty("role", role)
            repolish(self)


class ElidedLabel(Label):
    """One line that gives way: cut in the middle or at the end, whole in the tool tip."""

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        tone: Token = "text",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        self._whole = text
        self._more = ""
        self._mode = mode
        super().__init__(text, role, tone)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        self._whole = text
        super().setText(text)
        self._fit()

    def set_more(self, more: str) -> None:
        """What the tool tip says beyond the text."""
        self._more = more
        self._tell(self.text())

    def whole_text(self) -> str:
        return self._whole

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self._whole) + 1
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._fit()
        super().paintEvent(event)

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(self.width(), 1))
        if shown != self.text():
            super().setText(shown)
            self._tell(shown)

    def _tell(self, shown: str) -> None:
        cut = "" if shown == self._whole else self._whole
        self.setToolTip("\n".join(part for part in (cut, self._more) if part))


class KeyLabel(Label):
    """A key combination in its frame."""

    def __init__(self, keys: str) -> None:
        super().__init__(keys, "small", "text2")
        self.setProperty("keys", True)
        self.setIndent(0)  # a frame would add half a letter at the left
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)


class Paragraph(QWidget):
    """Wrapped text at its role's line height, which QLabel cannot set."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        role: Role = "body",
        tone: Token = "text",
        *,
        centred: bool = False,
    ) -> None:
        super().__init__()
        self._theme, self._text, self._role = theme, text, role
        self._centred = centred  # from top to bottom, in a row with something taller
        self._tone: Token = tone
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(text)
        theme.changed.connect(self.updateGeometry)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def set_tone(self, tone: Token) -> None:
        self._tone = tone
        self.update()

    def _lines(self, width: int) -> list[QTextLayout]:
        """One layout per paragraph of the text, its lines placed."""
        line_height = self._theme.px(TYPE[self._role].line)
        top = 0.0
        layouts = []
        for part in self._text.split("\n"):
            layout = QTextLayout(part, self._theme.font(self._role))
            layout.beginLayout()
            line = layout.createLine()
            while line.isValid():
                line.setLineWidth(max(width, 1))
                line.setPosition(QPointF(0, top + (line_height - line.height()) / 2))
                top += line_height
                line = layout.createLine()
            layout.endLayout()
            layouts.append(layout)
        return layouts

    def heightForWidth(self, width: int) -> int:
        lines = sum(max(layout.lineCount(), 1) for layout in self._lines(width))
        return lines * self._theme.px(TYPE[self._role].line)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        parts = self._text.split("\n")
        wide = max(self._theme.metrics(self._role).horizontalAdvance(part) for part in parts) + 2
        return QSize(wide, len(parts) * self._theme.px(TYPE[self._role].line))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self._theme.px(TYPE[self._role].line))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.colour(self._tone))
        spare = self.height() - self.heightForWidth(self.width()) if self._centred else 0
        for layout in self._lines(self.width()):
            layout.draw(painter, QPointF(0, max(spare, 0) / 2))
        painter.end()
