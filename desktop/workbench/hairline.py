"""One-pixel lines between parts."""

from PySide6.QtWidgets import QFrame


def hairline(vertical: bool = False) -> QFrame:
    line = QFrame()
    line.setProperty("line", "v" if vertical else "h")
    line.setFrameShape(QFrame.Shape.NoFrame)
    return line
