"""A tiny base with three adapters of different kinds, and what stock libraries answer with them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.protocol.records import Adapter, BaseModel
from engine.protocol.specs import Message
from tests.fakes.any_method import SPECS, write_method
from tests.fakes.lora import write_lora
from tests.fakes.tiny_model import write_tiny_model

Reference = Callable[..., str]
StockTokens = Callable[..., list[int]]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    folder = write_tiny_model(tmp_path_factory.mktemp("tiny") / "model")
    return BaseModel("b" * 32, "Tiny", str(folder), "folder", context_length=512, fingerprint="f1")


@pytest.fixture(scope="session")
def adapters(base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Adapter]:
    folder = tmp_path_factory.mktemp("adapters")
    kinds: dict[str, dict[str, Any]] = {
        "plain": {},
        "other": {"r": 8},
        "attention": {"target_modules": ["q_proj", "v_proj"], "use_rslora": True},
        "dora": {"use_dora": True},
        "patterns": {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"v_proj": 32}},
    }
    return {
        name: write_lora(base, folder / name, seed=seed, **config)
        for seed, (name, config) in enumerate(kinds.items())
    }


@pytest.fixture(scope="session")
def methods(base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Adapter]:
    folder = tmp_path_factory.mktemp("methods")
    return {
        name: write_method(base, folder / name, name, seed=seed) for seed, name in enumerate(SPECS)
    }


@pytest.fixture(scope="session")
def stock_tokens(base: BaseModel) -> StockTokens:
    """Greedy tokens by transformers and PEFT alone, a fresh model each time."""
    tokenizer = AutoTokenizer.from_pretrained(base.path)

    def answer(prompt: str, adapter: Adapter | None = None, *, tokens: int = 24) -> list[int]:
        model: Any = AutoModelForCausalLM.from_pretrained(base.path).eval()
        if adapter is not None:
            model = PeftModel.from_pretrained(model, adapter.path).eval()
        encoded = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, return_tensors="pt"
        )
        ids = model.generate(**encoded, do_sample=False, max_new_tokens=tokens)
        found: list[int] = ids[0, encoded["input_ids"].shape[1] :].tolist()
        return found

    return answer


@pytest.fixture(scope="session")
def reference(base: BaseModel, stock_tokens: StockTokens) -> Reference:
    """The same as text."""
    tokenizer = AutoTokenizer.from_pretrained(base.path)

    def answer(prompt: str, adapter: Adapter | None = None, *, tokens: int = 24) -> str:
        ids = stock_tokens(prompt, adapter, tokens=tokens)
        text: str = tokenizer.decode(ids, skip_special_tokens=True)
        return text.rstrip("\ufffd")  # a character cut in half by the limit

    return answer


def user(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def copy_of(adapter: Adapter, folder: Path) -> Path:
    """The adapter's two files in a folder that may be harmed."""
    folder.mkdir()
    for path in Path(adapter.path).iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder
