"""Training recipes of other tools: what comes in from one, and what goes out."""

from typing import Annotated

from msgspec import Meta, Struct

from engine.protocol.options import Value
from engine.protocol.specs import Text

MOST_CHARACTERS = 1_000_000


class ImportRecipe(Struct, frozen=True, forbid_unknown_fields=True):
    """An Olive recipe: a file, its text, or an `olive finetune` command line; one of the three."""

    path: Text = ""
    text: Annotated[str, Meta(max_length=MOST_CHARACTERS)] = ""
    flags: Annotated[str, Meta(max_length=65536)] = ""
    base: Annotated[str, Meta(max_length=256)] = ""  # id or name; tells target modules apart


class RecipeNote(Struct, frozen=True):
    """A place in a recipe, or an option's path on the way out, and a sentence about it."""

    path: str
    reason: str


class RecipeData(Struct, frozen=True):
    """Which data a recipe trains on, as hints: nothing of it is read or downloaded."""

    name: str = ""  # "json", "csv", ... with files; else a dataset of the Hugging Face hub
    files: tuple[str, ...] = ()
    subset: str = ""
    split: str = ""
    validation_split: str = ""
    validation: float = 0.0  # rows held out: below 1 a share, else a number; 0: not said
    columns: tuple[str, ...] = ()  # of text, learned as a whole
    template: str = ""  # in this application's own syntax of fields
    chat: bool = False  # the base's chat template over a column of messages
    messages: str = ""  # that column


class RecipeImport(Struct, frozen=True):
    """A spec's values from a recipe. What they cannot say is named, with the reason."""

    values: dict[str, Value]  # option paths of TrainSpec, "method.kind" among them
    base: str  # the path or hub name that the recipe gives; empty: none
    data: RecipeData
    left_out: tuple[RecipeNote, ...]  # what has no counterpart here
    changed: tuple[RecipeNote, ...]  # defaults made explicit, values brought within bounds


class RecipeExport(Struct, frozen=True):
    """A run's spec as an Olive recipe, in YAML."""

    text: str
    left_out: tuple[RecipeNote, ...]  # what Olive cannot say, by option path
