from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoModelForCausalLM, Gemma2Config, Gemma2ForCausalLM

from engine.datasets.render import Encoded
from engine.protocol.method_specs import LoraSpec
from engine.workers.methods import add_method
from engine.workers.packing import (
    loss_sum,
    pack,
    pack_in_parts,
    segmented_attention,
    split_rows,
    use_segmented_attention,
)
from tests.fakes.tiny_model import VOCABULARY, write_tiny_model

ROWS = (
    Encoded((257, 84, 82, 68, 90, 91, 258), (-100, -100, -100, -100, 90, 91, 258)),
    Encoded((257, 9, 258), (-100, 9, 258)),
    Encoded(tuple(range(40, 60)), (*[-100] * 11, *range(51, 60))),
)


@pytest.fixture
def model(tmp_path: Path) -> Any:
    base = AutoModelForCausalLM.from_pretrained(write_tiny_model(tmp_path / "tiny"))
    assert use_segmented_attention(base)
    return with_trained_lora(base)


def with_trained_lora(base: Any, dropout: float = 0.0) -> Any:
    """An adapter whose B is not zero, so that every one of its weights has a gradient."""
    model = add_method(base, LoraSpec(rank=4, dropout=dropout), seed=0)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    return model


def padded_loss(model: Any, rows: Sequence[Encoded], attention: str = "sdpa") -> Tensor:
    """The textbook way: pad on the right, mask, all logits."""
    model.get_base_model().set_attn_implementation(attention)
    width = max(len(row.input_ids) for row in rows)

    def pad(values: Sequence[int], fill: int) -> list[int]:
        return [*values, *[fill] * (width - len(values))]

    ids = torch.tensor([pad(row.input_ids, 258) for row in rows])
    labels = torch.tensor([pad(row.labels, -100) for row in rows])
    mask = torch.tensor([pad([1] * len(row.input_ids), 0) for row in rows])
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
    return functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), reduction="sum"
    )


def gradients(model: Any) -> dict[str, Tensor]:
    found = {
        name: weight.grad.clone()
        for name, weight in model.named_parameters()
        if weight.grad is not None
    }
    model.zero_grad()
    return found


def test_a_batch_is_one_row_with_positions_that_restart() -> None:
    batch = pack(ROWS[:2])
    assert batch["input_ids"].tolist() == [[*ROWS[0].input_ids, *ROWS[1].input_ids]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 3, 4, 5, 6, 0, 1, 2]]
    assert batch["bounds"].tolist() == [0, 7, 10]


def test_each_label_is_the_next_token_and_no_example_predicts_the_next_one() -> None:
    none = -100
    assert pack(ROWS[:2])["labels"].tolist() == [[none] * 3 + [90, 91, 258, none, 9, 258, none]]


def test_loss_and_gradients_are_those_of_the_padded_reference(model: Any) -> None:
    packed = loss_sum(model, pack(ROWS), packed=True)
    torch.autograd.backward(packed)
    packed_gradients = gradients(model)
    padded = padded_loss(model, ROWS)
    torch.autograd.backward(padded)
    assert packed.item() == pytest.approx(padded.item(), rel=1e-6)
    assert len(packed_gradients) == 2 * 7 * 2
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(packed_gradients[name], gradient, rtol=1e-3, atol=1e-5)


def test_a_start_that_prompts_share_is_computed_once(model: Any) -> None:
    start = (257, 82, 88, 82, 198)
    rows = [
        Encoded((*start, *row.input_ids), (*[-100] * 5, *row.labels))
        for row in (*ROWS[:2], ROWS[0])
    ]
    apart, shared = pack(rows), pack(rows, share=True)
    saved = apart["input_ids"].numel() - shared["input_ids"].numel()
    assert saved == 2 * len(start)  # what predicts an answer's first token stays with its row
    assert shared["bounds"].tolist() == [0, 5, 12, 15, 22]
    assert shared["key_bounds"].tolist() == [0, 5, 17, 25, 37]
    found = []
    for batch in (apart, shared):
        loss = loss_sum(model, batch, packed=True)
        torch.autograd.backward(loss)
        found.append((loss.item(), gradients(model)))
    assert found[1][0] == pytest.approx(found[0][0], rel=1e-6)
    for name, gradient in found[0][1].items():
        torch.testing.assert_close(found[1][1][name], gradient, rtol=1e-3, atol=1e-5)


def test_only_what_carries_no_loss_is_shared() -> None:
    row = Encoded((1, 2, 3, 4), (-100, -100, 3, 4))
    assert pack([row, row], share=True)["bounds"].tolist() == [0, 1, 4, 7]
    bare = Encoded((1, 2), (1, 2))
    assert pack([bare, bare], share=True)["bounds"].tolist() == [0, 2, 4]
    assert pack([row], share=True)["bounds"].tolist() == [0, 4]


def test_examples_in_a_batch_do_not_see_each_other(model: Any) -> None:
    alone = loss_sum(model, pack(ROWS[1:2]), packed=True)
    for first in (ROWS[0], ROWS[2]):
        silent = Encoded(first.input_ids, (-100,) * len(first.labels))
        assert loss_sum(model, pack([silent, ROWS[1]]), packed=True).item() == pytest.approx(
            alone.item(), rel=1e-6
        )


def test_one_after_the_other_gives_the_same_loss(model: Any) -> None:
    packed = loss_sum(model, pack(ROWS), packed=True).item()
    model.get_base_model().set_attn_implementation("sdpa")
    assert loss_sum(model, pack(ROWS), packed=False).item() == pytest.approx(packed, rel=1e-6)


def test_a_model_that_caps_its_attention_scores_takes_one_example_at_a_time() -> None:
    torch.manual_seed(0)
    base = Gemma2ForCausalLM(
        Gemma2Config(
            vocab_size=VOCABULARY,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=16,
            query_pre_attn_scalar=16,
            sliding_window=8,
            attn_implementation="eager",
        )
    )
    assert not use_segmented_attention(base)
    model = with_trained_lora(base)
    one_by_one = loss_sum(model, pack(ROWS), packed=False).item()
    assert one_by_one == pytest.approx(padded_loss(model, ROWS, "eager").item(), rel=1e-5)


@pytest.mark.parametrize("window", [None, 3, 100])
@pytest.mark.parametrize("shared", [False, True])
def test_attention_stays_in_its_segment_and_its_window(window: int | None, shared: bool) -> None:
    torch.manual_seed(0)
    query, key, value = (torch.randn(1, heads, 12, 8) for heads in (4, 2, 2))
    bounds = torch.tensor([0, 5, 12], dtype=torch.int32)
    key_bounds = bounds if not shared else torch.tensor([0, 5, 17], dtype=torch.int32)
    found, _ = segmented_attention(
        torch.nn.Identity(),
        query,
        key,
        value,
        None,
        cu_seq_lens_q=bounds,
        cu_seq_lens_k=key_bounds,
        max_length_q=7,
        sliding_window=window,
    )
    at = torch.arange(12)
    segment = (at >= 5).int() if not shared else torch.zeros(12)
    distance = at[:, None] - at[None, :]
    seen = (distance >= 0) & (segment[:, None] == segment[None, :])
    if window is not None:
        seen &= distance < window
    expected = functional.scaled_dot_product_attention(
        query, key, value, attn_mask=seen, enable_gqa=True
    )
    torch.testing.assert_close(found, expected.transpose(1, 2))


def test_a_batch_goes_through_in_parts_that_add_up(model: Any) -> None:
    assert split_rows(ROWS, 10) == [[*ROWS[:2]], [ROWS[2]]]
    assert split_rows(ROWS, 1) == [[row] for row in ROWS]
    batch = pack_in_parts(ROWS, 10)
    assert int(batch["tokens"]) == 30
    assert batch["labels"].ne(-100).sum() == sum(row.supervised for row in ROWS)
    whole = loss_sum(model, pack(ROWS), packed=True)
    parts = torch.stack([loss_sum(model, part, packed=True) for part in batch["parts"]])
    assert parts.sum().item() == pytest.approx(whole.item(), rel=1e-6)


def test_the_fused_adapter_is_pefts_own_sum(tmp_path: Path) -> None:
    """With dropout: both draw the same random numbers in the same order."""
    base = AutoModelForCausalLM.from_pretrained(write_tiny_model(tmp_path / "tiny"))
    use_segmented_attention(base)
    model = with_trained_lora(base, dropout=0.3)
    found = []
    for fused in (True, False):
        if not fused:
            for module in model.modules():
                getattr(module, "lora_variant", {}).clear()
        torch.manual_seed(1)
        loss = loss_sum(model.train(), pack(ROWS), packed=True)
        torch.autograd.backward(loss)
        found.append((loss.item(), gradients(model)))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-6)
    assert len(found[0][1]) == 2 * 7 * 2
    for name, gradient in found[1][1].items():
        torch.testing.assert_close(found[0][1][name], gradient, rtol=1e-3, atol=1e-5)
