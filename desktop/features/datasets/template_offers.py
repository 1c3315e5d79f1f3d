"""The gallery as it is offered for one dataset: by task, what fits first."""

import re
from collections.abc import Sequence

from msgspec import Struct

from desktop.features.datasets.template_marks import names_in
from engine.protocol.dataset_specs import Mapping, Template
from engine.protocol.records import Dataset, GalleryTemplate

TASKS = {
    "chat": "Chat",
    "instruction": "Instruction",
    "classification": "Classification",
    "extraction": "Extraction",
    "summarization": "Summarization",
    "": "Other",
}
OWN = "Your own"
PARTS = ("system", "user", "input", "assistant")
SPOKEN = ("system", "user", "assistant")  # a conversation's turns have them without a column


class Offer(Struct, frozen=True):
    """A template and the name it reads that the dataset has nothing for; empty: it fits."""

    entry: GalleryTemplate
    lacks: str

    @property
    def note(self) -> str:
        return f"needs a column {self.lacks}" if self.lacks else "fits"

    @property
    def choosable(self) -> bool:
        """A person's own can be changed until it fits."""
        return self.entry.own or not self.lacks


class OfferGroup(Struct, frozen=True):
    title: str
    offers: tuple[Offer, ...]


def groups_of(gallery: Sequence[GalleryTemplate], dataset: Dataset) -> tuple[OfferGroup, ...]:
    """One group for each task, then the person's own."""
    found: dict[str, list[Offer]] = {title: [] for title in (*TASKS.values(), OWN)}
    for entry in gallery:
        title = OWN if entry.own else TASKS[entry.template.task]
        found[title].append(Offer(entry, lacking(entry, dataset)))
    return tuple(
        OfferGroup(title, tuple(sorted(offers, key=lambda offer: bool(offer.lacks))))
        for title, offers in found.items()
        if offers
    )


def lacking(entry: GalleryTemplate, dataset: Dataset) -> str:
    """The first name that the template reads and the dataset cannot fill, or nothing."""
    template = entry.template
    names = entry.expects or names_in(template)
    open_names = (name for name in names if not _filled(name, dataset))
    return next((name for name in open_names if not asks_for(template, name)), "")


def asks_for(template: Template, name: str) -> bool:
    """Whether it looks if the name is there, and so does without it."""
    asked = rf"\{{%[-+]?\s*(el)?if\s+{re.escape(name)}\b"
    return template.syntax == "jinja" and re.search(asked, template.text) is not None


def _filled(name: str, dataset: Dataset) -> bool:
    mapping = dataset.mapping
    if name in dataset.columns:
        return True
    if name == "messages":
        return not (mapping.text or mapping.segments)
    return name in PARTS and _plays(name, mapping)


def _plays(part: str, mapping: Mapping) -> bool:
    conversation = mapping.messages or (mapping.chosen and part != "system")
    return bool(getattr(mapping, part) or (part in SPOKEN and conversation))


def names_for(dataset: Dataset) -> tuple[str, ...]:
    """What a template for this dataset may name: its columns, and the parts they play."""
    return tuple(dict.fromkeys((*dataset.columns, *PARTS)))
