import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy
import pytest
import torch
from peft import PeftModel
from safetensors.numpy import load_file, save_file
from transformers import AutoModelForCausalLM

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.protocol.tasks import ImportAdapterTask
from engine.store.hashing import adapter_hash
from engine.store.publish import verify_folder
from engine.workers.adapter_import import import_adapter
from tests.engine.workers.conftest import copy_of
from tests.fakes.tiny_model import write_tiny_model
from tests.fakes.worker_run import problem_of, result_of, run_inspect

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


def task_for(folder: Path, target: Path, *bases: BaseModel, name: str = "") -> ImportAdapterTask:
    return ImportAdapterTask("a" * 32, str(folder), name, str(target), bases)


@pytest.fixture
def folder(adapters: dict[str, Adapter], tmp_path: Path) -> Path:
    return copy_of(adapters["plain"], tmp_path / "plain")


def change(folder: Path, **entries: Any) -> None:
    path = folder / CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_an_imported_adapter_has_a_passport_and_loads_in_stock_peft(
    tmp_path: Path, base: BaseModel, folder: Path
) -> None:
    target = tmp_path / "adapters" / "a"
    messages = run_inspect(tmp_path / "job", task_for(folder, target, base, name="Tone"))
    adapter: Adapter = result_of(messages, Adapter)
    assert (adapter.name, adapter.base, adapter.base_name) == ("Tone", base.id, base.name)
    assert (adapter.rank, adapter.alpha, adapter.imported) == (4, 16.0, True)
    assert adapter.target_modules == (
        "down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj",
    )  # fmt: skip
    assert adapter.hash == adapter_hash(target)
    assert {file.name for file in adapter.files} == {WEIGHTS, CONFIG}
    passport = msgspec.json.decode((target / "passport.json").read_bytes(), type=Adapter)
    assert passport == adapter
    verify_folder(target)
    model = AutoModelForCausalLM.from_pretrained(base.path)
    loaded = PeftModel.from_pretrained(model, str(target))
    weights = load_file(folder / WEIGHTS)
    name = next(name for name in weights if name.endswith("0.self_attn.q_proj.lora_B.weight"))
    inside = loaded.state_dict()[name.replace("lora_B.", "lora_B.default.")]
    assert torch.equal(inside, torch.from_numpy(weights[name]))
    assert adapter.parameters == sum(each.size for each in weights.values())


@pytest.mark.parametrize("kind", ["other", "attention", "dora", "patterns"])
def test_every_kind_of_lora_is_accepted(
    tmp_path: Path, base: BaseModel, adapters: dict[str, Adapter], kind: str
) -> None:
    adapter = import_adapter(task_for(Path(adapters[kind].path), tmp_path / "a", base))
    assert adapter.base == base.id


def test_an_adapter_finds_its_base_among_several(
    tmp_path: Path, base: BaseModel, folder: Path
) -> None:
    other = msgspec.structs.replace(base, id="c" * 32, name="Other", fingerprint="f2")
    change(folder, base_model_name_or_path="/models/Other/")
    assert import_adapter(task_for(folder, tmp_path / "a", base, other)).base == other.id


def test_an_adapter_that_fits_no_base_is_refused_with_the_first_tensor_that_differs(
    tmp_path: Path, base: BaseModel, folder: Path
) -> None:
    weights = load_file(folder / WEIGHTS)
    name = next(name for name in sorted(weights) if name.endswith("q_proj.lora_A.weight"))
    weights[name] = numpy.zeros((4, 65), numpy.float32)
    save_file(weights, folder / WEIGHTS)
    with pytest.raises(Refused) as refusal:
        import_adapter(task_for(folder, tmp_path / "a", base))
    assert refusal.value.problem.code == "adapters.no-base"
    assert f"Tiny: {name} has shape 4x65 where 4x64 would fit" in refusal.value.problem.message
    assert not (tmp_path / "a").exists()


def test_a_module_the_base_does_not_have_is_named(
    tmp_path: Path, base: BaseModel, folder: Path
) -> None:
    weights = load_file(folder / WEIGHTS)
    moved = {name.replace("layers.1.", "layers.7."): each for name, each in weights.items()}
    save_file(moved, folder / WEIGHTS)
    with pytest.raises(Refused, match=r"model\.layers\.7\.mlp\.\w+ does not exist there"):
        import_adapter(task_for(folder, tmp_path / "a", base))


def test_a_base_whose_folder_is_gone_is_named_among_the_reasons(
    tmp_path: Path, base: BaseModel, folder: Path
) -> None:
    gone = msgspec.structs.replace(base, name="Gone", path=str(tmp_path / "gone"))
    with pytest.raises(Refused, match="Gone: its files cannot be read"):
        import_adapter(task_for(folder, tmp_path / "a", gone))


def test_our_own_passport_keeps_where_the_adapter_came_from(
    tmp_path: Path, base: BaseModel, folder: Path
) -> None:
    told = Adapter(
        id="x" * 32, name="Tickets", version=3, path="/elsewhere", hash=adapter_hash(folder),
        base="y" * 32, base_name="Tiny", base_fingerprint="f1", dataset_name="tickets.jsonl",
        dataset_sha256="s" * 64, run_number=7, step=120, metrics={"validation_loss": 0.5},
        rank=99, created_at=5.0,
    )  # fmt: skip
    (folder / "passport.json").write_bytes(msgspec.json.encode(told))
    adapter = import_adapter(task_for(folder, tmp_path / "a", base))
    assert (adapter.id, adapter.name, adapter.version) == ("a" * 32, "Tickets", 3)
    assert (adapter.dataset_name, adapter.run_number, adapter.step) == ("tickets.jsonl", 7, 120)
    assert adapter.metrics == {"validation_loss": 0.5}
    assert (adapter.base, adapter.rank, adapter.created_at) == (base.id, 4, 5.0)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"id": 5}', b"\xff"])
def test_a_foreign_passport_is_not_believed(
    tmp_path: Path, base: BaseModel, folder: Path, content: bytes
) -> None:
    (folder / "passport.json").write_bytes(content)
    assert import_adapter(task_for(folder, tmp_path / "a", base)).name == "plain"


def test_a_passport_of_other_weights_is_not_believed(
    tmp_path: Path, base: BaseModel, folder: Path, adapters: dict[str, Adapter]
) -> None:
    told = msgspec.structs.replace(adapters["other"], name="Wrong")
    (folder / "passport.json").write_bytes(msgspec.json.encode(told))
    assert import_adapter(task_for(folder, tmp_path / "a", base)).name == "plain"


@pytest.mark.parametrize("ending", [".bin", ".pt"])
def test_pickled_adapter_weights_are_refused(
    tmp_path: Path, base: BaseModel, folder: Path, ending: str
) -> None:
    (folder / WEIGHTS).rename(folder / f"adapter_model{ending}")
    messages = run_inspect(tmp_path / "job", task_for(folder, tmp_path / "a", base))
    assert problem_of(messages).code == "models.pickle-weights"


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"peft_type": "POLY"}, "adapters.method"),
        ({"peft_type": "LOKR"}, "adapters.empty"),
        ({"peft_type": ["LORA"]}, "adapters.method"),
        ({"r": 5}, "adapters.damaged"),
        ({"r": "4"}, "adapters.damaged"),
        ({"r": True}, "adapters.damaged"),
        ({"r": 0}, "adapters.damaged"),
        ({"lora_alpha": float("nan")}, "adapters.damaged"),
        ({"lora_alpha": None}, "adapters.damaged"),
        ({"auto_mapping": {"parent_library": "evil.module"}}, "adapters.needs-code"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused(
    tmp_path: Path, base: BaseModel, folder: Path, entries: dict[str, Any], code: str
) -> None:
    change(folder, **entries)
    with pytest.raises(Refused) as refusal:
        import_adapter(task_for(folder, tmp_path / "a", base))
    assert refusal.value.problem.code == code
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("value", [numpy.nan, numpy.inf])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_weights_that_are_no_numbers_are_refused(
    tmp_path: Path, base: BaseModel, folder: Path, value: float, dtype: str
) -> None:
    from safetensors.torch import save_file as save_tensors

    weights = {name: torch.from_numpy(each) for name, each in load_file(folder / WEIGHTS).items()}
    last = sorted(weights)[-1]
    weights[last][-1, -1] = value
    kept = {name: each.to(getattr(torch, dtype)).contiguous() for name, each in weights.items()}
    save_tensors(kept, folder / WEIGHTS)
    with pytest.raises(Refused) as refusal:
        import_adapter(task_for(folder, tmp_path / "a", base))
    assert refusal.value.problem.code == "adapters.not-finite"


def test_a_truncated_file_and_an_empty_folder_are_refused(
    tmp_path: Path, base: BaseModel, folder: Path
) -> None:
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-3])
    with pytest.raises(Refused, match="not a valid safetensors file"):
        import_adapter(task_for(folder, tmp_path / "a", base))
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(Refused):
        import_adapter(task_for(folder, tmp_path / "a", base))


def test_an_adapter_for_another_size_is_refused(tmp_path: Path, folder: Path) -> None:
    bigger = write_tiny_model(tmp_path / "bigger")
    weights = load_file(bigger / "model.safetensors")
    name = "model.layers.0.self_attn.q_proj.weight"
    weights[name] = numpy.zeros((128, 64), numpy.float32)
    save_file(weights, bigger / "model.safetensors")
    base = BaseModel("e" * 32, "Bigger", str(bigger), "folder")
    with pytest.raises(Refused, match=r"Bigger: .*q_proj\.lora_B\.weight has shape 64x4"):
        import_adapter(task_for(folder, tmp_path / "a", base))
