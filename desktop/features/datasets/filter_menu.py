"""Buttons of the filter bar: each narrows the rows by one thing."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget, QWidgetAction

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.features.datasets.menu_button import MenuButton
from desktop.features.datasets.number_field import NumberField
from desktop.workbench.label import Label
from engine.protocol.dataset_specs import RowQuery
from engine.protocol.finding_sorts import counted
from engine.protocol.records import Dataset, LabelCount, TokenStats

LONGEST_WORDS = 120  # px of a filter's value
LONGEST_TITLE = 72  # characters in a menu
SHORT = 16  # tokens, where "shorter than" begins
Choices = Sequence[tuple[str, str]]  # value and title


class FilterMenu(MenuButton):
    """`chosen` carries a value; None takes the filter away.

    The menu is filled when it opens, never while one of its own actions runs.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, name: str, any_of: str) -> None:
        super().__init__(theme, [(name, "body", "text2")], f"{name}: any")
        self._name, self._any = name, any_of
        self._value: str | None = None
        self._choices: Choices = ()
        self.menu.aboutToShow.connect(self.fill)

    def minimumSizeHint(self) -> QSize:
        """In a narrow window the field for the text gives way."""
        return self.sizeHint()

    def show_choices(self, choices: Choices, value: str | None) -> None:
        """All that can be chosen; what is chosen is on the button, in the accent's colour."""
        self._choices, self._value = choices, value
        found = next((title for each, title in choices if each == value), value or "")
        self.show_value(found if value is not None else "")

    def fill(self) -> None:
        self.menu.clear()
        self._add(self._any, None)
        for each, title in self._choices:
            self._add(title, each)

    def show_value(self, words: str) -> None:
        cut = self._theme.metrics("body").elidedText(
            words, Qt.TextElideMode.ElideRight, self._theme.px(LONGEST_WORDS)
        )
        parts = [(cut or self._name, "body", "accent" if words else "text2")]
        self.show_parts(parts, f"{self._name}: {words or 'any'}", active=bool(words))  # type: ignore[arg-type]

    def _add(self, title: str, value: str | None) -> None:
        action = self.menu.addAction(title.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(value == self._value)
        action.triggered.connect(lambda _=False: self.chosen.emit(value))


class LengthMenu(FilterMenu):
    """`chosen` carries (shortest, longest), 0 for no end."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Length", "Any length")
        self.limit = 0
        self._wanted = RowQuery()

    def show_length(self, wanted: RowQuery, stats: TokenStats | None) -> None:
        """Off until the lengths are counted: no row is told by a length that nobody knows."""
        self.setEnabled(stats is not None)
        self.setToolTip("" if stats is not None else "Lengths are not counted yet.")
        self._wanted = wanted
        narrow = wanted.shortest or wanted.longest
        self.show_value(length_words(wanted) if narrow else "")

    def fill(self) -> None:
        now = (self._wanted.shortest, self._wanted.longest)
        self.menu.clear()
        entries = [("Any length", (0, 0)), (f"Over the limit of {self.limit:,}", self.over)]
        if now not in ((0, 0), self.over):
            entries.append((length_words(self._wanted), now))
        for title, ends in entries:
            self._add_ends(title, ends, now == ends)
        self.menu.addSeparator()
        self.menu.addAction(NumberAction(self._theme, self.menu, "Shorter than", self._shorter))

    @property
    def over(self) -> tuple[int, int]:
        return self.limit + 1, 0

    def _add_ends(self, title: str, ends: tuple[int, int], on: bool) -> None:
        action = self.menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(on)
        action.triggered.connect(lambda _=False: self.chosen.emit(ends))

    def _shorter(self, tokens: int) -> None:
        self.chosen.emit((0, tokens - 1))


class NumberAction(QWidgetAction):
    """A number within a menu; Enter takes it."""

    def __init__(
        self, theme: Theme, menu: QMenu, title: str, take: Callable[[int], object]
    ) -> None:
        super().__init__(menu)
        self._menu, self._take = menu, take
        name = f"{title}, in tokens"
        self.field = NumberField(theme, name, lowest=2, highest=1_000_000, value=SHORT)
        self.field.returnPressed.connect(self._on_taken)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(12, 2, 12, 4)
        layout.setSpacing(8)
        layout.addWidget(Label(title, "body"))
        layout.addWidget(self.field)
        layout.addWidget(Label("tokens", "body", "text2"))
        self.setDefaultWidget(row)

    def _on_taken(self) -> None:
        self._menu.close()
        self._take(self.field.value)


class Choosable(Struct, frozen=True):
    """What the menus offer of one dataset."""

    findings: tuple[tuple[str, str], ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    splits: tuple[tuple[str, str], ...] = ()


def choosable(dataset: Dataset, labels: Sequence[LabelCount]) -> Choosable:
    """With how many rows each has; a line that became no row cannot be looked at."""
    sides = (
        ("train", "Train", dataset.train_rows),
        ("validation", "Validation", dataset.validation_rows),
        ("test", "Test", dataset.test_rows),
    )
    in_rows = {finding.code for finding in dataset.findings if finding.row is not None}
    return Choosable(
        findings=tuple(
            (code, counted(code, count))
            for code, count in dataset.finding_counts.items()
            if code in in_rows
        ),
        answers=tuple((each.label, f"{_short(each.label)}  ({each.rows:,})") for each in labels),
        splits=tuple((side, f"{title}  ({rows:,})") for side, title, rows in sides if rows),
    )


def _short(label: str) -> str:
    text = " ".join(label.split()) or "(empty)"
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…"


def length_words(wanted: RowQuery) -> str:
    """ "40 to 79 tokens"."""
    if not wanted.longest:
        return f"Over {wanted.shortest - 1:,} tokens"
    if not wanted.shortest:
        return f"Shorter than {wanted.longest + 1:,} tokens"
    if wanted.shortest == wanted.longest:
        return formatting.plural(wanted.longest, "token")
    return f"{wanted.shortest:,} to {wanted.longest:,} tokens"
