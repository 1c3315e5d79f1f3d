"""The Welcome page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.features.welcome.recent import recent_places, recent_rows
from desktop.features.welcome.rows import OUT, LineRow
from desktop.features.welcome.steps import Steps
from desktop.features.welcome.workstation import Workstation
from desktop.workbench.buttons import command_button
from desktop.workbench.label import Label
from desktop.workbench.page import Page, scrolled

WIDTH, NARROWEST = 912, 640
COMMANDS = ("runs.new", "chat.new", "datasets.add", "models.add", "workbench.palette")


class WelcomePage(Page):
    """Three steps for a first visit; after the first run only Recent and some commands."""

    def __init__(self, app: App) -> None:
        super().__init__(app.theme, "Welcome", "book")
        self._app = app
        self._title = Label("Teach a small model your task", "welcome")
        self._first_visit = QWidget()
        self._workstation = Workstation(app)
        self._recent = QVBoxLayout()
        self._commands = QVBoxLayout()
        self._right = Label("This workstation", "label", "text2")
        self._stale = False
        self._drawn: tuple[object, ...] = ()
        self._lay_out()
        store = app.store
        for signal in (store.models_changed, store.datasets_changed, store.adapters_changed,
                       store.runs_changed):  # fmt: skip
            signal.connect(self._on_changed)
        self.refresh()

    @property
    def first_visit(self) -> bool:
        store = self._app.store
        return not store.adapters and not any(run.adapter for run in store.runs.values())

    def focus_first(self) -> None:
        """The focus is on the button, the view stays at the top."""
        super().focus_first()
        self._area.verticalScrollBar().setValue(0)

    def _lay_out(self) -> None:
        px = self.theme.px
        content = QWidget()
        outer = QHBoxLayout(content)
        outer.setContentsMargins(px(32), px(64), px(32), px(40))
        inner = QWidget()
        inner.setMinimumWidth(px(NARROWEST))
        inner.setMaximumWidth(px(WIDTH + 2 * OUT))  # rows reach out, the rest does not
        outer.addStretch(1)
        outer.addWidget(inner, 1000)
        outer.addStretch(1)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._title.setContentsMargins(px(OUT), 0, 0, 0)
        column.addWidget(self._title)
        column.addWidget(self._first_visit)
        column.addSpacing(px(40))
        column.addLayout(self._lists())
        column.addStretch(1)
        self._lay_out_first_visit()
        self._area = scrolled(content)
        self.body.addWidget(self._area)

    def _lay_out_first_visit(self) -> None:
        px = self.theme.px
        column = QVBoxLayout(self._first_visit)
        column.setContentsMargins(px(OUT), px(6), px(OUT), 0)
        column.setSpacing(0)
        column.addWidget(Label("Three steps. Nothing leaves this machine.", "lead", "text2"))
        column.addSpacing(px(42))
        column.addWidget(Steps(self._app))
        column.addSpacing(px(40))
        column.addWidget(self._sample_card())

    def _sample_card(self) -> QFrame:
        px = self.theme.px
        card = QFrame()
        card.setProperty("card", "true")
        card.setFixedHeight(px(72))
        row = QHBoxLayout(card)
        row.setContentsMargins(px(20), 0, px(20), 0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(Label("No data at hand?", "section"))
        words.addWidget(
            Label("240 sample support tickets, a 4-minute run, then a chat with your first "
                  "adapter.", "body", "text2")
        )  # fmt: skip
        words.addStretch()
        row.addLayout(words, 1)
        button = command_button(
            self.theme, self._app.commands, "welcome.try-sample", text="Try the sample",
            kind="primary", tall=True,
        )  # fmt: skip
        button.setMinimumWidth(px(149))
        row.addWidget(button)
        self.first_focus = button
        return card

    def _lists(self) -> QHBoxLayout:
        px = self.theme.px
        row = QHBoxLayout()
        row.setSpacing(px(48 - 2 * OUT))
        for title, parts in (
            (Label("Recent", "label", "text2"), (self._recent,)),
            (self._right, (self._workstation, self._commands)),
        ):
            column = QVBoxLayout()
            column.setSpacing(0)
            title.setContentsMargins(px(OUT), 0, 0, 0)
            column.addWidget(title)
            column.addSpacing(px(8))
            for part in parts:
                if isinstance(part, QWidget):
                    column.addWidget(part)
                else:
                    part.setSpacing(0)
                    column.addLayout(part)
            column.addStretch()
            row.addLayout(column, 1)
        return row

    def shown(self) -> None:
        if self._stale:
            self.refresh()

    def _on_changed(self, ids: object) -> None:
        """A run reports many times a second: a page behind others only takes note."""
        if self.isVisible():
            self.refresh()
        else:
            self._stale = True

    def refresh(self) -> None:
        self._stale = False
        first = self.first_visit
        places = recent_places(self._app, first)
        drawn = (first, *(place.looks for place in places))
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._first_visit.setVisible(first)
        try_sample = lambda: self._app.commands.run("welcome.try-sample")  # noqa: E731
        self.primary = try_sample if first else None
        self._title.setText("Teach a small model your task" if first else "Adapter Studio")
        self._workstation.setVisible(first)
        self._right.setText("This workstation" if first else "Start")
        fill(self._recent, recent_rows(self._app, places))
        commands = () if first else tuple(id for id in COMMANDS if id in self._app.commands)
        fill(self._commands, [LineRow.of_command(self._app, id) for id in commands])


def fill(column: QVBoxLayout, rows: list[LineRow]) -> None:
    """Replace what stands in the column."""
    while (item := column.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
    for row in rows:
        column.addWidget(row, 0, Qt.AlignmentFlag.AlignTop)
