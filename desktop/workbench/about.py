"""The About box: the version, and whose work the window is drawn with."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.workbench.buttons import Button
from desktop.workbench.label import Label, Paragraph
from desktop.workbench.logo import logo_pixmap
from engine.protocol.version import VERSION

CREDITS = (
    "Icons: Codicons by Microsoft, CC BY 4.0.\n"
    "Typefaces: Inter by The Inter Project Authors and JetBrains Mono by The JetBrains Mono "
    "Project Authors, SIL Open Font License 1.1.\n"
    "Adapter Studio itself is under the Apache License 2.0."
)


class AboutBox(QDialog):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Adapter Studio")
        self.setFixedWidth(theme.px(420))
        logo = QLabel()
        logo.setPixmap(logo_pixmap(theme, theme.px(40), self.devicePixelRatioF()))
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label("Adapter Studio", "page"))
        names.addWidget(Label(f"Version {VERSION}", "meta", "text3"))
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(logo)
        head.addLayout(names, 1)
        close = Button(theme, "Close", run=self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(
            Paragraph(theme, "Train, keep and hot-swap adapters on one workstation, offline.")
        )
        column.addWidget(Paragraph(theme, CREDITS, "body", "text2"))
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        close.setFocus()
