"""One batch as training would pack it, in place of the table."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core import formatting
from desktop.core.engine_client import EngineClient, Request
from desktop.core.theme import Theme
from desktop.features.datasets.legend import Swatch
from desktop.features.datasets.number_field import NumberField
from desktop.features.datasets.packed_bar import PackedBar, PackedLine
from desktop.workbench.buttons import Button, IconButton
from desktop.workbench.facts import Facts
from desktop.workbench.hairline import hairline
from desktop.workbench.label import Label, Paragraph
from desktop.workbench.page import scrolled
from engine.protocol.problems import Problem
from engine.protocol.records import Dataset, PackedBatch
from engine.protocol.specs import TrainSpec

ROWS = TrainSpec("", "").batch_size
MOST = 64


class BatchView(QWidget):
    """`chosen` carries the number of a row to look at, `closed` the wish to see the table again."""

    chosen = Signal(int)
    closed = Signal()
    busy = Signal(bool)

    def __init__(self, theme: Theme, client: EngineClient) -> None:
        super().__init__()
        self._theme, self._client = theme, client
        self._dataset: Dataset | None = None
        self._base, self._limit = "", 0
        self._seed = 0
        self._request: Request | None = None
        self.lines: list[PackedLine] = []
        self.rows_field = NumberField(
            theme, "Rows in the batch", lowest=1, highest=MOST, value=ROWS
        )
        self.rows_field.taken.connect(self._ask)
        self.seed = Label("", "meta", "text3")
        self.bar = PackedBar(theme)
        self.bar.chosen.connect(self.chosen)
        self.note = Paragraph(theme, "", "body", "text3")
        self.facts = Facts(theme)
        self._found = QWidget()
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label("A packed batch", "card"))
        head.addWidget(self.seed)
        head.addStretch()
        head.addWidget(Label("Rows", "label", "text2"))
        head.addWidget(self.rows_field)
        head.addWidget(Button(self._theme, "Draw another", run=self.draw_another))
        close = IconButton(self._theme, "close", "Back to the rows (Esc)", run=self.closed.emit)
        head.addWidget(close)
        legend = QHBoxLayout()
        legend.setSpacing(6)
        for edge, ground, text in (("accent", "accent", "Carries loss"),
                                   ("track", "track", "Masked")):  # fmt: skip
            legend.addWidget(Swatch(self._theme, edge, ground))  # type: ignore[arg-type]
            legend.addWidget(Label(text, "small", "text3"))
            legend.addSpacing(10)
        legend.addStretch()
        inside = QVBoxLayout(self._found)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(self.bar)
        inside.addLayout(legend)
        inside.addSpacing(8)
        inside.addWidget(self.facts)
        inside.addSpacing(8)
        inside.addWidget(hairline())
        inside.addLayout(self._list)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.note)
        column.addWidget(self._found)
        column.addStretch()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(content))
        self._found.hide()

    def draw(self, dataset: Dataset, base: str, limit: int) -> None:
        """Draw with the dataset's own seed; an empty `base` means that none is ready."""
        self._dataset, self._base, self._limit = dataset, base, limit
        self._seed = dataset.split_spec.seed
        self._ask()

    def draw_another(self) -> None:
        self._seed += 1
        self._ask()

    def _ask(self) -> None:
        """Only the batch asked for last is shown."""
        if self._request is not None:
            self._request.abort()
            self._request = None
        dataset = self._dataset
        if dataset is None:
            return
        self.seed.setText(f"seed {self._seed}")
        if not self._base:
            self._say("A batch can be packed when the base model is ready.")
            return
        if self._found.isHidden():
            self.note.setText("Packing a batch…")
        self.busy.emit(True)
        self._request = self._client.get(
            f"/api/datasets/{dataset.id}/batch?base={self._base}"
            f"&batch_size={self.rows_field.value}&max_length={self._limit}&seed={self._seed}",
            PackedBatch,
            self._take,
            failed=self._lost,
            owner=self,
        )

    def _take(self, batch: PackedBatch) -> None:
        self._request = None
        self.busy.emit(False)
        self.bar.show_batch(batch, self._limit)
        self.note.setText(words_of(batch))
        self._show_facts(batch)
        self._show_lines(batch)
        self._found.show()

    def _lost(self, problem: Problem) -> None:
        self._request = None
        self.busy.emit(False)
        self._say(f"{problem.message} {problem.hint}".strip())

    def _say(self, words: str) -> None:
        self.note.setText(words)
        self._found.hide()

    def _show_facts(self, batch: PackedBatch) -> None:
        tokens, padding = batch.tokens, batch.padded_tokens - batch.tokens
        cut = [row for row in batch.rows if row.cut]
        self.facts.clear()
        self.facts.add("Tokens", f"{tokens:,}")
        share = formatting.percent(batch.supervised / max(tokens, 1))
        self.facts.add("Carry loss", f"{batch.supervised:,}, {share} of them")
        more = formatting.percent(padding / max(tokens, 1))
        self.facts.add("Padding spared", f"{padding:,} tokens, which would be {more} more")
        lost = sum(row.cut for row in cut)
        rows = f"{formatting.plural(len(cut), 'row')}, {formatting.plural(lost, 'token')} lost"
        self.facts.add(f"Cut at {self._limit:,}", rows if cut else "No row")

    def _show_lines(self, batch: PackedBatch) -> None:
        for line in self.lines:
            line.hide()
            line.deleteLater()
        longest = max(row.tokens for row in batch.rows)
        self.lines = [
            PackedLine(self._theme, row, longest=longest, limit=self._limit) for row in batch.rows
        ]
        for line in self.lines:
            line.clicked.connect(lambda _=False, row=line.row.number: self.chosen.emit(row))
            self._list.addWidget(line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def words_of(batch: PackedBatch) -> str:
    """What is seen, and how far it can be trusted."""
    rows = formatting.plural(len(batch.rows), "row")
    return (
        f"{rows} end to end in one line, each seeing only itself. Training with this seed begins"
        " with them, unless it leaves rows out that teach nothing."
    )
