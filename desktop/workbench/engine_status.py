"""Engine, device, memory and bell in the status bar."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.core import formatting
from desktop.core.commands import Commands
from desktop.core.engine_process import EngineState
from desktop.core.store import Store
from desktop.workbench.notifications import Notifications
from desktop.workbench.status_bar import DOT, StatusBar, StatusText


class EngineStatus(QObject):
    """Redraws when the store or the notifications say so."""

    def __init__(
        self, bar: StatusBar, store: Store, commands: Commands, notifications: Notifications
    ) -> None:
        super().__init__(bar)
        self._store, self._notifications = store, notifications
        run: Callable[[str], Callable[[], object]] = lambda id: lambda: commands.run(id)  # noqa: E731
        self._engine = bar.add(
            "Engine", side="left", order=0, priority=90, run=run("workbench.engine")
        )
        self._device = bar.add(
            "Device", side="left", order=10, priority=10, run=run("workbench.device")
        )
        self._memory = bar.add(
            "Memory", side="right", order=80, priority=50, run=run("workbench.resources")
        )
        self._bell = bar.add(
            "Notifications", side="right", order=90, priority=95, run=run("workbench.bell")
        )
        store.state_changed.connect(self.refresh)
        store.engine_changed.connect(self.refresh)
        store.jobs_changed.connect(self.refresh)
        notifications.changed.connect(self.refresh)
        self.refresh()

    @property
    def bell(self) -> QObject:
        return self._bell

    def refresh(self) -> None:
        self._engine.show_status(self._engine_text())
        info = self._store.engine
        ready = self._store.state is EngineState.READY and info is not None
        if ready and info is not None:
            threads = formatting.plural(info.threads, "thread")
            used, total = info.memory_used_bytes / 1e9, info.memory_total_bytes / 1e9
            self._device.show_status(StatusText(text=f"{info.device} · {threads}", icon="chip"))
            self._memory.show_status(
                StatusText(
                    text=f"{used:.1f} / {total:.1f} GB", icon="dashboard", tip="Memory in use"
                )
            )
        else:
            self._device.show_status(StatusText())
            self._memory.show_status(StatusText())
        unread = self._notifications.unread
        quiet = self._notifications.quiet
        icon = "bell-slash-dot" if quiet and unread else "bell-dot" if unread else "bell"
        self._bell.show_status(
            StatusText(icon=icon, tip=formatting.plural(unread, "new notification"))
        )

    def _engine_text(self) -> StatusText:
        if self._store.state is EngineState.STARTING:
            return StatusText(text="Engine starting", icon=DOT, tone="warn")
        if self._store.state is EngineState.GONE:
            return StatusText(
                text="Engine stopped", extra="Restart", icon=DOT, tone="err",
                tip=f"{self._store.why_gone} Click to start it again.",
            )  # fmt: skip
        text = "Engine busy" if self._store.busy else "Engine ready"
        return StatusText(text=text, icon=DOT, tone="ok", tip="Show Output")
