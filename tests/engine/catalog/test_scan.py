import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.catalog.scan import scan_model
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, LinearShape
from tests.fakes.tiny_model import write_tiny_model


def scan(folder: Path) -> BaseModel:
    return scan_model(folder, identity="m" * 32, name="Tiny", source="folder")


def change(path: Path, **entries: Any) -> None:
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**content, **entries}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny")


def test_a_folder_is_read_from_config_and_headers(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlicense: apache-2.0\ntags: [x]\n---\n# Tiny\n")
    model = scan(folder)
    assert (model.architecture, model.dtype, model.context_length) == ("llama", "float32", 512)
    assert (model.layers, model.hidden_size, model.vocabulary) == (2, 64, 259)
    assert model.licence == "Apache-2.0"
    assert model.parameters == 259 * 64 + 64 + 2 * (2 * 64 + 3 * 64 * 128 + 2 * 64 * 64 + 64 * 64)
    assert LinearShape("k_proj", inputs=64, outputs=32, count=2) in model.linears
    assert LinearShape("down_proj", inputs=128, outputs=64, count=2) in model.linears
    assert len(model.linears) == 7
    assert len(model.fingerprint) == len(model.template_hash) == len(model.tokenizer_hash) == 64


def test_scanning_loads_neither_torch_nor_numpy(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.catalog.scan import scan_model;"
        "scan_model(Path(sys.argv[1]), identity='m', name='n', source='folder');"
        "assert not {'torch', 'numpy', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)


def test_any_change_of_content_changes_the_fingerprint(folder: Path) -> None:
    before = scan(folder)
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    flipped = scan(folder)
    change(folder / "config.json", rms_norm_eps=1e-6)
    configured = scan(folder)
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    templated = scan(folder)
    prints = {each.fingerprint for each in (before, flipped, configured, templated)}
    assert len(prints) == 4
    assert templated.template_hash != before.template_hash
    assert templated.tokenizer_hash != before.tokenizer_hash


def test_sharding_and_the_writers_version_do_not_change_the_fingerprint(
    folder: Path, tmp_path: Path
) -> None:
    before = scan(folder)
    shard(folder)
    change(folder / "config.json", transformers_version="9.9.9", _name_or_path="/elsewhere")
    assert scan(folder).fingerprint == before.fingerprint


def shard(folder: Path) -> dict[str, str]:
    """Split the weights into two files with an index, as large models come."""
    from safetensors.numpy import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    names = sorted(tensors)
    weight_map = {}
    for number, part in enumerate((names[::2], names[1::2]), 1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / file)
        weight_map.update(dict.fromkeys(part, file))
    (folder / "model.safetensors").unlink()
    change(folder / "model.safetensors.index.json", weight_map=weight_map)
    return weight_map


def test_a_missing_shard_is_named(folder: Path) -> None:
    shard(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(Refused, match=r"model-00002-of-00002\.safetensors is missing"):
        scan(folder)


@pytest.mark.parametrize(
    "name",
    ["../secret.safetensors", "/etc/passwd", "a/b.safetensors", "..\\b.safetensors",
     "C:b.safetensors", "x.bin", "", 5, None, ["a.safetensors"], "a\0.safetensors"],
)  # fmt: skip
def test_an_index_that_leaves_the_folder_is_refused(folder: Path, name: Any) -> None:
    weight_map = shard(folder)
    change(
        folder / "model.safetensors.index.json",
        weight_map={**weight_map, next(iter(weight_map)): name},
    )
    with pytest.raises(Refused) as refusal:
        scan(folder)
    assert refusal.value.problem.code == "models.bad-index"


def test_an_index_that_lies_about_a_tensor_is_refused(folder: Path) -> None:
    weight_map = shard(folder)
    first = next(iter(weight_map))
    other = next(file for file in weight_map.values() if file != weight_map[first])
    change(folder / "model.safetensors.index.json", weight_map={**weight_map, first: other})
    with pytest.raises(Refused, match=f"tensor {first} is not in {other}"):
        scan(folder)


@pytest.mark.parametrize("ending", [".bin", ".pt", ".pth", ".ckpt"])
def test_pickled_weights_are_refused_with_a_way_out(folder: Path, ending: str) -> None:
    (folder / "model.safetensors").rename(folder / f"pytorch_model{ending}")
    with pytest.raises(Refused) as refusal:
        scan(folder)
    assert refusal.value.problem.code == "models.pickle-weights"
    assert refusal.value.problem.hint.startswith("Convert to safetensors:")


def test_pickles_beside_safetensors_are_left_alone(folder: Path) -> None:
    (folder / "optimizer.pt").write_bytes(b"\x80\x04.")
    assert scan(folder).parameters


@pytest.mark.parametrize(
    ("file", "entries", "code"),
    [
        ("config.json", {"auto_map": {"AutoModel": "modeling_x.X"}}, "models.needs-code"),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["x.X", None]}},
         "models.needs-code"),
        ("config.json", {"text_config": {"auto_map": {"AutoConfig": "a.B"}}}, "models.needs-code"),
        ("config.json", {"_attn_implementation_internal": "evil/kernel"}, "models.unsafe-config"),
        ("config.json", {"a": [{"_attn_implementation_internal": "x"}]}, "models.unsafe-config"),
        ("config.json", {"_attn_implementation": "evil/kernel"}, "models.unsafe-config"),
        ("config.json", {"attn_implementation": {"": "evil/k"}}, "models.unsafe-config"),
        ("generation_config.json", {"trust_remote_code": True}, "models.needs-code"),
        ("config.json", {"quantization_config": {"quant_method": "gptq"}}, "models.quantized"),
        ("config.json", {"architectures": ["BertForMaskedLM"]}, "models.no-generator"),
        ("config.json", {"is_encoder_decoder": True}, "models.no-generator"),
        ("adapter_config.json", {}, "models.holds-adapter"),
    ],
)  # fmt: skip
def test_what_cannot_or_must_not_be_loaded_is_refused(
    folder: Path, file: str, entries: dict[str, Any], code: str
) -> None:
    change(folder / file, **entries)
    with pytest.raises(Refused) as refusal:
        scan(folder)
    assert refusal.value.problem.code == code
    assert refusal.value.problem.hint


def test_a_folder_with_model_code_is_refused(folder: Path) -> None:
    (folder / "modeling_tiny.py").write_text("raise SystemExit('ran')")
    with pytest.raises(Refused, match=r"it brings modeling_tiny\.py"):
        scan(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_folder_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(Refused):
        scan(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"a":' * 100_000, b"null"])
def test_a_broken_config_is_refused(folder: Path, content: bytes) -> None:
    (folder / "config.json").write_bytes(content)
    with pytest.raises(Refused, match=r"config\.json cannot be read"):
        scan(folder)


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("MIT License\n\nCopyright", "MIT"),
        ("  Apache License\n   Version 2.0, January 2004", "Apache-2.0"),
        ("# Tiny Community License\n\nBe nice.", "Tiny Community License"),
    ],
)
def test_a_licence_file_is_understood(folder: Path, text: str, licence: str) -> None:
    (folder / "LICENSE").write_text(text)
    assert scan(folder).licence == licence
