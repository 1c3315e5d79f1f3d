from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.features.chat.code_block import CodeBlock
from desktop.features.chat.prose import Prose
from desktop.features.chat.reply_body import ReplyBody


@pytest.fixture
def prose(app: App, qtbot: QtBot) -> Prose:
    prose = Prose(app.theme)
    prose.resize(500, 20)
    qtbot.addWidget(prose)
    return prose


def test_markdown_is_laid_out(prose: Prose) -> None:
    prose.set_markdown(
        "# Title\n\nSome **bold** text and `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert "Some bold text and code." in prose.toPlainText()
    assert prose.height() > 80


def test_markup_stays_text(prose: Prose) -> None:
    prose.set_markdown('<script>alert(1)</script> and <img src="file:///etc/passwd">')
    assert "<script>" in prose.toPlainText()


def test_a_picture_is_neither_read_from_the_disk_nor_fetched(prose: Prose, tmp_path: Path) -> None:
    picture = tmp_path / "secret.png"
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    assert image.save(str(picture))
    prose.set_markdown(f"![x]({picture}) ![y](http://127.0.0.1:9/y.png) ![z](file://{picture})")
    for name in (str(picture), picture.as_uri(), "http://127.0.0.1:9/y.png"):
        found = prose.document().resource(
            QTextDocument.ResourceType.ImageResource.value, QUrl(name)
        )
        assert isinstance(found, QImage)
        assert found.width() == 1
    shown = prose.grab().toImage()
    colours = {shown.pixelColor(x, y).name() for x in range(200) for y in range(shown.height())}
    assert "#ff0000" not in colours
    assert "secret.png" in prose.toPlainText()


def test_a_link_is_not_followed(prose: Prose) -> None:
    prose.set_markdown("[here](http://127.0.0.1:9/x)")
    assert not prose.openLinks()
    assert not prose.openExternalLinks()


def test_a_stream_turns_into_blocks_as_it_goes(app: App, qtbot: QtBot) -> None:
    body = ReplyBody(app.theme)
    body.resize(500, 300)
    qtbot.addWidget(body)
    text = "A **list**:\n\n```python\nx = 1\n```\n\nEnd"
    for piece in (text[at : at + 3] for at in range(0, len(text), 3)):
        body.grow(piece)
        body._flow()
    kinds = [type(body.layout().itemAt(n).widget()) for n in range(body.layout().count())]  # type: ignore[union-attr]
    assert kinds == [Prose, CodeBlock, Prose]
    first = body.layout().itemAt(0).widget()  # type: ignore[union-attr]
    assert isinstance(first, Prose)
    assert first.toPlainText() == "A list:"


def test_json_is_code_from_its_first_letter(app: App, qtbot: QtBot) -> None:
    body = ReplyBody(app.theme)
    qtbot.addWidget(body)
    for piece in ('{"te', 'am": "bil', 'ling"}'):
        body.grow(piece)
        body._flow()
    (code,) = body.findChildren(CodeBlock)
    assert code.code() == '{"team": "billing"}'
