"""Several datasets as one, in given proportions."""

from pathlib import Path

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.arrivals import Arrivals
from desktop.core.theme import Theme
from desktop.features.datasets import mix_shares
from desktop.features.datasets.mix_row import MixRow, usable_rows
from desktop.workbench.buttons import command_button
from desktop.workbench.empty_state import EmptyState
from desktop.workbench.fields import OptionField
from desktop.workbench.glyph import Glyph
from desktop.workbench.hairline import hairline
from desktop.workbench.label import Label, Paragraph
from desktop.workbench.page import Page, PageHeader, scrolled, section_title
from engine.protocol.dataset_specs import MixDatasets, MixPart
from engine.protocol.jobs import Job
from engine.protocol.mixable import are_mixable, rows_taken
from engine.protocol.options import Option, options_of
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset

MOST = 32  # datasets in one mix
TITLE = "Mix datasets"
TOO_FEW = "Choose at least two datasets."
HINT = (
    "A replay share of 5–20 % general data keeps the model from forgetting what it knew.",
    "No row is taken twice. The dataset that is scarcest for its share is taken whole; test rows"
    " come along and are not counted.",
)


class MixPage(Page):
    """`shares` are per cents by dataset and always sum to 100."""

    def __init__(self, app: App) -> None:
        super().__init__(app.theme, TITLE, "combine", "teal")
        self._app = app
        self._arrivals = Arrivals(app.store, self)
        self._shown: tuple[Dataset, ...] = ()
        self._named = False  # by the person
        self._posting = False
        self.shares: dict[str, float] = {}
        self.rows: dict[str, MixRow] = {}
        self.header = PageHeader(app.theme, TITLE, padding=32)
        self.total = Label("", "section")
        self.fields = {each.path: self._field(each) for each in options_of(MixDatasets)}
        self.primary = lambda: app.commands.run("datasets.mix-now")
        self._lay_out()
        app.store.datasets_changed.connect(self.refresh)
        self.refresh()

    def _field(self, option: Option) -> OptionField:
        field = OptionField(self.theme, option, "" if option.default is None else option.default)
        if option.path == "name":
            field.changed.connect(self._on_name)
            assert isinstance(field.input, QLineEdit)
            field.input.setMaxLength(120)
        return field

    def _lay_out(self) -> None:
        self.header.add_button(
            command_button(self.theme, self._app.commands, "datasets.mix-now", text="Mix",
                           icon="combine", kind="primary")
        )  # fmt: skip
        self.header_slot.addWidget(self.header)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(32, 20, 32, 32)
        column.setSpacing(8)
        column.addWidget(section_title("Datasets"))
        column.addWidget(hairline())
        self._table = QVBoxLayout()
        self._table.setSpacing(0)
        column.addLayout(self._table)
        self._empty = EmptyState("Add a dataset to begin.")
        column.addWidget(self._empty)
        column.addWidget(hairline())
        total = QHBoxLayout()
        total.addStretch()
        total.addWidget(self.total)
        column.addLayout(total)
        column.addSpacing(16)
        column.addWidget(hint_card(self.theme))
        column.addSpacing(16)
        fields = QHBoxLayout()
        fields.setSpacing(16)
        for path, field in self.fields.items():
            fields.addWidget(field, 3 if path == "name" else 1)
        fields.addStretch(2)
        column.addLayout(fields)
        column.addStretch(1)
        self.body.addWidget(scrolled(content), 1)

    def refresh(self, ids: object = None) -> None:
        """Datasets that came are offered, those that went leave the mix."""
        found = sorted(self._app.store.datasets.values(), key=lambda each: each.name.casefold())
        shown = tuple(each for each in found if usable_rows(each) > 0)
        if shown != self._shown:
            self._shown = shown
            there = {each.id for each in shown}
            for id in self.shares.keys() - there:
                self.shares = mix_shares.without(self.shares, id)
            self._fill()
        self._say()

    def _fill(self) -> None:
        while (item := self._table.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = {}
        for dataset in self._shown:
            row = MixRow(self.theme, dataset)
            row.checked.connect(self._on_check)
            row.shared.connect(self._on_share)
            self.rows[dataset.id] = row
            self._table.addWidget(row)
        self._empty.setVisible(not self._shown)
        first = next((row for row in self.rows.values() if row.check.isEnabled()), None)
        self.first_focus = first.check if first is not None else None

    def begin_with(self, id: str) -> None:
        """Put the dataset at hand into a mix that has nothing yet."""
        if not self.shares and id in self.rows:
            self._on_check(id, True)

    # What the person does.

    def _on_check(self, id: str, on: bool) -> None:
        if on and len(self.shares) < MOST:
            self.shares = mix_shares.with_dataset(self.shares, id)
        elif not on:
            self.shares = mix_shares.without(self.shares, id)
        self._say()

    def _on_share(self, id: str, share: float) -> None:
        self.shares = mix_shares.with_share(self.shares, id, share)
        self._say()

    def _on_name(self) -> None:
        name = self.fields["name"]
        self._named = bool(name.value())
        if not self._named:
            name.show_error("")

    # What follows.

    def parts(self) -> tuple[MixPart, ...]:
        """With the shares as they are shown."""
        order = [id for id in self.rows if id in self.shares]
        weights = mix_shares.whole([self.shares[id] for id in order])
        return tuple(MixPart(id, float(weight)) for id, weight in zip(order, weights, strict=True))

    def _say(self) -> None:
        parts = self.parts()
        datasets = [self.rows[part.dataset].dataset for part in parts]
        counts = rows_taken(
            [usable_rows(each) for each in datasets], [part.weight for part in parts]
        )
        taken = {part.dataset: (round(part.weight), count)
                 for part, count in zip(parts, counts, strict=True)}  # fmt: skip
        for id, row in self.rows.items():
            share, count = taken.get(id, (None, 0))
            row.show_share(share, count, alone=len(parts) == 1)
            row.show_fits(id in taken or are_mixable([*datasets, row.dataset]))
        tests = sum(each.test_rows for each in datasets)
        self._say_total(sum(counts), tests, enough=len(parts) > 1)
        if not self._named:
            self.fields["name"].set_value(default_name(datasets))
            self.fields["name"].show_error("")

    def _say_total(self, rows: int, tests: int, *, enough: bool) -> None:
        with_tests = f" and {formatting.plural(tests, 'test row')}" if tests else ""
        text = f"100 %, {formatting.plural(rows, 'row')} in all{with_tests}"
        self.total.setText(text if enough else TOO_FEW)
        self.total.set_role("section" if enough else "body")
        self.total.set_tone("text" if enough else "text3")

    def mix(self) -> None:
        """The first thing that is missing gets the focus instead."""
        parts, name = self.parts(), self.fields["name"]
        seed = self.fields["seed"]
        if len(parts) < 2:
            self.total.set_tone("err")
            checks = (row.check for row in self.rows.values())
            free = [each for each in checks if each.isEnabled() and not each.isChecked()]
            if free:
                free[0].setFocus()
            return
        for field in (name, seed):
            if field.error():
                field.show_error(field.error())
                field.input.setFocus()
                return
        if self._posting:
            return
        self._posting = True
        wanted = MixDatasets(str(name.value()), parts, int(seed.value()))
        self.hide_band()
        self.set_busy(True)
        self._app.client.post("/api/mixes", wanted, answer=Job, then=self._accepted,
                              failed=self._on_problem, owner=self)  # fmt: skip

    def _accepted(self, job: Job) -> None:
        self._arrivals.expect(job, self._arrived, self._on_problem)

    def _arrived(self, id: str) -> None:
        self._posting = False
        self.set_busy(False)
        self._app.open("dataset", id)

    def _on_problem(self, problem: Problem) -> None:
        self._posting = False
        self.set_busy(False)
        if problem.code != "jobs.cancelled":
            self.show_band("error", f"{problem.message} {problem.hint}".strip())


def hint_card(theme: Theme) -> QFrame:
    card = QFrame()
    card.setProperty("card", "true")
    words = QVBoxLayout()
    words.setSpacing(4)
    words.addWidget(Paragraph(theme, HINT[0]))
    words.addWidget(Paragraph(theme, HINT[1], "meta", "text3"))
    icon = QVBoxLayout()
    icon.setContentsMargins(0, 2, 0, 0)
    icon.addWidget(Glyph(theme, "lightbulb", "accent"))
    icon.addStretch()
    row = QHBoxLayout(card)
    row.setContentsMargins(16, 12, 16, 12)
    row.setSpacing(10)
    row.addLayout(icon)
    row.addLayout(words, 1)
    return card


def default_name(datasets: list[Dataset]) -> str:
    """ "tickets + docs"."""
    return " + ".join(Path(each.name).stem for each in datasets)[:120]
