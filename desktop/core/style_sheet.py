"""The style sheet: a template filled from the tokens, sizes at the present zoom."""

import re
from collections.abc import Mapping

from desktop.core.tokens import TOKENS, TYPE, Token

# $name is a colour; a number with px is at 100 %.
TEMPLATE = """
* { outline: 0; }
QWidget#Window, QWidget#EditorArea, QWidget[surface="editor"] { background: $editor; }
QWidget[surface="side"] { background: $side; }
QWidget[surface="chrome"] { background: $chrome; }
QWidget[surface="raised"] { background: $raised; }
QWidget[surface="sunken"] { background: $sunken; }
QFrame[line="h"], QFrame[line="v"] { background: $line; border: 0; }
QFrame[card="true"] { background: $raised; border: 1dp solid $line; border-radius: 6px; }
QFrame[card="sunken"] { background: $sunken; border: 1dp solid $line; border-radius: 6px; }
QFrame[card="advice"] { background: $raised; border: 1dp solid $line; border-left: 3px solid $warn;
  border-radius: 4px; }
QFrame[popover="true"] { background: $raised; border: 1dp solid $lineStrong; border-radius: 6px; }
QFrame[band="error"] { background: $errSoft; border: 0; border-bottom: 1dp solid $line; }
QFrame[band="warning"] { background: $warnSoft; border: 0; border-bottom: 1dp solid $line; }
QFrame[band="information"] { background: $accentSoft; border: 0; border-bottom: 1dp solid $line; }
QLabel { background: transparent; }
QLabel[keys="true"] { border: 1dp solid $lineStrong; border-radius: 3px; padding: 0 5px;
  color: $text2; font-size: 11px; }
QLabel[keys="true"]:disabled { color: $disabled; border-color: $line; }

QPushButton { background: $raised; color: $text; border: 1dp solid $lineStrong; border-radius: 4px;
  padding: 0 12px; min-height: 26px; font-weight: 500; }
QPushButton[glyph="true"] { padding-left: 8px; padding-right: 10px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $sel; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $disabled; border-color: $line; background: transparent; }
QPushButton[kind="primary"] { background: $button; color: $onButton; border-color: $button; }
QPushButton[kind="primary"]:hover { background: $buttonHover; border-color: $buttonHover; }
QPushButton[kind="primary"]:focus { border-color: $text; }
QPushButton[kind="primary"]:disabled { background: $sel; color: $disabled; border-color: $sel; }
QPushButton[kind="ghost"] { background: transparent; border-color: transparent; color: $text2; }
QPushButton[kind="ghost"]:hover { background: $hover; color: $text; }
QPushButton[kind="ghost"]:checked { background: $sel; color: $text; }
QPushButton[kind="ghost"]:focus { border-color: $accent; }
QPushButton[kind="ghost"]:disabled { color: $disabled; border-color: transparent; }
QPushButton[kind="link"] { background: transparent; border-color: transparent; color: $accent;
  padding: 0 2px; font-weight: 400; min-height: 18px; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border-color: $accent; }
QPushButton[kind="link"]:disabled { color: $disabled; }
QPushButton[tall="true"] { min-height: 34px; }
QToolButton { background: transparent; border: 1dp solid transparent; border-radius: 4px;
  padding: 0; color: $text2; }
QToolButton:hover, QToolButton:checked:hover { background: $hover; }
QToolButton:pressed { background: $sel; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit[field="true"], QSpinBox, QDoubleSpinBox { background: $sunken;
  color: $text; border: 1dp solid $lineStrong; border-radius: 4px; padding: 0 6px; min-height: 26px;
  selection-background-color: $button; selection-color: $onButton; }
QLineEdit[tall="true"] { min-height: 30px; }
QLineEdit[search="true"] { background: $editor; border-color: $line; padding-left: 26px; }
QLineEdit[search="true"]:focus { border-color: $accent; }
QLineEdit:focus, QPlainTextEdit[field="true"]:focus, QSpinBox:focus, QComboBox:focus,
  QComboBox:on { border-color: $accent; }
QLineEdit[bad="true"], QComboBox[bad="true"], QPlainTextEdit[bad="true"]:focus,
  QPlainTextEdit[bad="true"] { border-color: $err; }
QLineEdit:disabled, QComboBox:disabled { color: $disabled; border-color: $line; }
QComboBox { background: $sunken; color: $text; border: 1dp solid $lineStrong; border-radius: 4px;
  padding: 0 8px; min-height: 26px; }
QComboBox[tall="true"] { min-height: 30px; }
QComboBox::drop-down { border: 0; width: 26px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $raised; color: $text; border: 1dp solid $lineStrong;
  padding: 4px 0; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; }
QComboBox QAbstractItemView::item:selected { background: $selActive; color: $text; }
QCheckBox, QRadioButton { color: $text; spacing: 8px; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }

QMenuBar { background: transparent; color: $text2; border: 0; padding: 0; spacing: 0; }
QWidget[edge="bottom"] { border: 0; border-bottom: 1dp solid $line; }
QMenuBar::item { background: transparent; padding: 5px 8px 3px 8px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; color: $text; }
QMenu { background: $raised; color: $text; border: 1dp solid $lineStrong; padding: 4px 0; }
QMenu::item { padding: 5px 28px 5px 12px; border: 0; }
QMenu::item:selected { background: $selActive; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1dp; background: $line; margin: 4px 0; }
QMenu::icon { padding-left: 12px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QToolTip { background: $raised; color: $text; border: 1dp solid $lineStrong; padding: 4px 6px;
  font-size: 12px; }

QAbstractItemView { background: transparent; color: $text; border: 0;
  selection-background-color: $selActive; selection-color: $text; }
QTableView { gridline-color: $line; }
QHeaderView { background: transparent; border: 0; }
QHeaderView::section { background: transparent; color: $text3; border: 0;
  border-bottom: 1dp solid $line; padding: 0 8px; font-size: 11px; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: transparent; color: $text; border: 0;
  selection-background-color: $button; selection-color: $onButton; }
QPlainTextEdit[field="true"] { background: $sunken; padding: 4px; }
QScrollArea, QWidget[scrolled="true"] { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $track; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: $lineStrong; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { height: 4px; background: $track; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
  background: $onButton; border: 1dp solid $lineStrong; }
QSlider::handle:horizontal:focus { border-color: $accent; }
"""


def style_sheet(colours: Mapping[Token, str], zoom: float) -> str:
    """The whole sheet; `1dp` is a hairline, which no zoom widens."""
    sheet = re.sub(r"\$(\w+)", lambda found: colours[_token(found[1])], TEMPLATE + _labels())
    sheet = re.sub(r"(?<![\d.])(\d+)px", lambda found: f"{round(int(found[1]) * zoom)}px", sheet)
    return sheet.replace("1dp", "1px")


def _token(name: str) -> Token:
    for token in TOKENS:
        if token == name:
            return token
    raise KeyError(name)


def _labels() -> str:
    """One rule per type role and per tone, for labels that carry those properties."""
    roles = "".join(
        f'QLabel[role="{role}"] {{ font-size: {style.size}px; font-weight: {style.weight};'
        + f" min-height: {style.line}px;"
        + (" font-family: 'JetBrains Mono', monospace;" if style.mono else "")
        + (f" letter-spacing: {style.size * style.tracking / 100:.2f}px;" if style.tracking else "")
        + " }\n"
        for role, style in TYPE.items()
    )
    tones = "".join(f'QLabel[tone="{token}"] {{ color: ${token}; }}\n' for token in TOKENS)
    return roles + tones
