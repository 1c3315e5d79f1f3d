"""First weights that are not zero: what is saved means the same over the untouched base."""

from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.functional import dequantize_4bit
from msgspec.structs import replace
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoModelForCausalLM

from engine.protocol.method_specs import LoraSpec, QloraSpec
from engine.protocol.problems import Refused
from engine.store.hashing import ADAPTER_WEIGHTS
from engine.workers.adapter_files import write_adapter
from engine.workers.base_weights import load_base
from engine.workers.first_weights import FirstWeights, first_weights_of
from engine.workers.methods import add_method
from tests.fakes.tiny_model import write_tiny_model
from tests.fakes.training_job import tiny_base, tiny_spec

IDS = torch.tensor([[65, 66, 67, 68, 69, 70]])


def logits_of(model: Any) -> Tensor:
    with torch.no_grad():
        found: Tensor = model.eval()(input_ids=IDS).logits[0]
    return found


def prepared(base: str, *, rslora: bool = False) -> tuple[Any, FirstWeights]:
    spec = LoraSpec(rank=4, init="pissa", rslora=rslora)
    model = add_method(AutoModelForCausalLM.from_pretrained(base), spec, seed=0)
    first = first_weights_of(model, spec, base)
    assert first is not None
    return model, first


def learn_something(model: Any) -> None:
    torch.manual_seed(3)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name:
                weight.add_(torch.randn_like(weight) * 0.05)


@pytest.mark.parametrize("rslora", [False, True])
def test_over_the_untouched_base_the_saved_adapter_answers_as_in_training(
    tmp_path: Path, rslora: bool
) -> None:
    base = str(write_tiny_model(tmp_path / "base"))
    model, first = prepared(base, rslora=rslora)
    plain = logits_of(AutoModelForCausalLM.from_pretrained(base))
    torch.testing.assert_close(logits_of(model), plain, atol=1e-4, rtol=1e-4)
    learn_something(model)
    (tmp_path / "a").mkdir()
    write_adapter(tmp_path / "a", model, base_name="Tiny", first=first)
    stock = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), tmp_path / "a")
    torch.testing.assert_close(logits_of(stock), logits_of(model), atol=1e-4, rtol=1e-4)
    assert (logits_of(model) - plain).abs().max() > 0.1


def test_a_decomposition_that_came_out_otherwise_is_taken_back(tmp_path: Path) -> None:
    base = str(write_tiny_model(tmp_path / "base"))
    model, first = prepared(base)
    learn_something(model)
    (tmp_path / "a").mkdir()
    write_adapter(tmp_path / "a", model, base_name="Tiny", first=first)
    torch.manual_seed(99)
    other = add_method(
        AutoModelForCausalLM.from_pretrained(base), LoraSpec(rank=4, init="pissa"), seed=99
    )
    with torch.no_grad():  # as another processor's rounding would
        for layer in (each for each in other.modules() if isinstance(each, LoraLayer)):
            a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
            before = b @ a * layer.scaling["default"]
            a.mul_(1.01)
            layer.get_base_layer().weight.add_(before - b @ a * layer.scaling["default"])
    again = FirstWeights(other, changed_base=True)
    weights = again.take(load_file(tmp_path / "a" / ADAPTER_WEIGHTS))
    other.load_state_dict(
        {name.replace(".weight", ".default.weight"): each for name, each in weights.items()},
        strict=False,
    )
    torch.testing.assert_close(logits_of(other), logits_of(model), atol=1e-4, rtol=1e-4)


def test_loftq_makes_up_for_part_of_the_rounding(tmp_path: Path) -> None:
    record = tiny_base(tmp_path / "base")
    spec = replace(tiny_spec(), method=QloraSpec(rank=8, init="loftq"))
    base, _ = load_base(record, spec)
    model = add_method(base, spec.method, seed=0)
    first_weights_of(model, spec.method, record.path)
    whole = AutoModelForCausalLM.from_pretrained(record.path)
    for name, layer in model.named_modules():
        if isinstance(layer, LoraLayer):
            path = name.removeprefix("base_model.model.")
            wanted = whole.get_submodule(path).weight
            quantized = layer.get_base_layer().weight
            rounded = dequantize_4bit(quantized.data, quantized.quant_state).float()
            learned = layer.lora_B["default"].weight @ layer.lora_A["default"].weight
            made_up = rounded + learned * layer.scaling["default"]
            assert (wanted - made_up).norm() < 0.9 * (wanted - rounded).norm(), path


def test_weight_decomposition_and_main_directions_do_not_go_together(tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(write_tiny_model(tmp_path))
    with pytest.raises(Refused, match="cannot begin with the base's main directions"):
        add_method(model, LoraSpec(init="pissa", dora=True), seed=0)
