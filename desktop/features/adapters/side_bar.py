"""The Adapters side bar: the adapters of each base."""

from collections.abc import Sequence
from pathlib import Path

from desktop.app import App
from desktop.features.adapters.model import sections
from desktop.workbench.rows import Row
from desktop.workbench.side_bar import SideBar


class AdaptersSideBar(SideBar):
    def __init__(self, app: App) -> None:
        has_runs = "runs.new" in app.commands
        super().__init__(
            app.theme,
            app.commands,
            app.settings,
            id="adapters",
            title="Adapters",
            add="adapters.import",
            menu=("adapters.import",),
            row_menu=self._row_menu,
            empty="Adapters appear here after a run, or drop an adapter folder.",
            empty_command="runs.new" if has_runs else "adapters.import",
            empty_text="New run" if has_runs else "Import an adapter folder",
            hint="Drop an adapter folder\nto add an adapter",
            delete="adapters.delete",
            on_drop=self._on_drop,
        )
        self._app = app
        self.opened.connect(lambda id, keep: app.open("adapter", id, preview=not keep, focus=keep))
        self.selected.connect(self._on_selected)
        app.selection.changed.connect(self._follow)
        app.store.adapters_changed.connect(self.refresh)
        app.store.models_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, _: object = None) -> None:
        self.set_sections(sections(self._app.store.adapters.values(), self._app.store.models))
        self._follow()

    def _on_selected(self, id: str) -> None:
        if id:
            self._app.selection.set("adapter", id)

    def _follow(self) -> None:
        """The current row is what the commands act on, also when a page chose it."""
        chosen = self._app.selection.id("adapter")
        if chosen != self.list.current_id():
            self.list.select(chosen)

    def _row_menu(self, row: Row) -> Sequence[str]:
        wanted = ("chat.with-adapter", "adapters.duplicate", "", "adapters.rename",
                  "adapters.copy-hash", "adapters.show-folder", "", "adapters.delete")  # fmt: skip
        return [id for id in wanted if not id or id in self._app.commands]

    def _on_drop(self, paths: tuple[Path, ...]) -> None:
        self._app.window.take_paths(paths)
