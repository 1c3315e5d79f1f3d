"""One-pixel lines between parts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget


def hairline(vertical: bool = False) -> QFrame:
    line = QFrame()
    line.setProperty("line", "v" if vertical else "h")
    line.setFrameShape(QFrame.Shape.NoFrame)
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def edge_below(widget: QWidget) -> None:
    """Give a plain widget a line along its lower edge, inside its size."""
    widget.setProperty("edge", "bottom")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
