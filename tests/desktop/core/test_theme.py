from PySide6.QtGui import QColor, QFontMetrics, QRawFont
from PySide6.QtWidgets import QApplication

from desktop.app import App
from desktop.core.icons import CODE_POINTS, glyph_font
from desktop.core.tokens import DARK, LIGHT, TOKENS


def luminance(colour: QColor) -> float:
    """WCAG 2 relative luminance."""
    parts = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_is_legible_on_every_surface() -> None:
    for table in (DARK, LIGHT):
        assert set(table) == set(TOKENS)
        for surface in ("chrome", "side", "editor", "raised"):
            assert contrast(table["text"], table[surface]) >= 10
            assert contrast(table["text2"], table[surface]) >= 6
            assert contrast(table["text3"], table[surface]) >= 4.5


def test_the_theme_switches_live(app: App, qapp: QApplication) -> None:
    for choice, table in (("light", LIGHT), ("dark", DARK)):
        app.theme.choose(choice)
        qapp.processEvents()
        picture = app.window.grab().toImage()
        assert picture.pixelColor(20, 700).name().upper() == table["chrome"]
        assert picture.pixelColor(200, 700).name().upper() == table["side"]
        assert picture.pixelColor(900, 600).name().upper() == table["editor"]
        assert qapp.palette().text().color().name().upper() == table["text"]


def test_the_choice_is_remembered(app: App) -> None:
    app.theme.choose("light")
    assert app.settings.get("workbench.theme", "dark") == "light"
    app.theme.choose("system")
    assert app.theme.choice == "system"


def test_zoom_follows_steps_and_stays_in_bounds(app: App) -> None:
    app.theme.zoom_by(1)
    assert app.theme.zoom == 1.1
    assert app.theme.font("body").pixelSize() == 14
    for _ in range(20):
        app.theme.zoom_by(1)
    assert app.theme.zoom == 2.0
    app.theme.set_zoom(1.0)


def test_figures_are_tabular(app: App) -> None:
    metrics = QFontMetrics(app.theme.font("body"))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_every_icon_is_in_the_font(app: App) -> None:
    font = QRawFont.fromFont(glyph_font(16))
    assert font.familyName() == "codicon"
    missing = [name for name, code in CODE_POINTS.items() if not font.supportsCharacter(code)]
    assert missing == []
