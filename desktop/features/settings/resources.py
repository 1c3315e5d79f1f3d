"""The Resources tab: memory, disk and the loaded bases."""

import shutil

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.theme import Theme
from desktop.core.tokens import Token
from desktop.workbench.label import Label
from desktop.workbench.progress_bar import ProgressBar
from engine.protocol.records import EngineInfo

AMBER, RED = 0.8, 0.95


class Resources(QWidget):
    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app
        self.memory = Meter(app.theme, "Memory")
        self.disk = Meter(app.theme, "Disk")
        self.bases = Label("", "body", "text2")
        row = QHBoxLayout()
        row.setSpacing(app.theme.px(16))
        name = Label("Loaded bases", "body", "text2")
        name.setFixedWidth(app.theme.px(96))
        row.addWidget(name)
        row.addWidget(self.bases, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(12)
        column.addWidget(self.memory)
        column.addWidget(self.disk)
        column.addLayout(row)
        column.addStretch()
        app.store.engine_changed.connect(self.refresh)
        app.store.models_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        info = self._app.store.engine
        if info is None:
            self.bases.setText("The engine is not running.")
            return
        self.memory.show_use(info.memory_used_bytes, info.memory_total_bytes)
        total = disk_total(info)
        self.disk.show_use(total - info.disk_free_bytes, total)
        models = self._app.store.models
        names = [models[id].name for id in info.loaded_bases if id in models]
        self.bases.setText(", ".join(names) or "None. A base is loaded by its first chat.")


def disk_total(info: EngineInfo) -> int:
    """Of the disk that holds the data folder; what is free, if it cannot be asked."""
    try:
        return shutil.disk_usage(info.home).total
    except OSError:
        return info.disk_free_bytes


class Meter(QWidget):
    """Name, bar, figures."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._name = name
        self._bar = ProgressBar(theme)
        self._bar.setMaximumWidth(theme.px(320))
        self.figures = Label("", "body", "text")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        label = Label(name, "body", "text2")
        label.setFixedWidth(theme.px(96))
        row.addWidget(label)
        row.addWidget(self._bar, 1)
        row.addWidget(self.figures)
        row.addStretch()

    def show_use(self, used: int, total: int) -> None:
        share = used / total if total else 0.0
        tone: Token = "err" if share > RED else "warn" if share > AMBER else "accent"
        self._bar.set_share(share, tone)
        free = formatting.size(max(total - used, 0))
        self.figures.setText(f"{used / 1e9:.1f} of {total / 1e9:.1f} GB, {free} free")
        self._bar.setAccessibleName(f"{self._name}: {self.figures.text()}")
