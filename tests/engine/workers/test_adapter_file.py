import json
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from peft import LoraConfig
from safetensors.torch import load_file, save_file

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.store.hashing import adapter_hash, adapter_hash_of
from engine.workers.adapter_file import read_adapter
from engine.workers.chat_model import load_chat_model
from engine.workers.resident import ResidentAdapters
from tests.engine.workers.conftest import copy_of


def published(adapter: Adapter, folder: Path) -> Adapter:
    """The record of a changed copy, as if the catalog had taken it in like that."""
    return replace(adapter, path=str(folder), hash=adapter_hash(folder))


def with_config(adapter: Adapter, folder: Path, **changes: Any) -> Adapter:
    path = copy_of(adapter, folder) / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return published(adapter, folder)


def with_tensors(adapter: Adapter, folder: Path, tensors: dict[str, torch.Tensor]) -> Adapter:
    copy_of(adapter, folder)
    save_file(tensors, folder / "adapter_model.safetensors")
    return published(adapter, folder)


def tensors_of(adapter: Adapter) -> dict[str, torch.Tensor]:
    return load_file(Path(adapter.path) / "adapter_model.safetensors")


def refusal(adapter: Adapter, base: BaseModel) -> str:
    """The code with which it is refused; what is resident must not change."""
    model = load_chat_model(base, threads=1).model
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    resident = ResidentAdapters(model, base, budget_bytes=2**30)
    with pytest.raises(Refused) as caught:
        resident.hold(adapter)
    assert resident.hashes == ()
    after = {n.replace("base_layer.", ""): t for n, t in model.state_dict().items()}
    assert after.keys() == before.keys()
    assert all(tensor.equal(before[name]) for name, tensor in after.items())
    return caught.value.problem.code


def test_bytes_in_memory_hash_like_the_folder(adapters: dict[str, Adapter]) -> None:
    folder = Path(adapters["plain"].path)
    names = ("adapter_model.safetensors", "adapter_config.json")
    assert adapter_hash_of(*((folder / name).read_bytes() for name in names)) == adapter_hash(
        folder
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"modules_to_save": ["lm_head"]},
        {"bias": "all"},
        {"init_lora_weights": "pissa"},
        {"init_lora_weights": "olora"},
        {"layer_replication": [[0, 2]]},
        {"trainable_token_indices": [1]},
    ],
)
def test_what_would_change_the_base_itself_is_refused(
    changes: dict[str, Any], adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    adapter = with_config(adapters["plain"], tmp_path / "changed", **changes)
    assert refusal(adapter, base) == "adapter.unserved"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"peft_type": "LORA", "r": "many"}'])
def test_a_config_that_is_none_is_refused(
    content: str, adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    folder = copy_of(adapters["plain"], tmp_path / "changed")
    (folder / "adapter_config.json").write_text(content)
    assert refusal(published(adapters["plain"], folder), base).startswith("adapter")


def test_a_config_with_fields_of_a_newer_peft_is_read(
    adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    adapter = with_config(adapters["plain"], tmp_path / "newer", field_from_the_future=None)
    assert isinstance(config := read_adapter(adapter, base).config, LoraConfig)
    assert config.r == 4


def test_weights_that_are_cut_are_refused(
    adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    folder = copy_of(adapters["plain"], tmp_path / "cut")
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert refusal(published(adapters["plain"], folder), base) == "adapter.weights"


def test_weights_that_are_no_numbers_are_refused(
    adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    tensors = tensors_of(adapters["plain"])
    next(iter(tensors.values()))[0, 0] = float("nan")
    adapter = with_tensors(adapters["plain"], tmp_path / "nan", tensors)
    assert refusal(adapter, base) == "adapter.not-a-number"


@pytest.mark.parametrize("harm", ["missing", "unexpected", "wide", "unknown target"])
def test_weights_that_do_not_fit_the_model_are_refused(
    harm: str, adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    tensors = tensors_of(adapters["plain"])
    first = next(iter(tensors))
    if harm == "unknown target":
        adapter = with_config(adapters["plain"], tmp_path / "bad", target_modules=["c_attn"])
    else:
        if harm == "missing":
            del tensors[first]
        elif harm == "unexpected":
            tensors["base_model.model.model.layers.9.lora_A.weight"] = torch.zeros(4, 64)
        else:
            tensors[first] = torch.zeros(4, 96)
        adapter = with_tensors(adapters["plain"], tmp_path / "bad", tensors)
    assert refusal(adapter, base) == "adapter.misfit"


def test_half_precision_becomes_float32_as_peft_does_it(
    adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    halves = {name: tensor.bfloat16() for name, tensor in tensors_of(adapters["plain"]).items()}
    content = read_adapter(with_tensors(adapters["plain"], tmp_path / "half", halves), base)
    assert {tensor.dtype for tensor in content.tensors.values()} == {torch.float32}


def test_a_refused_adapter_leaves_the_next_one_working(
    adapters: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    tensors = tensors_of(adapters["plain"])
    del tensors[next(iter(tensors))]
    bad = with_tensors(adapters["plain"], tmp_path / "bad", tensors)
    model = load_chat_model(base, threads=1).model
    resident = ResidentAdapters(model, base, budget_bytes=2**30)
    for _ in range(2):
        with pytest.raises(Refused):
            resident.hold(bad)
        found = resident.variant(resident.hold(adapters["other"]))
        assert found.hash == adapters["other"].hash
    assert not any(parameter.is_meta for parameter in model.parameters())


def test_loading_and_evicting_leaves_nothing_behind(
    adapters: dict[str, Adapter], base: BaseModel
) -> None:
    model = load_chat_model(base, threads=1).model
    resident = ResidentAdapters(model, base, budget_bytes=2**30)
    sizes = []
    for _ in range(10):
        for adapter in adapters.values():
            resident.release(resident.hold(adapter))
        for adapter in adapters.values():
            resident.drop(adapter.id)
        sizes.append(sum(1 for _ in model.modules()))
        assert not any("lora_" in name for name in model.state_dict())
    assert len(set(sizes)) == 1
    assert resident.size_bytes == 0
