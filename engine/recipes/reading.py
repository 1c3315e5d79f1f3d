"""What a request to import a recipe names, read."""

from collections.abc import Collection
from pathlib import Path

from engine.protocol.problems import Refused
from engine.protocol.recipes import ImportRecipe, RecipeImport
from engine.recipes.olive_flags import recipe_of_flags
from engine.recipes.olive_import import import_olive
from engine.recipes.recipe_text import parse_recipe, read_recipe


def read_olive(wanted: ImportRecipe, linears: Collection[str] = ()) -> RecipeImport:
    """Belongs in a worker: the bytes are foreign. Raises Refused with the reason."""
    given = [each for each in (wanted.path, wanted.text, wanted.flags) if each.strip()]
    if len(given) != 1:
        raise Refused(
            "recipes.nothing", "One recipe is read at a time.", "Give a file, text or flags."
        )
    if wanted.flags.strip():
        return import_olive(recipe_of_flags(wanted.flags), linears=linears)
    text = read_recipe(Path(wanted.path)) if wanted.path else wanted.text
    return import_olive(parse_recipe(text), linears=linears)
