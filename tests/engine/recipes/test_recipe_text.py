"""Texts that were written to harm whoever reads them."""

import json
import time
from pathlib import Path

import pytest

from engine.protocol.problems import Refused
from engine.protocol.recipes import ImportRecipe
from engine.recipes.reading import read_olive
from engine.recipes.recipe_text import MOST_NODES, format_recipe, parse_recipe

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "python object": "passes: !!python/object/apply:os.system ['touch {canary}']",
    "python name": "passes: !!python/name:os.system",
    "own tag": "passes: !run {command: rm}",
    "billion laughs": LAUGHS,
    "laughs in keys": f"{LAUGHS}passes: {{? *i : 1}}",
    "an alias of itself": "passes: &a [*a]",
    "merges": "a: &a {x: 1}\n" + "b: {" + ", ".join(["<<: *a"] * 5) + "}",
    "deep YAML": "passes: " + "[" * 40 + "]" * 40,
    "very deep YAML": "passes: " + "[" * 200_000,
    "deep blocks": "".join(f"{' ' * at}a:\n" for at in range(900)),
    "deep JSON": '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "many": "[" + "1, " * (MOST_NODES + 5) + "1]",
    "many in JSON": json.dumps({"a": [1] * (MOST_NODES + 5)}),
    "two documents": "a: 1\n---\nb: 2",
    "twice": "passes: 1\npasses: 2",
    "twice in JSON": '{"passes": 1, "passes": 2}',
    "no number": '{"a": NaN}',
    "a long number": "a: " + "9" * 5000,
    "a list": "[1, 2]",
    "nothing": "",
    "words": "just some words",
    "a NUL": "a: \0",
    "cut off": "a: {b: [1",
    "a list as key": "? [1, 2]\n: 3",
    "a mapping as key": "{{a: 1}: 2}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_soon(name: str, tmp_path: Path) -> None:
    canary = tmp_path / "ran"
    began = time.perf_counter()
    with pytest.raises(Refused) as caught:
        read_olive(ImportRecipe(text=HOSTILE[name].replace("{canary}", str(canary))))
    assert caught.value.problem.code.startswith("recipes.")
    assert time.perf_counter() - began < 3.0
    assert not canary.exists()


@pytest.mark.parametrize("size", [1_000_001, 10_000_000])
def test_a_file_of_ten_megabytes_is_refused_without_being_read(tmp_path: Path, size: int) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("passes: " + "x" * size)
    with pytest.raises(Refused) as caught:
        read_olive(ImportRecipe(path=str(path)))
    assert caught.value.problem.code == "recipes.too-large"


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("bytes.yaml", "missing.yaml", "."):
        with pytest.raises(Refused, match="cannot be read"):
            read_olive(ImportRecipe(path=str(tmp_path / name)))


def test_honest_anchors_and_merges_are_read() -> None:
    text = "base: &base {r: 4, alpha: 8}\nlora: {<<: *base, r: 16}\nagain: *base"
    assert parse_recipe(text) == {
        "base": {"r": 4, "alpha": 8},
        "lora": {"r": 16, "alpha": 8},
        "again": {"r": 4, "alpha": 8},
    }


def test_keys_and_dates_become_text() -> None:
    assert parse_recipe("1: 2024-05-06\n2.5: .inf") == {"1": "2024-05-06", "2.5": "inf"}


def test_a_flow_mapping_is_read_though_it_begins_as_json_does() -> None:
    assert parse_recipe("{a: 1, b: [x]}") == {"a": 1, "b": ["x"]}


def test_what_is_written_is_read_again_without_aliases() -> None:
    shared = ["x"]
    text = format_recipe({"a": shared, "b": shared, "ü": "1e-3"}, "first\nsecond")
    assert text.startswith("# first\n# second\n")
    assert "&" not in text
    assert parse_recipe(text) == {"a": ["x"], "b": ["x"], "ü": "1e-3"}


@pytest.mark.parametrize(
    "wanted", [ImportRecipe(), ImportRecipe(text="a: 1", flags="-m x"), ImportRecipe(text="  ")]
)
def test_one_recipe_is_read_at_a_time(wanted: ImportRecipe) -> None:
    with pytest.raises(Refused) as caught:
        read_olive(wanted)
    assert caught.value.problem.code == "recipes.nothing"
