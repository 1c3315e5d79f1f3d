"""Names and values, one under the other, with hairlines between."""

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.hairline import hairline
from desktop.workbench.label import ElidedLabel, Label

SAID_MS = 1500


class Facts(QWidget):
    """Rows 32 high; the names' column is `name_width` wide, in px at 100 %."""

    def __init__(self, theme: Theme, name_width: int = 144) -> None:
        super().__init__()
        self._name_width = name_width
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def clear(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()

    def add(self, name: str, value: str) -> None:
        label = ElidedLabel(value, "body", "text", Qt.TextElideMode.ElideMiddle)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.add_widget(name, label, stretch=True)

    def add_copy(self, name: str, whole: str, short: str = "") -> None:
        """A value that a click copies whole; nothing to copy is a dash."""
        if whole:
            self.add_widget(name, CopyButton(self._theme, name, whole, short or whole))
        else:
            self.add(name, "–")

    def add_widget(self, name: str, widget: QWidget, *, stretch: bool = False) -> None:
        if self._column.count():
            self._column.addWidget(hairline())
        line = QWidget()
        line.setFixedHeight(self._theme.px(32))
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        label = Label(name, "body", "text2")
        label.setFixedWidth(self._theme.px(self._name_width))
        row.addWidget(label)
        row.addWidget(widget, 1 if stretch else 0)
        if not stretch:
            row.addStretch()
        self._column.addWidget(line)


class CopyButton(QAbstractButton):
    """Shows the short form, copies the whole one and says so for a moment."""

    def __init__(self, theme: Theme, name: str, whole: str, short: str) -> None:
        super().__init__()
        self._theme, self._whole, self._short = theme, whole, short
        self.setText(short)
        self.setToolTip(f"{whole}\nClick to copy")
        self.setAccessibleName(f"{name} {short}, copy")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._timer = QTimer(self, singleShot=True, interval=SAID_MS)
        self._timer.timeout.connect(lambda: self.setText(self._short))
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._whole)
        self.setText("Copied")
        self._timer.start()

    def sizeHint(self) -> QSize:
        width = self._theme.metrics("mono").horizontalAdvance(self._short)
        return QSize(width + self._theme.px(4), self._theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        lit = self.underMouse() or self.hasFocus()
        painter.setFont(self._theme.font("mono"))
        painter.setPen(self._theme.colour("accent" if lit else "text2"))
        align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(self.rect(), align, self.text())
        painter.end()
