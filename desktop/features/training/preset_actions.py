"""What can be done with presets of one's own; the engine keeps them."""

from collections.abc import Callable
from urllib.parse import quote

from msgspec.structs import replace
from PySide6.QtCore import QObject

from desktop.app import App
from desktop.core.engine_client import Failed
from desktop.features.training.draft import Draft
from desktop.workbench.record_changes import RenamePopover
from engine.protocol.presets import preset_from
from engine.protocol.problems import Problem
from engine.protocol.specs import Preset, TrainSpec


class PresetActions(QObject):
    """`at_hand` is the preset whose menu is open, or that is chosen; "" when it is built in."""

    def __init__(self, app: App, draft: Draft) -> None:
        super().__init__(app)
        self._app, self._draft = app, draft
        self._menu_of = ""

    @property
    def own(self) -> tuple[Preset, ...]:
        return tuple(preset for preset in self._app.store.presets if preset.own)

    def point_at(self, id: str) -> None:
        """Its menu was opened."""
        self._menu_of = id

    def at_hand(self) -> Preset | None:
        for id in (self._menu_of, self._draft.preset):
            for preset in self.own:
                if preset.id == id:
                    return preset
        return None

    def find(self, title: str) -> Preset | None:
        """Upper and lower case are one."""
        wanted = title.casefold()
        return next((each for each in self.own if each.title.casefold() == wanted), None)

    def ask_name(self, spec: TrainSpec) -> None:
        """Under which name to save these settings, in a small field; a taken name is replaced."""
        chosen = self.find(self._draft.preset) or self.find(self._draft.origin)

        def send(name: str) -> None:
            self.save(preset_from(spec, name), then=lambda _: popover.close(),
                      failed=popover.refuse)  # fmt: skip

        popover = RenamePopover(
            self._app.theme, self._app.window, chosen.title if chosen else "", send,
            title="Name of the preset", same_too=True,
        )  # fmt: skip
        popover.field.setMaxLength(60)

    def save(self, preset: Preset, *, then: Callable[[Preset], object], failed: Failed) -> None:
        """The toast puts back what had that name; a new one is seen among the cards."""
        before = self.find(preset.title)

        def saved(answer: Preset) -> None:
            then(answer)
            if before is not None and before.values != answer.values:
                self._app.notifications.undo(
                    f"The preset '{answer.title}' is replaced.", lambda: self._put(before)
                )

        self._app.client.put(path_of(preset.title), preset, answer=Preset, then=saved,
                             failed=failed, owner=self)  # fmt: skip

    def rename(self, preset: Preset) -> None:
        """In a small field; a draft that was begun from it follows."""

        def send(name: str) -> None:
            self._app.client.patch(
                f"{path_of(preset.id)}/name", {"name": name}, answer=Preset, then=renamed,
                failed=popover.refuse, owner=self,
            )  # fmt: skip

        def renamed(new: Preset) -> None:
            popover.close()
            for part in ("preset", "origin"):
                if self._draft.exists and getattr(self._draft, part) == preset.id:
                    self._draft.put(**{part: new.id})

        popover = RenamePopover(self._app.theme, self._app.window, preset.title, send)
        popover.field.setMaxLength(60)

    def remove(self, preset: Preset) -> None:
        """At once, into the trash."""

        def removed(answer: dict[str, str]) -> None:
            undo = answer["undo"]
            self._app.notifications.undo(
                f"The preset '{preset.title}' is deleted.",
                lambda: self._app.client.post(f"/api/trash/{undo}/restore", owner=self),
            )

        self._app.client.delete(path_of(preset.id), answer=dict, then=removed, owner=self)

    def _put(self, preset: Preset) -> None:
        self.save(replace(preset), then=lambda _: None, failed=self._tell)

    def _tell(self, problem: Problem) -> None:
        self._app.notifications.problem(problem)


def path_of(title: str) -> str:
    return f"/api/presets/{quote(title, safe='')}"
