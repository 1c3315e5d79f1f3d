"""The template editor: the text above, what the model would see of the row below."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.core import formatting
from desktop.core.commands import Commands
from desktop.core.theme import Theme
from desktop.features.datasets.legend import Swatch
from desktop.features.datasets.menu_button import MenuButton
from desktop.features.datasets.template_chips import NameChips
from desktop.features.datasets.template_draft import TemplateDraft
from desktop.features.datasets.template_marks import Syntax
from desktop.features.datasets.template_menu import OF_THE_MODEL, TemplateMenu
from desktop.features.datasets.template_text import TemplateText
from desktop.features.datasets.token_box import TokenBox
from desktop.workbench.buttons import Button, IconButton, command_button, command_icon_button
from desktop.workbench.label import ElidedLabel, Label
from desktop.workbench.page import section_title
from engine.protocol.records import TokenView

WHAT_IT_DOES = "The text in blue is learned; the rest is only read."
SYNTAXES: dict[Syntax, str] = {"fields": "Fields", "jinja": "Jinja"}


class TemplateEditor(QWidget):
    """Shows a draft; what the person does to it goes out as signals."""

    edited = Signal()
    syntax_chosen = Signal(str)
    left = Signal()
    stepped = Signal(int)

    def __init__(self, theme: Theme, commands: Commands) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("surface", "editor")
        self.text = TemplateText(theme)
        self.chips = NameChips(theme)
        self.box = TokenBox(theme)
        self.gallery = MenuButton(theme, [], "Template")
        self.menu = TemplateMenu(self.gallery)
        self.gallery.menu = self.menu
        self.description = ElidedLabel("", "small", "text3")
        self.fault = Label("", "small", "err")
        self.row = Label("", "meta", "text3")
        self.loss = Label("", "small", "text3")
        self.note = Label("", "body", "text3")
        self._syntaxes = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 16)
        column.setSpacing(8)
        close = IconButton(theme, "close", "Back (Esc)", run=self.left.emit)
        column.addWidget(section_title("Template", [close]))
        column.addWidget(Label(WHAT_IT_DOES, "meta", "text2"))
        column.addSpacing(4)
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._sides.setSpacing(20)
        self._sides.addLayout(self._text_part(commands), 5)
        self._sides.addLayout(self._preview_part(), 4)
        column.addLayout(self._sides, 1)
        column.addSpacing(4)
        column.addLayout(self._buttons(commands))
        self._connect()

    def set_wide(self, wide: bool) -> None:
        """Under the table there is room for two columns."""
        ways = QBoxLayout.Direction
        self._sides.setDirection(ways.LeftToRight if wide else ways.TopToBottom)

    def _text_part(self, commands: Commands) -> QVBoxLayout:
        remove = command_icon_button(self._theme, commands, "datasets.remove-template")
        choice = QHBoxLayout()
        choice.setSpacing(8)
        choice.addWidget(self.gallery)
        choice.addWidget(remove)
        choice.addStretch()
        choice.addLayout(self._syntax_switch())
        self.fault.setWordWrap(True)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(choice)
        column.addWidget(self.description)
        column.addWidget(self.text, 1)
        column.addWidget(self.fault)
        column.addWidget(self.chips)
        return column

    def _syntax_switch(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, (syntax, title) in enumerate(SYNTAXES.items()):
            button = Button(self._theme, title, kind="ghost")
            button.setCheckable(True)
            button.setAccessibleName(f"Syntax: {title}")
            button.clicked.connect(lambda _=False, syntax=syntax: self.syntax_chosen.emit(syntax))
            self._syntaxes.addButton(button, number)
            row.addWidget(button)
        return row

    def _preview_part(self) -> QVBoxLayout:
        up = IconButton(self._theme, "chevron-up", "Earlier row", run=lambda: self.stepped.emit(-1))
        down = IconButton(self._theme, "chevron-down", "Next row",
                          run=lambda: self.stepped.emit(1))  # fmt: skip
        title = section_title("What the model would see", [self.row, up, down])
        layout = title.layout()
        assert layout is not None
        layout.setSpacing(4)
        frame = QFrame()
        frame.setProperty("card", "sunken")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.note)
        inside.addWidget(self.box)
        self.note.setContentsMargins(14, 12, 14, 12)
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note.hide()
        legend = QHBoxLayout()
        legend.setSpacing(6)
        legend.addWidget(Swatch(self._theme, "accent", "accentSoft"))
        legend.addWidget(self.loss)
        legend.addStretch()
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(frame, 1)
        column.addLayout(legend)
        return column

    def _buttons(self, commands: Commands) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(command_button(self._theme, commands, "datasets.use-template",
                                     text="Use template", kind="primary", icon=""))  # fmt: skip
        row.addWidget(command_button(self._theme, commands, "datasets.save-template",
                                     text="Save to gallery…", icon=""))  # fmt: skip
        row.addStretch()
        row.addWidget(Button(self._theme, "Back", kind="ghost", run=self.left.emit))
        return row

    def _connect(self) -> None:
        self.text.edited.connect(self.edited)
        self.chips.chosen.connect(self.text.insert_name)
        self.chips.learn.connect(self.text.learn_selection)

    def show_draft(self, draft: TemplateDraft, description: str) -> None:
        template = draft.template
        name = template.name if template is not None else OF_THE_MODEL
        self.gallery.show_parts([(name, "body", "text")], f"Template: {name}")
        self.description.setText(description)
        self.text.show_text(draft.text, draft.syntax)
        button = self._syntaxes.button(list(SYNTAXES).index(draft.syntax))
        button.setChecked(True)

    def show_row(self, number: int | None) -> None:
        self.row.setText(f"row {number:,}" if number is not None else "")

    def show_view(self, view: TokenView, limit: int) -> None:
        self.show_fault("", 0)
        self.note.hide()
        self.box.show()
        self.box.show_view(view, limit)
        count = sum(token.loss for token in view.tokens)
        self.loss.setText(f"Carries loss, {formatting.plural(count, 'token')}")
        self.loss.set_tone("text3" if count else "warn")

    def show_fault(self, message: str, line: int) -> None:
        """Its line is always there, so that nothing jumps; the tokens stay as they were."""
        self.fault.setText(message)
        self.text.mark_fault(message, line)

    def show_note(self, note: str) -> None:
        """In place of the tokens: why there are none."""
        self.box.hide()
        self.note.setText(note)
        self.note.show()
        self.loss.setText("Carries loss")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
