"""The commands on presets and on files of settings."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.app import App
from desktop.core.commands import Choice, Command
from desktop.features.training.preset_actions import PresetActions
from desktop.features.training.settings_files import SettingsFiles
from engine.protocol.specs import Preset

if TYPE_CHECKING:
    from desktop.features.training.new_run_page import NewRunPage

NONE = "There is no preset of your own yet."


def add_settings_commands(app: App, presets: PresetActions, files: SettingsFiles) -> None:
    def page() -> "NewRunPage | None":
        tab = app.window.editors.active_tab
        here = tab is not None and tab.kind == "new-run"
        return app.window.editors.active if here else None  # type: ignore[return-value]

    def save() -> None:
        shown = page()
        spec = shown.form.spec() if shown is not None else None
        if spec is not None:
            presets.ask_name(spec)

    def can_save() -> bool:
        shown = page()
        return shown is not None and shown.form.form.valid()

    def export() -> None:
        shown, run = page(), app.selection.run
        spec = shown.form.spec() if shown is not None else None
        if spec is not None:
            files.export_spec(spec)
        elif run is not None:
            files.export_run(run)

    def on_own(id: str, act: Callable[[Preset], object]) -> Callable[[], None]:
        """On the preset at hand; the palette asks when none is."""

        def run() -> None:
            preset = presets.at_hand()
            if preset is None:
                app.commands.asked.emit(id)
            else:
                act(preset)

        return run

    def choices(act: Callable[[Preset], object], *, built_in: bool = False) -> list[Choice]:
        found = app.store.presets if built_in else presets.own
        return [
            Choice(id=each.id, title=each.title, run=lambda each=each: act(each))  # type: ignore[misc]
            for each in found
        ]

    some = lambda: bool(presets.own)  # noqa: E731
    app.commands.add(
        Command(id="runs.save-preset", title="Runs: Save as Preset…", icon="add", keys="Ctrl+S",
                run=save, enabled=can_save,
                reason="Open a new run whose settings are within their bounds."),
        Command(id="runs.rename-preset", title="Runs: Rename Preset…", icon="edit",
                run=on_own("runs.rename-preset", presets.rename),
                choices=lambda: choices(presets.rename), enabled=some, reason=NONE),
        Command(id="runs.delete-preset", title="Runs: Delete Preset", icon="trash",
                run=on_own("runs.delete-preset", presets.remove),
                choices=lambda: choices(presets.remove), enabled=some, reason=NONE),
        Command(id="runs.export-preset", title="Runs: Export Preset…", icon="export",
                run=on_own("runs.export-preset", files.export_preset),
                choices=lambda: choices(files.export_preset, built_in=True),
                enabled=lambda: bool(app.store.presets), reason=NONE),
        Command(id="runs.export-settings", title="Runs: Export Settings…", icon="export",
                run=export, enabled=lambda: can_save() or app.selection.run is not None,
                reason="Choose a run first."),
        Command(id="runs.import-settings", title="Runs: Import Settings…", icon="json",
                run=files.choose),
    )  # fmt: skip
    menu = app.contributions.add_to_menu
    menu("Train", "runs.save-preset", "runs.import-settings", "runs.export-settings", group=4)
