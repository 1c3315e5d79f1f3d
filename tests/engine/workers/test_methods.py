"""Every method: trained by the worker's own code, loaded by stock PEFT, heard in the answers."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from msgspec import Struct
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from engine.catalog.scan import scan_model
from engine.jobs.trainable import trainable_parameters
from engine.protocol.method_specs import (
    METHODS,
    AdaLoraSpec,
    BottleneckSpec,
    Ia3Spec,
    LayerNormSpec,
    LohaSpec,
    LokrSpec,
    LoraSpec,
    OftSpec,
    PrefixSpec,
    PromptSpec,
    QloraSpec,
    VeraSpec,
    kind_of,
)
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter
from engine.protocol.worker_messages import CheckpointSaved, Pause
from engine.store.hashing import ADAPTER_WEIGHTS
from engine.workers.methods import add_method
from tests.engine.workers.in_process import Recorder, elsewhere, run
from tests.fakes.training_job import tiny_spec, train_task

SPECS: dict[str, Struct] = {
    "lora": LoraSpec(rank=4, alpha=8.0, dropout=0.1),
    "lora, rank-stabilised": LoraSpec(rank=4, rslora=True),
    "lora, weight-decomposed": LoraSpec(rank=4, dora=True),
    "lora, B faster": LoraSpec(rank=4, learning_rate_ratio=4.0),
    "lora, main directions": LoraSpec(rank=4, init="pissa"),
    "lora, main directions, rank-stabilised": LoraSpec(rank=4, init="pissa", rslora=True),
    "qlora": QloraSpec(rank=4),
    "qlora, rounding made up for": QloraSpec(rank=4, init="loftq"),
    "adalora": AdaLoraSpec(rank=2, initial_rank=4),
    "ia3": Ia3Spec(),
    "vera": VeraSpec(rank=8),
    "loha": LohaSpec(rank=4),
    "lokr": LokrSpec(rank=4),
    "oft": OftSpec(block_size=8),
    "prefix": PrefixSpec(virtual_tokens=4),
    "prompt": PromptSpec(virtual_tokens=4, first_text="Animals:"),
    "layernorm": LayerNormSpec(),
    "bottleneck, houlsby": BottleneckSpec(size=8),
    "bottleneck, pfeiffer": BottleneckSpec(size=8, places="pfeiffer", activation="relu"),
}
EVERY = pytest.mark.parametrize("method", SPECS.values(), ids=SPECS.keys())


def spec_of(method: Struct) -> Any:
    return tiny_spec(method=msgspec.to_builtins(method), learning_rate=2e-2)


def test_every_method_is_tried_here() -> None:
    assert {kind_of(spec) for spec in SPECS.values()} == {method.kind for method in METHODS}


@pytest.mark.filterwarnings("ignore:Unsupported layer type")  # stock PEFT over RMS norms
@pytest.mark.filterwarnings("ignore:.*rank_pattern keys did not match")  # and over its AdaLoRA
@EVERY
def test_what_was_trained_changes_the_answers_in_stock_peft(tmp_path: Path, method: Struct) -> None:
    task = train_task(tmp_path, spec_of(method))
    recorder = Recorder()
    adapter = run(task, recorder)
    assert isinstance(adapter, Adapter)
    assert adapter.method == ("lora" if kind_of(method) == "qlora" else kind_of(method))
    first, *_, last = (loss for _, loss in sorted(recorder.losses().items()))
    assert last < first
    ids = torch.tensor([[65, 66, 67, 68]])
    base = AutoModelForCausalLM.from_pretrained(task.base.path)
    with torch.no_grad():
        plain = base(input_ids=ids).logits[0, -1]
        adapted = PeftModel.from_pretrained(base, adapter.path).eval()
        taught = adapted(input_ids=ids).logits[0, -1]
    assert torch.isfinite(taught).all()
    assert (plain - taught).abs().max() > 1e-3


@EVERY
def test_a_resumed_run_gives_the_same_adapter(tmp_path: Path, method: Struct) -> None:
    task = train_task(tmp_path, spec_of(method))
    whole = run(task)
    other = elsewhere(task, tmp_path / "again")
    paused = run(other, Recorder(after={CheckpointSaved: Pause()}))
    assert isinstance(paused, int)
    resumed = run(other)
    assert isinstance(whole, Adapter)
    assert isinstance(resumed, Adapter)
    assert resumed.hash == whole.hash


@pytest.mark.filterwarnings("ignore:Unsupported layer type")
@pytest.mark.filterwarnings("ignore:Invalid `oft_block_size`")
@EVERY
def test_the_trained_weights_are_reckoned_without_loading_the_base(
    tmp_path: Path, method: Any
) -> None:
    task = train_task(tmp_path, spec_of(method))
    base = scan_model(Path(task.base.path), identity="b", name="Tiny", source="folder")
    model = add_method(AutoModelForCausalLM.from_pretrained(task.base.path), method, seed=0)
    counted = sum(each.numel() for each in model.parameters() if each.requires_grad)
    assert trainable_parameters(method, base) == counted


def test_adalora_moves_rank_to_where_it_helps(tmp_path: Path) -> None:
    adapter = run(train_task(tmp_path, spec_of(SPECS["adalora"])))
    assert isinstance(adapter, Adapter)
    weights = load_file(Path(adapter.path) / ADAPTER_WEIGHTS)
    ranks = {name: len(each) for name, each in weights.items() if name.endswith("lora_E")}
    assert len(set(ranks.values())) > 1
    assert sum(ranks.values()) == 2 * len(ranks)


def test_an_adalora_that_has_nothing_to_give_up_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not above the rank"):
        run(train_task(tmp_path, spec_of(AdaLoraSpec(rank=4, initial_rank=4))))


def test_the_same_method_gives_the_same_bytes(tmp_path: Path) -> None:
    configs = []
    for at in ("one", "two"):
        adapter = run(train_task(tmp_path / at, spec_of(SPECS["ia3"])))
        assert isinstance(adapter, Adapter)
        configs.append(json.loads((Path(adapter.path) / "adapter_config.json").read_text()))
    assert all(one == other for one, other in pairwise(configs))
