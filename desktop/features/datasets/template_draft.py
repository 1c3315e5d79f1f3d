"""What stands in the template editor, before it is used."""

import re

from msgspec import Struct
from msgspec.structs import replace

from desktop.features.datasets.template_marks import Syntax
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Problem

OWN_NAME, EDITED = "Own template", " (edited)"
LONGEST_NAME = 80
LINE = re.compile(r"\bLine (\d+) of the template\b")


class TemplateDraft(Struct, frozen=True):
    """A text and where it came from; without text it is the model's own template."""

    text: str = ""
    syntax: Syntax = "fields"
    origin: Template | None = None

    @property
    def template(self) -> Template | None:
        """As it is sent; a changed one has another name than what it was made from."""
        if not self.text.strip():
            return None
        origin = self.origin
        if origin is None:
            return Template(OWN_NAME, self.syntax, self.text)
        name = origin.name
        if (origin.text, origin.syntax) != (self.text, self.syntax) and name != OWN_NAME:
            name = name.removesuffix(EDITED)[: LONGEST_NAME - len(EDITED)] + EDITED
        return Template(name, self.syntax, self.text, task=origin.task)


def draft_of(template: Template | None) -> TemplateDraft:
    if template is None:
        return TemplateDraft()
    return TemplateDraft(template.text, template.syntax, template)


def with_text(draft: TemplateDraft, text: str) -> TemplateDraft:
    return replace(draft, text=text)


def is_in_use(draft: TemplateDraft, used: Template | None) -> bool:
    """Whether it makes the same text of every row as the dataset's own."""
    wanted = draft.template
    if wanted is None or used is None:
        return wanted is used
    return (wanted.syntax, wanted.text) == (used.syntax, used.text)


def faulty_line(problem: Problem) -> int:
    """The line of the template that a refusal names, from 1; 0: it names none."""
    found = LINE.search(problem.message)
    return int(found[1]) if found is not None else 0


def is_fault(problem: Problem) -> bool:
    """Whether the template is to blame, and not the engine or the row's number."""
    return problem.code.startswith("template.")
