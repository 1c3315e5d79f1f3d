import pytest

from desktop.features.datasets.template_marks import (
    Syntax,
    lines_of,
    names_in,
    parts_of,
    writable,
)
from engine.protocol.dataset_specs import Template


def learned(text: str, syntax: Syntax) -> str:
    return "".join(part.text for part in parts_of(text, syntax) if part.learned)


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("{user}\n[[{assistant}]] x", "fields"),
        ("{a} }} [[ {", "fields"),
        ("{{- user }}{% generation %}'a'{% endgeneration %}{% if", "jinja"),
        ("", "jinja"),
    ],
)
def test_the_parts_are_the_whole_text(text: str, syntax: Syntax) -> None:
    assert "".join(part.text for part in parts_of(text, syntax)) == text


def test_what_stands_between_brackets_is_learned() -> None:
    assert learned("Text: {user}\n[[{assistant}]]\n", "fields") == "[[{assistant}]]"


def test_without_brackets_the_last_column_and_all_after_it_is_learned() -> None:
    assert learned("{user}: {assistant}.{eos_token}", "fields") == "{assistant}.{eos_token}"


def test_a_bracket_that_is_written_out_marks_nothing() -> None:
    assert learned(r"\[[ {user} {assistant}", "fields") == "{assistant}"


def test_a_generation_block_is_learned_over_several_lines() -> None:
    text = "{{ user }}\n{%- generation %}\n{{ assistant }}\n{%- endgeneration %}\nx"
    lines = lines_of(text, "jinja")
    assert [any(span.learned for span in line) for line in lines] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_the_marks_of_each_line_have_its_own_columns() -> None:
    first, second = lines_of("Text: {user}\nLabel: {label}", "fields")
    assert [(span.start, span.end, span.kind) for span in first] == [
        (0, 6, "text"), (6, 12, "name"),
    ]  # fmt: skip
    assert [(span.start, span.end, span.learned) for span in second] == [
        (0, 7, False), (7, 14, True),
    ]  # fmt: skip


def test_what_jinja_writes_in_quotes_is_text() -> None:
    kinds = [(part.text, part.kind) for part in parts_of("{{ 'Text: ' + user }}", "jinja")]
    assert kinds == [("{{ ", "name"), ("'Text: '", "text"), (" + user }}", "name")]


def test_the_columns_of_a_template_of_fields_are_named_once() -> None:
    template = Template("x", "fields", "{bos_token}{user} {user} {{no}} [[{label}]]")
    assert names_in(template) == ("user", "label")


def test_jinja_cannot_name_a_column_with_a_space() -> None:
    assert writable("first name", "fields")
    assert not writable("first name", "jinja")
    assert not writable("a{b", "fields")
