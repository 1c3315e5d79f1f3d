"""The column beside the table: the row as the model sees it, and the dataset's figures."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.features.datasets import wording
from desktop.features.datasets.findings_list import FindingsList
from desktop.features.datasets.histogram import Histogram
from desktop.features.datasets.label_bars import LabelBars
from desktop.features.datasets.legend import Swatch
from desktop.features.datasets.quiet_button import QuietButton
from desktop.features.datasets.split_bar import SplitBar
from desktop.features.datasets.token_box import TokenBox
from desktop.features.datasets.wording import Group
from desktop.workbench.buttons import Button, IconButton
from desktop.workbench.hairline import hairline
from desktop.workbench.label import ElidedLabel, Label
from desktop.workbench.page import scrolled, section_title
from engine.protocol.finding_sorts import fixed_at_once, sort_of
from engine.protocol.records import Dataset, LabelCount, TokenStats, TokenView

BOX_HEIGHT = 226


class Inspector(QWidget):
    """`stepped(by)` asks for the next or earlier row."""

    stepped = Signal(int)
    counted = Signal(object, int)  # TokenStats or None, and the limit
    limit_chosen = Signal(int)
    template_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.box = TokenBox(theme)
        self.histogram = Histogram(theme)
        self.split = SplitBar(theme)
        self.findings = FindingsList(theme)
        self.labels = LabelBars(theme)
        self.sample = Button(theme, "See one packed", kind="link")
        self._row = Label("", "meta", "text3")
        self._loss = Label("", "small", "text3")
        self._template = QuietButton(theme, "Edit the template")
        self._template.clicked.connect(self.template_asked)
        self.limit_button = QuietButton(theme, "Length limit", role="meta", menu=True)
        self._cut = Label("", "small", "text3")
        self._cut_swatch = Swatch(theme, "warn", "warnSoft")
        self._note = Label("", "body", "text3")
        self._length = Label("", "meta", "text3")
        self._counting = Label("", "body", "text3")
        self._seed = ElidedLabel("", "meta", "text3")
        self._train = Label("", "meta", "text2")
        self._validation = Label("", "meta", "text2")
        self.fix_all = Button(theme, "", kind="link")
        self._groups: list[Group] = []
        self._long = self._limit = 0  # rows over the limit, and the limit
        self.setProperty("surface", "editor")
        content = QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolled(content))
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom, content)
        self._sides.setContentsMargins(20, 12, 20, 20)
        self._sides.setSpacing(16)
        self._sides.addLayout(self._token_part())
        self._between = hairline()
        self._sides.addWidget(self._between)
        self._sides.addLayout(self._figure_part())
        self._sides.addStretch(1)

    def set_wide(self, wide: bool) -> None:
        """Under the table there is room for two columns."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._sides.setDirection(across if wide else down)
        self._sides.setSpacing(24 if wide else 16)
        self._between.setVisible(not wide)
        self._sides.setStretch(0, 3 if wide else 0)
        self._sides.setStretch(2, 2 if wide else 0)
        self._sides.setStretch(3, 0 if wide else 1)

    def _token_part(self) -> QVBoxLayout:
        up = IconButton(self._theme, "chevron-up", "Earlier row", run=lambda: self.stepped.emit(-1))
        down = IconButton(self._theme, "chevron-down", "Next row",
                          run=lambda: self.stepped.emit(1))  # fmt: skip
        frame = QFrame()
        frame.setObjectName("TokenFrame")
        frame.setProperty("card", "sunken")
        frame.setFixedHeight(self._theme.px(BOX_HEIGHT))
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._note)
        inside.addWidget(self.box)
        self._note.setContentsMargins(14, 12, 14, 12)
        self._note.setWordWrap(True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._note.hide()
        legend = QHBoxLayout()
        legend.setSpacing(6)
        legend.addWidget(Swatch(self._theme, "accent", "accentSoft"))
        legend.addWidget(self._loss)
        legend.addSpacing(10)
        legend.addWidget(Swatch(self._theme, "lineStrong", "sunken"))
        legend.addWidget(Label("Masked", "small", "text3"))
        legend.addSpacing(10)
        legend.addWidget(self._cut_swatch)
        legend.addWidget(self._cut)
        legend.addStretch()
        legend.addWidget(self._template)
        title = section_title("What the model sees", [self.limit_button, self._row, up, down])
        layout = title.layout()
        assert layout is not None
        layout.setSpacing(4)
        part = QVBoxLayout()
        part.setSpacing(8)
        part.addWidget(title)
        part.addWidget(frame)
        part.addLayout(legend)
        part.addStretch(1)
        return part

    def _figure_part(self) -> QVBoxLayout:
        ends = QHBoxLayout()
        ends.addWidget(self._train)
        ends.addStretch()
        ends.addWidget(self._validation)
        part = QVBoxLayout()
        part.setSpacing(8)
        part.addWidget(section_title("Length", [self._length]))
        part.addWidget(self._counting)
        part.addWidget(self.histogram)
        part.addSpacing(4)
        part.addWidget(hairline())
        part.addSpacing(4)
        self.split_title = section_title("Split", [self._seed])
        part.addWidget(self.split_title)
        part.addWidget(self.split)
        part.addLayout(ends)
        part.addSpacing(4)
        part.addWidget(hairline())
        part.addSpacing(4)
        part.addWidget(section_title("Findings", [self.fix_all]))
        part.addWidget(self.findings)
        part.addWidget(self._label_part())
        part.addSpacing(4)
        part.addWidget(hairline())
        part.addSpacing(4)
        part.addWidget(section_title("Batch", [self.sample]))
        part.addStretch(1)
        return part

    def _label_part(self) -> QWidget:
        self._labels = QWidget()
        column = QVBoxLayout(self._labels)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(hairline())
        column.addSpacing(4)
        self._different = Label("", "meta", "text3")
        column.addWidget(section_title("Labels", [self._different]))
        column.addWidget(self.labels)
        self._labels.hide()
        return self._labels

    def show_labels(self, labels: Sequence[LabelCount]) -> None:
        """None of them where the answers are too many to be labels."""
        self.labels.show_labels(labels)
        self._different.setText(f"{len(labels)} different answers")
        self._labels.setVisible(bool(labels))

    def add_split_link(self, link: Button) -> None:
        """The way to another split, beside the words on this one."""
        row = self.split_title.layout()
        assert row is not None
        row.addWidget(link)

    def show_dataset(self, dataset: Dataset) -> None:
        self._seed.setText(dataset.split)
        self._train.setText(f"Train {formatting.plural(dataset.train_rows, 'row')}")
        held_out = f"Validation {formatting.plural(dataset.validation_rows, 'row')}"
        if dataset.test_rows:
            held_out += f" · Test {formatting.plural(dataset.test_rows, 'row')}"
        self._validation.setText(held_out)
        self.split.show_rows(dataset.train_rows, dataset.validation_rows, dataset.test_rows)
        self._groups = wording.groups_of(dataset)
        several = len(fixed_at_once(dataset.finding_counts))
        self.fix_all.setVisible(several > 1)
        self.fix_all.setText(f"Fix all {several}")
        self._show_groups()

    def show_long(self, rows: int, limit: int) -> None:
        """How many rows the limit cuts."""
        self._long = rows
        self._limit = limit
        self._show_groups()

    def _show_groups(self) -> None:
        groups = list(self._groups)
        if self._long:
            words = f"{formatting.plural(self._long, 'row')} over {self._limit:,} tokens"
            groups.append(Group("long", "warning", words, sort_of("long").fix))
        self.findings.show_groups(groups)

    def show_saved(self, number: int, changed: bool) -> None:
        """Tokens are those of the saved row; said where it has been changed since."""
        self._row.setText(f"row {number:,}, as saved" if changed else f"row {number:,}")

    def show_row(self, number: int | None) -> None:
        self._row.setText(f"row {number:,}" if number is not None else "")
        if number is None:
            self.show_note("")

    def show_view(self, view: TokenView, limit: int) -> None:
        self._note.hide()
        self.box.show()
        self.box.show_view(view, limit)
        loss = sum(token.loss for token in view.tokens)
        self._loss.setText(f"Carries loss, {formatting.plural(loss, 'token')}")
        self._show_cut(view.cut)
        self._template.show_text(view.template)

    def _show_cut(self, count: int) -> None:
        self._cut.setText(f"Cut, {count:,}")
        self._cut.setVisible(count > 0)
        self._cut_swatch.setVisible(count > 0)

    def show_limits(self, limits: Sequence[int], now: int) -> None:
        self.limit_button.show_text(f"limit {now:,}")
        menu = self.limit_button.menu
        assert menu is not None
        menu.clear()
        for limit in limits:
            action = menu.addAction(f"{limit:,} tokens")
            action.setCheckable(True)
            action.setChecked(limit == now)
            action.triggered.connect(lambda _=False, limit=limit: self.limit_chosen.emit(limit))

    def show_note(self, note: str) -> None:
        """In place of the tokens: why there are none."""
        self.box.hide()
        self._note.setText(note)
        self._note.show()
        self._loss.setText("Carries loss")
        self._show_cut(0)
        self._template.show_text("Template")

    def show_stats(self, stats: TokenStats | None, limit: int, note: str = "") -> None:
        """Without stats, `note` says why: they are being counted, or no base is ready."""
        self.histogram.show_stats(stats, limit)
        self.counted.emit(stats, limit)
        self.histogram.setVisible(stats is not None)
        self._counting.setText(note)
        self._counting.setVisible(stats is None)
        self._length.setText(
            f"mean {stats.mean:,.0f} · p95 {stats.p95:,} · max {stats.longest:,} tokens"
            if stats is not None
            else ""
        )
