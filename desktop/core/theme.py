"""Dark and light from the token table: palette, style sheet, fonts and icons, switched live."""

from importlib.resources import files

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from desktop.core.icons import GlyphEngine
from desktop.core.settings import Settings
from desktop.core.style_sheet import style_sheet
from desktop.core.tokens import DARK, LIGHT, TYPE, Role, Token

CHOICES = ("dark", "light", "system")
SANS = "Inter Studio"  # Inter under a name of its own, see resources/fonts/LICENSE-Inter.txt
ZOOM_STEPS = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


class Theme(QObject):
    """Asked by everything that draws; `changed` follows a new theme or zoom."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        load_fonts()
        self._settings = settings
        self._choice = settings.get("workbench.theme", "dark")
        self.zoom = settings.get("workbench.zoom", 1.0)
        self._colours: dict[Token, QColor] = {}
        self._fonts: dict[Role, QFont] = {}
        QApplication.styleHints().colorSchemeChanged.connect(self._on_system)
        self._fill()

    @property
    def choice(self) -> str:
        """ "dark", "light" or "system"."""
        return self._choice if self._choice in CHOICES else "dark"

    @property
    def dark(self) -> bool:
        if self.choice == "system":
            return QApplication.styleHints().colorScheme() != Qt.ColorScheme.Light
        return self.choice == "dark"

    def choose(self, choice: str) -> None:
        self._choice = choice
        self._settings.set("workbench.theme", choice)
        self.apply()

    def set_zoom(self, zoom: float) -> None:
        self.zoom = min(max(zoom, ZOOM_STEPS[0]), ZOOM_STEPS[-1])
        self._settings.set("workbench.zoom", self.zoom)
        self.apply()

    def zoom_by(self, steps: int) -> None:
        nearest = min(range(len(ZOOM_STEPS)), key=lambda i: abs(ZOOM_STEPS[i] - self.zoom))
        self.set_zoom(ZOOM_STEPS[min(max(nearest + steps, 0), len(ZOOM_STEPS) - 1)])

    def colour(self, token: Token) -> QColor:
        return self._colours[token]

    def font(self, role: Role) -> QFont:
        """For what paints itself; labels take theirs from the style sheet by their role."""
        return self._fonts[role]

    def metrics(self, role: Role) -> QFontMetrics:
        return QFontMetrics(self._fonts[role])

    def px(self, pixels: float) -> int:
        """Pixels at 100 % as they are at the present zoom."""
        return round(pixels * self.zoom)

    def icon(self, name: str, tone: Token = "text2") -> QIcon:
        """A codicon; it takes its colour when it is drawn, so it need not be made anew."""
        return QIcon(GlyphEngine(name, lambda on: self._colours[tone if on else "disabled"]))

    def apply(self) -> None:
        """Give the application palette, fonts and style sheet anew."""
        self._fill()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setPalette(self._palette())
        app.setFont(self.font("body"))
        app.setStyleSheet(style_sheet(self._names(), self.zoom))
        self.changed.emit()

    def _on_system(self) -> None:
        if self.choice == "system":
            self.apply()

    def _names(self) -> dict[Token, str]:
        return DARK if self.dark else LIGHT

    def _fill(self) -> None:
        self._colours = {token: QColor(value) for token, value in self._names().items()}
        for role, style in TYPE.items():
            font = QFont(["JetBrains Mono", "monospace"] if style.mono else [SANS, "sans-serif"])
            font.setPixelSize(self.px(style.size))
            font.setWeight(QFont.Weight(style.weight))
            if style.mono:
                font.setFeature(QFont.Tag("calt"), 0)  # "<|" is two characters, not an arrow
            else:
                font.setFeature(QFont.Tag("tnum"), 1)
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100 + style.tracking)
            self._fonts[role] = font

    def _palette(self) -> QPalette:
        palette = QPalette()
        role = QPalette.ColorRole
        pairs: dict[QPalette.ColorRole, Token] = {
            role.Window: "editor",
            role.WindowText: "text",
            role.Base: "sunken",
            role.AlternateBase: "hover",
            role.Text: "text",
            role.Button: "raised",
            role.ButtonText: "text",
            role.BrightText: "onButton",
            role.Highlight: "button",
            role.HighlightedText: "onButton",
            role.ToolTipBase: "raised",
            role.ToolTipText: "text",
            role.PlaceholderText: "text3",
            role.Link: "accent",
            role.LinkVisited: "accent",
            role.Accent: "accent",
            role.Light: "raised",
            role.Midlight: "line",
            role.Mid: "lineStrong",
            role.Dark: "line",
            role.Shadow: "chrome",
        }
        for which, token in pairs.items():
            palette.setColor(which, self.colour(token))
        for which in (role.Text, role.ButtonText, role.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, which, self.colour("disabled"))
        return palette


def load_fonts() -> None:
    """The bundled fonts, once per process; the platform's stand in if one cannot be read."""
    if SANS in QFontDatabase.families() and "codicon" in QFontDatabase.families():
        return
    bundled = files("resources")
    for path in (
        "fonts/InterStudio-Regular.ttf",
        "fonts/InterStudio-Medium.ttf",
        "fonts/InterStudio-SemiBold.ttf",
        "fonts/JetBrainsMono-Regular.ttf",
        "fonts/JetBrainsMono-Medium.ttf",
        "icons/codicon.ttf",
    ):
        QFontDatabase.addApplicationFontFromData(bundled.joinpath(path).read_bytes())


def repolish(widget: QWidget) -> None:
    """Make a widget take the style of a property that was just changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
