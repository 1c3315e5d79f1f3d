from desktop.features.datasets.template_draft import (
    TemplateDraft,
    draft_of,
    faulty_line,
    is_in_use,
    with_text,
)
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Problem

LABEL = Template("Text and label", "fields", "{user}\n[[{assistant}]]", task="classification")


def test_a_template_that_was_not_changed_keeps_its_name() -> None:
    assert draft_of(LABEL).template == LABEL


def test_a_changed_one_is_called_edited_once() -> None:
    changed = with_text(draft_of(LABEL), LABEL.text + " ").template
    assert changed is not None
    assert (changed.name, changed.task) == ("Text and label (edited)", "classification")
    again = with_text(draft_of(changed), "{user}{assistant}").template
    assert again is not None
    assert again.name == "Text and label (edited)"


def test_a_name_of_full_length_stays_within_its_bounds() -> None:
    long = Template("x" * 80, "fields", "{user}")
    changed = with_text(draft_of(long), "{user}{assistant}").template
    assert changed is not None
    assert len(changed.name) == 80


def test_a_text_from_nothing_is_an_own_template() -> None:
    written = TemplateDraft("{user}").template
    assert written == Template("Own template", "fields", "{user}")


def test_no_text_is_the_models_own_template() -> None:
    assert with_text(draft_of(LABEL), " \n").template is None
    assert is_in_use(TemplateDraft(), None)
    assert not is_in_use(TemplateDraft(), LABEL)


def test_what_a_dataset_binds_to_a_template_makes_no_difference() -> None:
    bound = Template(LABEL.name, LABEL.syntax, LABEL.text, columns={"user": "prompt"})
    assert is_in_use(draft_of(LABEL), bound)
    assert draft_of(bound).template == Template(LABEL.name, LABEL.syntax, LABEL.text)


def test_the_faulty_line_is_the_one_that_the_refusal_names() -> None:
    row = "Row 3 (line 4) cannot be rendered. Line 12 of the template: 'x' is undefined."
    assert faulty_line(Problem("template.invalid", row)) == 12
    assert faulty_line(Problem("template.invalid", "The template: it names no column.")) == 0
