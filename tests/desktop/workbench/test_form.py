from typing import cast

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.workbench.fields import OptionField
from desktop.workbench.form import SpecForm
from engine.protocol.options import get_value, options_of
from engine.protocol.problems import Refused
from engine.protocol.specs import SamplingSpec, TrainSpec

LEFT_OUT = ("base", "dataset", "name", "preset")


@pytest.fixture
def form(qtbot: QtBot, app: App) -> SpecForm[TrainSpec]:
    form = SpecForm(app.theme, TrainSpec(base="b", dataset="d"), leave_out=LEFT_OUT)
    qtbot.addWidget(form)
    form.show()
    return form


def type_into(field: OptionField, text: str) -> None:
    line = cast(QLineEdit, field.input)
    line.selectAll()
    QTest.keyClicks(line, text)


def test_a_fresh_form_gives_its_spec_back(form: SpecForm[TrainSpec]) -> None:
    assert form.spec() == TrainSpec(base="b", dataset="d")
    assert form.changed_values() == {}
    assert set(form.values()) == {o.path for o in options_of(TrainSpec)} - set(LEFT_OUT)


def test_typed_values_arrive_with_their_types(form: SpecForm[TrainSpec]) -> None:
    type_into(form.field("method.rank"), "32")
    type_into(form.field("learning_rate"), "5e-4")
    type_into(form.field("max_length"), "1,024")
    spec = form.spec()
    assert (get_value(spec, "method.rank"), spec.learning_rate, spec.max_length) == (32, 5e-4, 1024)
    assert form.changed_values() == {
        "method.rank": 32,
        "learning_rate": 5e-4,
        "max_length": 1024,
    }


@pytest.mark.parametrize(
    ("path", "text", "error"),
    [("method.rank", "0", "At least 1."), ("method.rank", "513", "At most 512."),
     ("method.rank", "2.5", "A whole number is needed."),
     ("method.rank", "many", "A whole number is needed."),
     ("learning_rate", "0", "More than 0."), ("learning_rate", "nan", "A number is needed."),
     ("method.dropout", "1", "Less than 1."), ("batch_size", "", "A whole number is needed.")],
)  # fmt: skip
def test_a_bad_value_is_told_under_its_field(
    form: SpecForm[TrainSpec], path: str, text: str, error: str
) -> None:
    field = form.field(path)
    cast(QLineEdit, field.input).clear()
    type_into(field, text)
    if not text:
        cast(QLineEdit, field.input).textEdited.emit("")
    assert field.error() == error
    assert field.input.property("bad")
    assert not form.valid()
    with pytest.raises(Refused):
        form.spec()


def test_the_primary_button_leads_to_the_first_bad_field(
    app: App, form: SpecForm[TrainSpec]
) -> None:
    assert not form.focus_first_error()
    type_into(form.field("method.dropout"), "7")
    assert form.all_settings is not None
    assert not form.all_settings.is_open
    assert form.focus_first_error()
    assert form.all_settings.is_open


def test_a_preset_fills_the_fields_without_being_an_edit(form: SpecForm[TrainSpec]) -> None:
    edits: list[str] = []
    form.edited.connect(edits.append)
    form.set_values({"method.rank": 64, "epochs": 10.0, "unknown": 1})
    assert edits == []
    assert get_value(form.spec(), "method.rank") == 64
    type_into(form.field("method.rank"), "8")
    assert set(edits) == {"method.rank"}


def test_all_settings_count_search_and_reset(form: SpecForm[TrainSpec]) -> None:
    settings = form.all_settings
    assert settings is not None
    assert "all at their defaults" in settings._summary.text()
    type_into(form.field("epochs"), "7")
    assert "1 changed" in settings._summary.text()
    settings.set_open(True)
    settings._search.setText("weight decay")
    assert [row.field.option.path for row in settings._rows if not row.isHidden()] == [
        "weight_decay"
    ]
    row = next(row for row in settings._rows if row.field.option.path == "epochs")
    row._reset.click()
    assert form.spec().epochs == 3.0


def test_a_live_hint_gives_way_to_an_error_and_comes_back(form: SpecForm[TrainSpec]) -> None:
    field = form.field("max_length")
    form.set_hint("max_length", "No row is cut")
    assert field._hint.text() == "No row is cut"
    type_into(field, "1")
    assert field._hint.text() == "At least 16."
    type_into(field, "512")
    assert field._hint.text() == "No row is cut"


def test_a_spec_of_any_kind_makes_a_form(qtbot: QtBot, app: App) -> None:
    form = SpecForm(app.theme, SamplingSpec(), columns=2, all_settings=False)
    qtbot.addWidget(form)
    form.set_spec(SamplingSpec(temperature=1.5))
    assert form.spec() == SamplingSpec(temperature=1.5)
    for option in options_of(SamplingSpec):
        assert form.field(option.path).value() == get_value(form.spec(), option.path)
