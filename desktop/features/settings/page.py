"""The Settings page: looks, chat, the engine's facts, and who made what."""

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.app import App
from desktop.core import formatting
from desktop.core.theme import ZOOM_STEPS
from desktop.features.settings.secret import Secret
from desktop.workbench.buttons import Button
from desktop.workbench.desktop_notices import SETTING as DESKTOP_NOTICES
from desktop.workbench.facts import Facts
from desktop.workbench.fields import Combo
from desktop.workbench.label import Label, Paragraph
from desktop.workbench.page import Page, PageHeader, scrolled, section_title
from engine.protocol.engine_file import read_engine_file

WIDTH, LABEL = 720, 184
ENTER = "chat.enter-sends"
THEMES = {"dark": "Dark", "light": "Light", "system": "Follow the system"}
LICENCES = (
    ("Codicons", "Microsoft, Creative Commons Attribution 4.0 (CC BY 4.0)"),
    ("Inter", "The Inter Project Authors, SIL Open Font License 1.1"),
    ("JetBrains Mono", "The JetBrains Mono Project Authors, SIL Open Font License 1.1"),
    ("Qt for Python", "The Qt Company, GNU LGPL 3"),
)


class SettingsPage(Page):
    """A change takes effect at once; there is nothing to save."""

    def __init__(self, app: App) -> None:
        super().__init__(app.theme, "Settings", "settings-gear")
        self._app = app
        self.header_slot.addWidget(PageHeader(app.theme, "Settings", padding=32))
        self.look = self._combo("Theme", THEMES, app.theme.choice, app.theme.choose)
        zooms = {str(step): formatting.percent(step) for step in ZOOM_STEPS}
        self.zoom = self._combo(
            "Zoom", zooms, str(app.theme.zoom), lambda value: app.theme.set_zoom(float(value))
        )
        keys = {"yes": "Sends the prompt", "no": "Starts a new line"}
        self.enter = self._combo(
            "Enter key",
            keys,
            "yes" if app.settings.get(ENTER, True) else "no",
            lambda value: app.settings.set(ENTER, value == "yes"),
        )
        self.notices = self._combo(
            "Desktop notification",
            {"yes": "At the end of a run", "no": "Never"},
            "yes" if app.settings.get(DESKTOP_NOTICES, True) else "no",
            lambda value: app.settings.set(DESKTOP_NOTICES, value == "yes"),
        )
        self.first_focus = self.look
        self._facts = Facts(app.theme, LABEL - 12)
        self._content = QWidget()
        self.body.addWidget(self._lay_out())
        app.store.engine_changed.connect(self.refresh)
        app.store.state_changed.connect(self.refresh)
        app.theme.changed.connect(self._follow)
        self.refresh()

    def _combo(
        self, name: str, choices: dict[str, str], now: str, choose: Callable[[str], object]
    ) -> Combo:
        combo = Combo(self.theme, name)
        for value, title in choices.items():
            combo.addItem(title, value)
        combo.setCurrentIndex(max(combo.findData(now), 0))
        combo.setFixedWidth(self.theme.px(240))
        combo.activated.connect(lambda at: choose(combo.itemData(at)))
        return combo

    def _follow(self) -> None:
        """The theme and the zoom have commands of their own."""
        self.look.setCurrentIndex(max(self.look.findData(self.theme.choice), 0))
        self.zoom.setCurrentIndex(max(self.zoom.findData(str(self.theme.zoom)), 0))

    def _lay_out(self) -> QScrollArea:
        px = self.theme.px
        column = QVBoxLayout(self._content)
        column.setContentsMargins(px(32), px(24), px(32), px(40))
        column.setSpacing(px(24))
        column.addWidget(
            self._section("Appearance", self._row("Theme", self.look), self._row("Zoom", self.zoom))
        )
        hint = "Shift+Enter does the other."
        column.addWidget(self._section("Chat", self._row("Enter key", self.enter, hint)))
        hint = "Only while the window is not in front."
        notices = self._row("Desktop notification", self.notices, hint)
        column.addWidget(self._section("Notifications", notices))
        column.addWidget(self._section("Engine", self._facts))
        licences = Facts(self.theme, LABEL - 12)
        for name, words in LICENCES:
            licences.add(name, words)
        words = (
            "Adapter Studio is free software under the Apache License 2.0. "
            "Nothing you put in leaves this machine."
        )
        about = self._section("About", Paragraph(self.theme, words, "body", "text2"), licences)
        column.addWidget(about)
        column.addStretch(1)
        return scrolled(self._content)

    def _section(self, title: str, *content: QWidget) -> QWidget:
        section = QWidget()
        section.setMaximumWidth(self.theme.px(WIDTH))
        column = QVBoxLayout(section)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.theme.px(8))
        column.addWidget(section_title(title))
        for widget in content:
            column.addWidget(widget)
        return section

    def _row(self, name: str, field: QWidget, hint: str = "") -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.theme.px(16))
        label = Label(name, "body", "text2")
        label.setFixedWidth(self.theme.px(LABEL - 16))
        row.addWidget(label)
        row.addWidget(field)
        if hint:
            row.addWidget(Label(hint, "small", "text3"))
        row.addStretch()
        line.setFixedHeight(self.theme.px(40))
        return line

    def refresh(self) -> None:
        """The engine's facts; without an engine it says so."""
        facts, info = self._facts, self._app.store.engine
        engine = read_engine_file(self._app.home)
        facts.clear()
        if info is None or engine is None:
            facts.add("State", "The engine is not running.")
            return
        folder = Button(self.theme, "Show", kind="link", run=self._show_home)
        home = QWidget()
        row = QHBoxLayout(home)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Label(info.home, "mono", "text2"))
        row.addWidget(folder)
        facts.add_widget("Data folder", home)
        facts.add("Version", info.version)
        facts.add("Device", info.device)
        facts.add("Threads", str(info.threads))
        facts.add("Process", f"{info.pid}, since {formatting.clock(info.started_at)}")
        facts.add_copy("Address", f"{engine.base_url}/v1")
        facts.add_widget("Token", Secret(self.theme, "Token", engine.token))

    def _show_home(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._app.home)))
