from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
)

from engine.protocol.method_specs import LoraSpec
from engine.protocol.problems import Refused
from engine.workers.methods import add_method
from engine.workers.target_layers import target_modules
from tests.fakes.tiny_model import write_tiny_model


def llama(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(write_tiny_model(folder))


def gpt2(_: Path) -> Any:
    return GPT2LMHeadModel(GPT2Config(vocab_size=64, n_embd=16, n_layer=1, n_head=2))


def neox(_: Path) -> Any:
    return GPTNeoXForCausalLM(
        GPTNeoXConfig(
            vocab_size=64,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
        )
    )


@pytest.mark.parametrize(
    ("make", "wanted", "names"),
    [
        (llama, "all-linear", "down_proj gate_proj k_proj o_proj q_proj up_proj v_proj"),
        (llama, "attention", "k_proj o_proj q_proj v_proj"),
        (llama, "query-value", "q_proj v_proj"),
        (gpt2, "all-linear", "c_attn c_fc c_proj"),
        (gpt2, "attention", "attn.c_proj c_attn"),
        (gpt2, "query-value", "c_attn"),
        (neox, "all-linear", "dense dense_4h_to_h dense_h_to_4h query_key_value"),
        (neox, "attention", "dense query_key_value"),
        (neox, "query-value", "query_key_value"),
    ],
)
def test_the_wanted_modules_are_found_by_what_they_are_called(
    tmp_path: Path, make: Any, wanted: str, names: str
) -> None:
    assert target_modules(make(tmp_path), wanted) == names.split()


def test_the_head_gets_no_adapter(tmp_path: Path) -> None:
    model = add_method(neox(tmp_path), LoraSpec(), seed=0)
    assert not any("embed_out" in name for name, _ in model.named_parameters() if "lora" in name)


def test_the_same_seed_draws_the_same_first_weights(tmp_path: Path) -> None:
    def first_weights(seed: int) -> torch.Tensor:
        model = add_method(llama(tmp_path), LoraSpec(rank=4), seed=seed)
        return torch.cat([w.flatten() for n, w in model.named_parameters() if "lora_A" in n])

    assert torch.equal(first_weights(1), first_weights(1))
    assert not torch.equal(first_weights(1), first_weights(2))


def test_a_model_without_such_modules_is_refused() -> None:
    class Plain(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = torch.nn.Linear(2, 2)

        def get_output_embeddings(self) -> None:
            return None

    assert target_modules(Plain(), "all-linear") == ["inner"]
    with pytest.raises(Refused, match="attention"):
        target_modules(Plain(), "attention")
