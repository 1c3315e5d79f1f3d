"""The templates to start from: the application's own and the person's."""

from urllib.parse import quote

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.engine_client import EngineClient, Failed
from desktop.workbench.notifications import Notifications
from engine.protocol.dataset_specs import Template
from engine.protocol.records import GalleryTemplate


class TemplateGallery(QObject):
    """`loaded` when the entries are there; `kept` (a GalleryTemplate) when one was saved."""

    loaded = Signal()
    kept = Signal(object)

    def __init__(self, client: EngineClient, notifications: Notifications, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._notifications = client, notifications
        self.entries: tuple[GalleryTemplate, ...] = ()

    def load(self) -> None:
        self._client.get("/api/templates", tuple[GalleryTemplate, ...], self._take, owner=self)

    def _take(self, entries: tuple[GalleryTemplate, ...]) -> None:
        self.entries = entries
        self.loaded.emit()

    def _reload(self, _: object = None) -> None:
        self.load()

    def description_of(self, name: str) -> str:
        found = (each.description for each in self.entries if each.template.name == name)
        return next(found, "")

    def own(self, name: str) -> GalleryTemplate | None:
        """The person's own of that name; upper and lower case are one."""
        own = (each for each in self.entries if each.own)
        same = (each for each in own if each.template.name.casefold() == name.casefold())
        return next(same, None)

    def save(self, template: Template, failed: Failed) -> None:
        """Without what belongs to one dataset; the toast puts back what had that name."""
        before = self.own(template.name)
        plain = replace(template, columns={}, roles={})

        def saved(entry: GalleryTemplate) -> None:
            self.kept.emit(entry)
            self.load()
            self._notifications.undo(
                f"'{template.name}' is in the gallery.",
                lambda: self._put(before.template) if before else self._delete(template.name),
            )

        self._client.put(path_of(template.name), plain, answer=GalleryTemplate, then=saved,
                         failed=failed, owner=self)  # fmt: skip

    def remove(self, name: str) -> None:
        """At once, into the trash."""

        def removed(answer: dict[str, str]) -> None:
            self.load()
            self._notifications.undo(
                f"'{name}' removed from the gallery.", lambda: self._bring_back(answer["undo"])
            )

        self._client.delete(path_of(name), answer=dict, then=removed, owner=self)

    def _bring_back(self, undo: str) -> None:
        self._client.post(f"/api/trash/{undo}/restore", then=self._reload, owner=self)

    def _put(self, template: Template) -> None:
        self._client.put(path_of(template.name), template, then=self._reload, owner=self)

    def _delete(self, name: str) -> None:
        self._client.delete(path_of(name), then=self._reload, owner=self)


def path_of(name: str) -> str:
    return f"/api/templates/{quote(name, safe='')}"
