"""Prose of a reply: plain while it streams, Markdown afterwards, never anything from outside."""

from math import ceil

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QBrush,
    QFont,
    QImage,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextTable,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser

from desktop.core.theme import Theme

FEATURES = QTextDocument.MarkdownFeature.MarkdownNoHTML | QTextDocument.MarkdownFeature(
    QTextDocument.MarkdownFeature.MarkdownDialectGitHub
)
INDENT = 20  # px of a list's level and of a quotation
HEADINGS = {1: 18, 2: 15, 3: 13}  # px at 100 %
LINE, GAP = 21, 8


class Prose(QTextBrowser):
    """As high as its text. Links are shown with their address and not followed."""

    def __init__(self, theme: Theme, line: int = LINE) -> None:
        super().__init__()
        self._theme, self._line = theme, line
        self._markdown: str | None = None
        self.setAccessibleName("Reply")
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().setDefaultFont(theme.font("chat"))
        theme.changed.connect(self._restyle)

    def loadResource(self, type: int, name: QUrl | str) -> object:
        """A model's text must not make the window read a file or open a connection: an empty
        picture for everything, since Qt itself looks on the disk when it is given nothing."""
        empty = QImage(1, 1, QImage.Format.Format_ARGB32)
        empty.fill(Qt.GlobalColor.transparent)
        return empty

    def append_plain(self, text: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if self.document().isEmpty():
            cursor.setBlockFormat(self._block_format())
        cursor.insertText(text)
        self.fit()

    def set_markdown(self, text: str) -> None:
        self._markdown = text
        document = self.document()
        document.setDefaultFont(self._theme.font("chat"))
        document.setIndentWidth(self._theme.px(INDENT))
        document.setMarkdown(text, FEATURES)
        self._style()
        self.fit()

    def _restyle(self) -> None:
        if self._markdown is not None:
            self.set_markdown(self._markdown)

    def _block_format(self) -> QTextBlockFormat:
        look = QTextBlockFormat()
        fixed = QTextBlockFormat.LineHeightTypes.FixedHeight.value
        look.setLineHeight(self._theme.px(self._line), fixed)
        return look

    def _style(self) -> None:
        """Qt's Markdown comes with browser sizes; bring it to the roles of the design."""
        document = self.document()
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        block = document.begin()
        while block.isValid():
            self._style_block(cursor, block)
            block = block.next()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                self._style_table(frame)
        cursor.endEditBlock()

    def _style_block(self, cursor: QTextCursor, block: QTextBlock) -> None:
        px = self._theme.px
        look = block.blockFormat()
        level = look.headingLevel()
        last = not block.next().isValid()
        in_list = block.textList() is not None
        look.setTopMargin(px(4) if level and block.blockNumber() else 0)
        in_table = QTextCursor(block).currentTable() is not None
        look.setBottomMargin(0 if last or in_table else px(2 if in_list else GAP))
        if not level:
            fixed = QTextBlockFormat.LineHeightTypes.FixedHeight.value
            look.setLineHeight(px(self._line), fixed)
        if look.leftMargin() > 0:
            look.setLeftMargin(px(INDENT))
            look.setRightMargin(0)
        cursor.setPosition(block.position())
        cursor.setBlockFormat(look)
        for start, length, old in fragments(block):
            new = self._char_format(old, level)
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            if old.isImageFormat():
                cursor.insertText(f"[{old.toImageFormat().name()}]", self._plain())
            elif new is not None:
                cursor.mergeCharFormat(new)

    def _plain(self) -> QTextCharFormat:
        look = QTextCharFormat()
        look.setForeground(self._theme.colour("text3"))
        return look

    def _char_format(self, old: QTextCharFormat, level: int) -> QTextCharFormat | None:
        look = QTextCharFormat()
        if level:
            size = self._theme.px(HEADINGS.get(level, 13))
            look.setProperty(QTextCharFormat.Property.FontSizeAdjustment, 0)
            look.setProperty(QTextCharFormat.Property.FontPixelSize, size)
            look.setFontWeight(QFont.Weight.DemiBold)
            return look
        if old.fontFixedPitch():
            look.setFontFamilies(self._theme.font("mono").families())
            look.setProperty(QTextCharFormat.Property.FontPixelSize, self._theme.px(12))
            look.setBackground(self._theme.colour("hover"))
            return look
        if old.isAnchor():
            look.setForeground(self._theme.colour("accent"))
            look.setToolTip(old.anchorHref())
            return look
        if old.fontWeight() > QFont.Weight.DemiBold:
            look.setFontWeight(QFont.Weight.DemiBold)  # the boldest there is of the font
            return look
        return None

    def _style_table(self, table: QTextTable) -> None:
        look = table.format()
        look.setBorder(1)
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setBorderBrush(QBrush(self._theme.colour("line")))
        look.setBorderCollapse(True)
        look.setCellPadding(self._theme.px(4))
        look.setCellSpacing(0)
        look.setTopMargin(self._theme.px(GAP))
        look.setBottomMargin(self._theme.px(GAP))
        table.setFormat(look)

    def fit(self) -> None:
        document = self.document()
        document.setTextWidth(self.viewport().width())
        high = max(ceil(document.size().height()), self._theme.px(self._line))
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
        event.ignore()


def fragments(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """(start, length, format) of the block's pieces, the last first, so that edits keep places."""
    found = []
    at = block.begin()
    while not at.atEnd():
        piece = at.fragment()
        found.append((piece.position(), piece.length(), piece.charFormat()))
        at += 1
    return found[::-1]
