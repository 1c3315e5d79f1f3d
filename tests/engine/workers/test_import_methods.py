"""Adapters of every method from elsewhere: whole ones come in, harmed ones are refused by name."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.store.hashing import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from engine.workers.adapter_import import import_adapter
from tests.engine.workers.conftest import copy_of
from tests.engine.workers.test_adapter_import import task_for
from tests.fakes.any_method import SPECS
from tests.fakes.tiny_model import write_tiny_model

EVERY = pytest.mark.parametrize("name", SPECS)
WITH_LAYERS = pytest.mark.parametrize(
    "name", [name for name in SPECS if name not in ("prefix", "prompt")]
)
HUGE = 10**12
NAN = float("nan")
BAD = "adapters.damaged"
CODE = "adapters.needs-code"
# What a config says of its method that PEFT never wrote, and how it is refused.
CONFIGS: list[tuple[str, dict[str, Any], str]] = [
    ("lora", {"r": HUGE}, BAD),
    ("lora", {"r": -1}, BAD),
    ("lora", {"lora_alpha": float("inf")}, BAD),
    ("lora", {"lora_alpha": 1e300}, BAD),
    ("lora", {"use_dora": "yes"}, BAD),
    ("lora", {"target_modules": "(a+)+$"}, BAD),
    ("lora", {"target_modules": ".*.*.*.*.*q_proj"}, BAD),
    ("lora", {"target_modules": "("}, BAD),
    ("lora", {"target_modules": [1]}, BAD),
    ("lora", {"target_modules": {"q_proj": 1}}, BAD),
    ("lora", {"rank_pattern": {"(a*)*b": 4}}, BAD),
    ("lora", {"rank_pattern": {"q_proj": HUGE}}, BAD),
    ("lora", {"rank_pattern": [4]}, BAD),
    ("lora", {"alpha_pattern": {"q_proj": NAN}}, BAD),
    ("lora", {"peft_type": "PREFIX_TUNING"}, BAD),
    ("lora", {"peft_type": None}, "adapters.method"),
    ("adalora", {"init_r": HUGE}, BAD),
    ("adalora", {"init_r": None}, BAD),
    ("adalora", {"target_r": "2"}, BAD),
    ("adalora", {"lora_alpha": NAN}, BAD),
    ("adalora", {"rank_pattern": {"x.lora_E": 3}}, BAD),
    ("adalora", {"rank_pattern": {"x.lora_E": [1, 0]}}, BAD),
    ("adalora", {"total_step": HUGE**2}, BAD),
    ("adalora", {"orth_reg_weight": NAN}, BAD),
    ("ia3", {"target_modules": 7}, BAD),
    ("ia3", {"feedforward_modules": "(x+x+)+y"}, BAD),
    ("ia3", {"feedforward_modules": ["a" * 5000]}, BAD),
    ("ia3", {"fan_in_fan_out": 1}, BAD),
    ("ia3", {"auto_mapping": {"parent_library": "os"}}, CODE),
    ("vera", {"r": HUGE}, BAD),
    ("vera", {"r": True}, BAD),
    ("vera", {"projection_prng_key": -5}, BAD),
    ("vera", {"d_initial": NAN}, BAD),
    ("vera", {"save_projection": False}, "adapters.projection"),
    ("vera", {"save_projection": "no"}, BAD),
    ("loha", {"r": 0}, BAD),
    ("loha", {"r": 4.0}, BAD),
    ("loha", {"alpha": NAN}, BAD),
    ("loha", {"alpha": [1]}, BAD),
    ("loha", {"auto_mapping": "evil"}, CODE),
    ("lokr", {"r": HUGE}, BAD),
    ("lokr", {"decompose_factor": -2}, BAD),
    ("lokr", {"decompose_factor": HUGE}, BAD),
    ("lokr", {"decompose_both": "both"}, BAD),
    ("lokr", {"alpha": None}, BAD),
    ("oft", {"oft_block_size": HUGE}, BAD),
    ("oft", {"oft_block_size": None}, BAD),
    ("oft", {"oft_block_size": 0}, BAD),
    ("oft", {"r": 2}, BAD),
    ("oft", {"num_cayley_neumann_terms": HUGE}, BAD),
    ("oft", {"eps": NAN}, BAD),
    ("oft", {"coft": 3}, BAD),
    ("prefix", {"num_virtual_tokens": HUGE}, BAD),
    ("prefix", {"num_virtual_tokens": 5}, BAD),
    ("prefix", {"num_virtual_tokens": "4"}, BAD),
    ("prefix", {"num_layers": HUGE}, BAD),
    ("prefix", {"num_layers": 1}, "adapters.no-base"),
    ("prefix", {"token_dim": 64}, "adapters.no-base"),
    ("prefix", {"num_transformer_submodules": 2}, BAD),
    ("prefix", {"prefix_projection": "x"}, BAD),
    ("prompt", {"num_virtual_tokens": 0}, BAD),
    ("prompt", {"token_dim": -1}, BAD),
    ("prompt", {"tokenizer_kwargs": {"trust_remote_code": True}}, CODE),
    ("prompt", {"tokenizer_kwargs": "evil"}, CODE),
    ("prompt", {"auto_mapping": {"parent_library": "subprocess"}}, CODE),
    ("bottleneck", {"bottleneck_size": HUGE}, BAD),
    ("bottleneck", {"bottleneck_size": "8"}, BAD),
    ("bottleneck", {"activation": "os.system"}, BAD),
    ("bottleneck", {"activation": ["relu"]}, BAD),
    ("bottleneck", {"auto_mapping": {"parent_library": "evil"}}, CODE),
    ("layernorm", {"target_modules": "(.*)*norm"}, BAD),
    ("layernorm", {"target_modules": [None]}, BAD),
    ("layernorm", {"peft_type": "LORA", "r": 4}, "adapters.empty"),
    ("layernorm", {"peft_type": "MISS"}, "adapters.method"),
    ("layernorm", {"auto_mapping": {"parent_library": "evil"}}, CODE),
]


@pytest.fixture
def copies(methods: dict[str, Adapter], tmp_path: Path) -> Any:
    return lambda name: copy_of(methods[name], tmp_path / "copy")


def change_config(folder: Path, entries: dict[str, Any]) -> None:
    path = folder / ADAPTER_CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def refusal(folder: Path, target: Path, *bases: BaseModel) -> Refused:
    with pytest.raises(Refused) as caught:
        import_adapter(task_for(folder, target, *bases))
    assert not target.exists()
    return caught.value


@EVERY
def test_an_adapter_of_every_method_comes_in_with_its_passport(
    name: str, methods: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    adapter = import_adapter(task_for(Path(methods[name].path), tmp_path / "a", base))
    known = methods[name]
    assert (adapter.hash, adapter.base, adapter.imported) == (known.hash, base.id, True)
    assert (adapter.method, adapter.rank) == (known.method, known.rank)


@pytest.mark.parametrize(("name", "entries", "code"), CONFIGS)
def test_a_config_that_peft_never_wrote_is_refused(
    name: str, entries: dict[str, Any], code: str, copies: Any, base: BaseModel, tmp_path: Path
) -> None:
    folder = copies(name)
    change_config(folder, entries)
    assert refusal(folder, tmp_path / "a", base).problem.code == code


@EVERY
def test_a_tensor_of_another_shape_is_named_with_the_shape_that_would_fit(
    name: str, copies: Any, base: BaseModel, tmp_path: Path
) -> None:
    folder = copies(name)
    tensors = load_file(folder / ADAPTER_WEIGHTS)
    first = sorted(tensors)[-1]
    shape = tensors[first].shape
    tensors[first] = torch.zeros(*shape[:-1], shape[-1] + 1)
    save_file(tensors, folder / ADAPTER_WEIGHTS)
    problem = refusal(folder, tmp_path / "a", base).problem
    told = rf"{re.escape(first)} has shape [\dx]+ where {'x'.join(map(str, shape))} would fit"
    if problem.code == BAD:  # it contradicts its own config already
        assert "rank" in problem.message
    else:
        assert re.search(told, problem.message)


@WITH_LAYERS
def test_a_tensor_that_is_missing_is_named(
    name: str, copies: Any, base: BaseModel, tmp_path: Path
) -> None:
    folder = copies(name)
    tensors = load_file(folder / ADAPTER_WEIGHTS)
    module = sorted(tensors)[0].rsplit(".", 2)[0]
    parts = [each for each in sorted(tensors) if each.startswith(module)]
    if len(parts) == 1:
        pytest.skip("a layer has one tensor: without it the layer is simply not adapted")
    del tensors[parts[0]]
    save_file(tensors, folder / ADAPTER_WEIGHTS)
    assert "missing" in refusal(folder, tmp_path / "a", base).problem.message


@WITH_LAYERS
def test_a_tensor_without_a_place_is_named(
    name: str, copies: Any, base: BaseModel, tmp_path: Path
) -> None:
    folder = copies(name)
    tensors = load_file(folder / ADAPTER_WEIGHTS)
    strange = sorted(tensors)[-1] + "_more"
    tensors[strange] = torch.zeros(2, 2)
    save_file(tensors, folder / ADAPTER_WEIGHTS)
    assert strange in refusal(folder, tmp_path / "a", base).problem.message


@WITH_LAYERS
def test_a_layer_that_the_base_does_not_have_is_named(
    name: str, copies: Any, base: BaseModel, tmp_path: Path
) -> None:
    folder = copies(name)
    tensors = load_file(folder / ADAPTER_WEIGHTS)
    moved = {key.replace("layers.1.", "layers.7."): each for key, each in tensors.items()}
    save_file(moved, folder / ADAPTER_WEIGHTS)
    message = refusal(folder, tmp_path / "a", base).problem.message
    assert re.search(r"layers\.7\.\S+ does not exist there", message)


@EVERY
def test_weights_that_are_no_numbers_are_refused(
    name: str, copies: Any, base: BaseModel, tmp_path: Path
) -> None:
    folder = copies(name)
    tensors = load_file(folder / ADAPTER_WEIGHTS)
    last = sorted(tensors)[-1]
    tensors[last].view(-1)[-1] = NAN
    save_file(tensors, folder / ADAPTER_WEIGHTS)
    assert refusal(folder, tmp_path / "a", base).problem.code == "adapters.not-finite"


@EVERY
def test_an_adapter_of_another_size_of_base_fits_none(
    name: str, copies: Any, tmp_path: Path
) -> None:
    """The same layers, twice as wide."""
    wide = write_tiny_model(tmp_path / "wide")
    weights = load_file(wide / "model.safetensors")
    doubled = {key: torch.zeros([2 * size for size in each.shape]) for key, each in weights.items()}
    save_file(doubled, wide / "model.safetensors")
    config = json.loads((wide / "config.json").read_text())
    config |= {"hidden_size": 128, "head_dim": 32}
    (wide / "config.json").write_text(json.dumps(config))
    other = BaseModel("e" * 32, "Wide", str(wide), "folder")
    problem = refusal(copies(name), tmp_path / "a", other).problem
    assert problem.code == "adapters.no-base"
    assert "Wide: " in problem.message
    assert "would fit" in problem.message or "missing" in problem.message


def test_a_pattern_as_the_field_writes_it_is_accepted(
    methods: dict[str, Adapter], base: BaseModel, tmp_path: Path
) -> None:
    patterns = (
        "all-linear",
        r".*decoder.*(SelfAttention|EncDecAttention).*(q|v)$",
        r"(?:.*?(?:language|text).*?(?:self_attn|mlp).*?(?:q_proj|v_proj))|(?:\bmodel\.layers\.0)",
    )
    for at, pattern in enumerate(patterns):
        folder = copy_of(methods["lora"], tmp_path / str(at))
        change_config(folder, {"target_modules": pattern})
        assert import_adapter(task_for(folder, tmp_path / f"a{at}", base)).base == base.id


@pytest.mark.parametrize(
    "config",
    [
        {"decompose_factor": 4},
        {"decompose_factor": 5},
        {"decompose_both": True, "r": 2},
        {"r": 64},
    ],
)
def test_every_way_lokr_divides_a_layer_is_known(
    config: dict[str, Any], base: BaseModel, tmp_path: Path
) -> None:
    from peft import LoKrConfig

    assert_known(LoKrConfig(**{"r": 4, "target_modules": "all-linear", **config}), base, tmp_path)


@pytest.mark.filterwarnings("ignore:Invalid")
@pytest.mark.parametrize(
    "config",
    [
        {"oft_block_size": 24},
        {"oft_block_size": 0, "r": 5},
        {"oft_block_size": 8, "block_share": True},
        {"oft_block_size": 500},
    ],
)
def test_every_way_oft_divides_a_layer_is_known(
    config: dict[str, Any], base: BaseModel, tmp_path: Path
) -> None:
    from peft import OFTConfig

    assert_known(OFTConfig(**{"target_modules": "all-linear", **config}), base, tmp_path)


def assert_known(config: Any, base: BaseModel, folder: Path) -> None:
    from peft import get_peft_model
    from transformers import AutoModelForCausalLM

    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base.path), config)
    model.save_pretrained(folder / "saved")
    assert import_adapter(task_for(folder / "saved", folder / "a", base)).base == base.id
