"""The text of a reply: grows as plain text, each finished block then takes its final form."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.theme import Theme
from desktop.features.chat.blocks import Block, blocks_of, looks_like_json, split_blocks
from desktop.features.chat.code_block import CodeBlock
from desktop.features.chat.prose import Prose

GROW_MS = 33


class ReplyBody(QWidget):
    """`show_text` for a whole reply; `grow` while it streams."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._source = ""  # of the block that still grows
        self._shown = 0  # characters of it that its widget has
        self._tail: Prose | CodeBlock | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._timer = QTimer(self, singleShot=True, interval=GROW_MS)
        self._timer.timeout.connect(self._flow)

    def clear(self) -> None:
        self._timer.stop()
        self._source, self._shown, self._tail = "", 0, None
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def show_text(self, text: str) -> None:
        """The reply as it stays."""
        self.clear()
        for block in blocks_of(text):
            self._column.addWidget(self._finished(block))

    def grow(self, text: str) -> None:
        self._source += text
        if not self._timer.isActive():
            self._timer.start()

    def _finished(self, block: Block) -> QWidget:
        if block.code:
            return CodeBlock(self._theme, block.text, block.language, wrap=not block.language)
        prose = Prose(self._theme)
        prose.set_markdown(block.text)
        return prose

    def _flow(self) -> None:
        """Give finished blocks their form, and the growing one what has come since."""
        if looks_like_json(self._source):
            self._grow_tail(Block(self._source, 0, code=True, closed=False))
            return
        blocks = split_blocks(self._source, paragraphs=True)
        if not blocks:
            return
        for block in blocks[:-1]:
            self._drop_tail()
            self._column.addWidget(self._finished(block))
        last = blocks[-1]
        if last.start:
            self._source = self._source[last.start :]
        if last.code and last.closed:
            return  # it takes its form as soon as something follows it, or at the end
        self._grow_tail(last)

    def _grow_tail(self, block: Block) -> None:
        wanted = CodeBlock if block.code else Prose
        if not isinstance(self._tail, wanted) or self._shown > len(block.text):
            self._drop_tail()
            if block.code:
                self._tail = CodeBlock(self._theme, wrap=not block.language)
            else:
                self._tail = Prose(self._theme)
            self._column.addWidget(self._tail)
        new = block.text[self._shown :]
        self._shown = len(block.text)
        if isinstance(self._tail, CodeBlock):
            self._tail.append(new)
        elif self._tail is not None:
            self._tail.append_plain(new)

    def _drop_tail(self) -> None:
        if self._tail is not None:
            self._column.removeWidget(self._tail)
            self._tail.hide()
            self._tail.deleteLater()
        self._tail, self._shown = None, 0
