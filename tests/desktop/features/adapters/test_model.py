import time

import pytest
from msgspec.structs import replace

from desktop.features.adapters.model import (
    EXACT,
    MISFIT,
    UNKNOWN,
    UNTESTED,
    figures,
    hash_text,
    meta_line,
    sections,
    verdict,
)
from engine.protocol.dataset_specs import Template
from engine.protocol.records import LinearShape
from tests.desktop.features.adapters.records import (
    BASE,
    HOMELESS,
    LINEARS,
    OTHER_BASE,
    adapter,
    state,
)

MODELS = {BASE.id: BASE, OTHER_BASE.id: OTHER_BASE}


def test_adapters_stand_under_their_base_and_the_homeless_come_last() -> None:
    found = sections(state(HOMELESS).adapters, MODELS)
    assert [(each.title, len(each.rows)) for each in found] == [
        ("SmolLM2-135M-Instruct", 3),
        ("Needs another base", 1),
    ]
    assert found[0].rows[0].detail == "v3 · LoRA, rank 16 · 9.8 MB"
    assert found[1].rows[0].state_icon == "error"
    assert "Qwen2-0.5B" in found[1].rows[0].tip


def test_an_adapter_whose_base_was_removed_needs_another_base() -> None:
    found = sections([adapter("a1", "tickets", 1)], {})
    assert [each.title for each in found] == ["Needs another base"]


def test_a_base_with_a_new_fingerprint_is_not_the_same_base() -> None:
    changed = replace(BASE, fingerprint="0" * 64)
    assert sections([adapter("a1", "tickets", 1)], {"m1": changed})[0].title == "Needs another base"


def test_fingerprint_and_shapes_decide_where_it_fits() -> None:
    made = adapter("a1", "tickets", 1)
    wider = tuple(LinearShape(each.name, each.inputs * 2, each.outputs, 30) for each in LINEARS)
    assert verdict(made, BASE) is EXACT
    assert verdict(made, OTHER_BASE) is UNTESTED
    assert verdict(made, replace(OTHER_BASE, linears=wider)) is MISFIT
    assert verdict(made, replace(OTHER_BASE, linears=LINEARS[:3])) is MISFIT
    assert verdict(made, replace(OTHER_BASE, linears=())) is UNKNOWN


def test_two_unknown_fingerprints_are_no_match() -> None:
    made = replace(adapter("a1", "tickets", 1), base_fingerprint="")
    assert verdict(made, replace(BASE, fingerprint="")) is not EXACT


def test_the_meta_line_reads_as_in_the_design() -> None:
    made = adapter("a1", "tickets", 1)
    line = meta_line(made, BASE, time.time())
    assert line.startswith(
        "LoRA · rank 16, alpha 32 · all linear layers · 4.88 M parameters · 9.8 MB · made today, "
    )


def test_figures_come_with_their_names_and_unknown_ones_too() -> None:
    made = replace(adapter("a1", "x", 1), metrics={"rouge_l": 83.9, "validation_loss": 1.27449})
    assert [(each.name, each.value) for each in figures(made)] == [
        ("Validation loss", "1.274"),
        ("Rouge l", "83.900"),
    ]


def test_a_template_of_its_own_is_a_fact_with_its_text_as_plain_text() -> None:
    template = Template("Label", "fields", "<|user|><b>{user}</b>[[{assistant}]]")
    *_, fact = figures(replace(adapter("a1", "x", 1), template=template))
    assert (fact.name, fact.value) == ("Template", "Label")
    assert "&lt;b&gt;{user}&lt;/b&gt;" in fact.tip


def test_a_hash_is_shortened_in_the_middle() -> None:
    assert hash_text("5c1e0b7a9f42d3e8" + "0" * 40 + "71aa04c6") == "5c1e0b7a 9f42d3e8 … 71aa04c6"


@pytest.mark.parametrize(
    ("method", "size", "alpha", "bits", "words"),
    [
        ("ia3", 0, 0.0, 0, "IA³ · k_proj"),
        ("oft", 32, 0.0, 0, "OFT · block 32 · k_proj"),
        ("prefix", 16, 0.0, 0, "Prefix tuning · 16 tokens · k_proj"),
        ("loha", 8, 16.0, 0, "LoHa · rank 8, alpha 16 · k_proj"),
        ("lora", 16, 32.0, 4, "QLoRA · rank 16, alpha 32 · trained on 4 bits · k_proj"),
    ],
)
def test_every_method_says_what_it_has(
    method: str, size: int, alpha: float, bits: int, words: str
) -> None:
    made = replace(
        adapter("a1", "tone", 1), method=method, rank=size, alpha=alpha, base_bits=bits,
        target_modules=("k_proj",),
    )  # fmt: skip
    assert meta_line(made, BASE, time.time()).startswith(words + " · ")


def test_only_lora_is_judged_by_its_number_of_weights() -> None:
    foreign = replace(adapter("a1", "tone", 1), base_fingerprint="f" * 64)
    assert verdict(foreign, BASE).word == "Loads, untested"
    assert verdict(replace(foreign, method="oft"), BASE).word == "Not known"
