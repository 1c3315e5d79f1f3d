"""PySide6 6.12 aborts on Python 3.11 after some thousand setter calls; the pinned one must not."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


class Emitter(QObject):
    sent = Signal(object)


def test_many_setter_calls_and_emits_survive(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    got: list[object] = []
    emitter = Emitter()
    emitter.sent.connect(got.append)
    for number in range(20_000):
        label.setText(str(number))
        label.setEnabled(number % 2 == 0)
    for _ in range(2_000):
        emitter.sent.emit(None)
        emitter.sent.emit(True)
    assert label.text() == "19999"
    assert len(got) == 4_000
