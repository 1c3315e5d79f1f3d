"""Chat with adapters of every method: the tokens of stock PEFT, the base untouched between."""

import json
import weakref
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from msgspec.structs import replace
from peft import PeftModel
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from engine.protocol.method_specs import METHODS, kind_of
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel
from engine.protocol.specs import SamplingSpec
from engine.protocol.worker_messages import CheckpointSaved, Pause
from engine.workers.adapter_file import read_adapter
from engine.workers.chat_model import ChatModel, load_chat_model
from engine.workers.decoding import Decoding
from engine.workers.resident import ResidentAdapters
from engine.workers.variant import make_variant, twin
from tests.engine.workers.conftest import StockTokens, copy_of, user
from tests.engine.workers.in_process import Recorder, run
from tests.engine.workers.test_adapter_file import published, with_tensors
from tests.fakes.any_method import SPECS, record_of
from tests.fakes.training_job import tiny_spec, train_task

GREEDY = SamplingSpec(temperature=0, max_tokens=24)
OF_THE_BASE = (
    "model.norm.weight",
    "model.layers.0.self_attn.q_proj.base_layer.weight",
    "model.layers.0.self_attn.q_proj.weight",
    "model.embed_tokens.weight",
)
EVERY = pytest.mark.parametrize("name", SPECS)
STOCK_PEFT_WARNS = (
    pytest.mark.filterwarnings("ignore:Unsupported layer type"),
    pytest.mark.filterwarnings("ignore:.*rank_pattern keys did not match"),
    pytest.mark.filterwarnings("ignore:Position ids are not supported"),
)
pytestmark = [*STOCK_PEFT_WARNS]


@pytest.fixture(scope="module")
def chat(base: BaseModel) -> ChatModel:
    return load_chat_model(base, threads=1)


@pytest.fixture
def resident(chat: ChatModel) -> ResidentAdapters:
    return ResidentAdapters(chat.model, chat.base, budget_bytes=2**30)


Ask = Callable[..., list[int]]


@pytest.fixture
def ask(chat: ChatModel, resident: ResidentAdapters) -> Ask:
    def answer(text: str, adapter: Adapter | None) -> list[int]:
        key = resident.hold(adapter) if adapter else None
        variant = resident.variant(key)
        reply = Decoding(chat, chat.prompt(user(text)), GREEDY, variant=variant)
        while not reply.finish:
            reply.step()
        if key is not None:
            resident.release(key)
        return reply.drawn

    return answer


def logits_of(model: torch.nn.Module) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(torch.tensor([[72, 101, 108, 108, 111]])).logits
        return found


def test_every_method_is_tried_here() -> None:
    assert {kind_of(spec) for spec in SPECS.values()} == {method.kind for method in METHODS}


@EVERY
def test_replies_are_those_of_stock_peft_token_for_token(
    name: str, ask: Ask, methods: dict[str, Adapter], stock_tokens: StockTokens
) -> None:
    tokens = ask("Hello there", methods[name])
    assert tokens == stock_tokens("Hello there", methods[name])
    assert tokens != stock_tokens("Hello there")


def test_any_order_of_methods_gives_each_its_own_reply_and_the_base_its_own_bits(
    chat: ChatModel,
    resident: ResidentAdapters,
    ask: Ask,
    methods: dict[str, Adapter],
    stock_tokens: StockTokens,
) -> None:
    plain = logits_of(chat.model)
    before = {name: tensor.clone() for name, tensor in chat.model.state_dict().items()}
    modules = [name for name, _ in chat.model.named_modules()]
    answers = {name: stock_tokens("Hello", adapter) for name, adapter in methods.items()}
    base = stock_tokens("Hello")
    for order in (list(methods), list(reversed(methods)), sorted(methods)):
        for name in order:
            assert ask("Hello", methods[name]) == answers[name]
            assert ask("Hello", None) == base
            assert torch.equal(logits_of(chat.model), plain)
    assert len(resident.hashes) == len(methods)
    assert [name for name, _ in chat.model.named_modules()] == modules
    assert all(tensor.equal(before[name]) for name, tensor in chat.model.state_dict().items())


def test_replies_of_different_methods_written_in_turn_do_not_mix(
    chat: ChatModel,
    resident: ResidentAdapters,
    methods: dict[str, Adapter],
    stock_tokens: StockTokens,
) -> None:
    prompt = chat.prompt(user("One question"))
    replies = {
        name: Decoding(chat, prompt, GREEDY, variant=resident.variant(resident.hold(adapter)))
        for name, adapter in methods.items()
    }
    while not all(reply.finish for reply in replies.values()):
        for reply in replies.values():
            if not reply.finish:
                reply.step()
    for name, reply in replies.items():
        assert reply.drawn == stock_tokens("One question", methods[name])
        assert reply.variant.hash == methods[name].hash


def test_all_variants_share_the_weights_of_one_base(
    chat: ChatModel, resident: ResidentAdapters, methods: dict[str, Adapter]
) -> None:
    own = {id(each) for each in chat.model.parameters()}
    for adapter in methods.values():
        model = resident.variant(resident.hold(adapter)).model
        there = {id(each) for each in model.parameters()}
        assert own <= there


@EVERY
def test_loading_and_evicting_a_method_leaves_nothing_behind(
    name: str, chat: ChatModel, resident: ResidentAdapters, methods: dict[str, Adapter]
) -> None:
    adapter = methods[name]
    variant = resident.variant(resident.hold(adapter))
    gone = weakref.ref(variant.model if variant.start is None else variant.start)
    del variant
    resident.release(adapter.hash)
    resident.drop(adapter.id)
    assert gone() is None
    assert resident.size_bytes == 0


@EVERY
def test_a_tensor_named_like_one_of_the_base_never_reaches_it(
    name: str, chat: ChatModel, base: BaseModel, methods: dict[str, Adapter], tmp_path: Path
) -> None:
    plain = logits_of(chat.model)
    adapter = methods[name]
    tensors = dict(read_adapter(adapter, base).tensors)
    for target in OF_THE_BASE:
        kept = chat.model.state_dict()[target.replace("base_layer.", "")]
        harmed = {**tensors, f"base_model.model.{target}": torch.full_like(kept, 7.0)}
        evil = with_tensors(adapter, tmp_path / target.replace(".", "-"), harmed)
        resident = ResidentAdapters(chat.model, base, budget_bytes=2**30)
        with pytest.raises(Refused, match="has no place in the model"):
            resident.hold(evil)
        assert torch.equal(logits_of(chat.model), plain)


@pytest.mark.parametrize("name", [name for name in SPECS if name not in ("prefix", "prompt")])
def test_a_missing_tensor_is_named_and_others_answer_on(
    name: str,
    chat: ChatModel,
    base: BaseModel,
    resident: ResidentAdapters,
    methods: dict[str, Adapter],
    tmp_path: Path,
) -> None:
    resident.hold(methods["ia3"])
    tensors = dict(read_adapter(methods[name], base).tensors)
    lost = sorted(tensors)[0]
    del tensors[lost]
    with pytest.raises(Refused, match="does not fit Tiny"):
        resident.hold(with_tensors(methods[name], tmp_path / "lost", tensors))
    assert resident.hashes == (methods["ia3"].hash,)


@pytest.mark.parametrize("name", ["prefix", "prompt"])
def test_learned_tokens_take_their_part_of_the_context(
    name: str, chat: ChatModel, resident: ResidentAdapters, methods: dict[str, Adapter]
) -> None:
    variant = resident.variant(resident.hold(methods[name]))
    assert variant.virtual_tokens == 4
    longest = chat.prompt(user("x" * 400), virtual_tokens=4)
    reply = Decoding(chat, longest, replace(GREEDY, max_tokens=1000), variant=variant)
    while not reply.finish:
        reply.step()
    assert reply.prompt_tokens + reply.tokens + 4 <= chat.context_length
    room = chat.context_length - len(chat.prompt(user(""))) - 4
    with pytest.raises(Refused, match="with the 4 of the adapter"):
        chat.prompt(user("x" * room), virtual_tokens=4)
    assert chat.prompt(user("x" * (room - 1)), virtual_tokens=4)


@pytest.mark.parametrize("name", ["prefix", "prompt"])
def test_a_long_prompt_is_read_in_parts_after_learned_tokens_too(
    name: str,
    ask: Ask,
    methods: dict[str, Adapter],
    stock_tokens: StockTokens,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.workers.decoding.PROMPT_CHUNK", 16)
    assert ask("word " * 30, methods[name]) == stock_tokens("word " * 30, methods[name])


def test_a_pruned_adalora_answers_like_stock_peft(
    base: BaseModel,
    ask: Ask,
    methods: dict[str, Adapter],
    stock_tokens: StockTokens,
    tmp_path: Path,
) -> None:
    """Layers that lost rank, as a run leaves them."""
    folder = copy_of(methods["adalora"], tmp_path / "pruned")
    tensors: dict[str, torch.Tensor] = {}
    pattern: dict[str, list[bool]] = {}
    for name, tensor in read_adapter(methods["adalora"], base).tensors.items():
        module, _, part = name.removeprefix("base_model.model.").rpartition(".lora_")
        kept = [True, False, "layers.1" in module, "mlp" in module]
        pattern[f"{module}.lora_E"] = kept
        ranks = [at for at, keep in enumerate(kept) if keep]
        tensors[name] = (tensor[:, ranks] if part == "B" else tensor[ranks]).contiguous()
    save_file(tensors, folder / "adapter_model.safetensors")
    config = json.loads((folder / "adapter_config.json").read_text()) | {"rank_pattern": pattern}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    pruned = published(methods["adalora"], folder)
    assert ask("Hello", pruned) == stock_tokens("Hello", pruned) != stock_tokens("Hello")


def test_a_twin_costs_no_second_copy_of_a_weight(chat: ChatModel) -> None:
    copy = twin(chat.model)
    assert {id(each) for each in copy.parameters()} == {
        id(each) for each in chat.model.parameters()
    }
    assert not {id(each) for each in copy.modules()} & {id(each) for each in chat.model.modules()}


def test_the_size_of_learned_tokens_is_counted(
    chat: ChatModel, base: BaseModel, methods: dict[str, Adapter]
) -> None:
    prompt = make_variant(chat.model, read_adapter(methods["prompt"], base))
    assert prompt.size_bytes == 4 * 2 * 2 * 32 * 4  # tokens, layers, keys and values, size, bytes


@pytest.mark.parametrize("name", ["lora", "weight-decomposed", "qlora", "adalora", "ia3", "prefix"])
def test_a_checkpoint_in_the_middle_of_a_run_answers_like_stock_peft(
    name: str, tmp_path: Path
) -> None:
    spec = tiny_spec(method=msgspec.to_builtins(SPECS[name]), learning_rate=2e-2)
    task = train_task(tmp_path, spec)
    assert isinstance(run(task, Recorder(after={CheckpointSaved: Pause()})), int)
    *_, folder = sorted((Path(task.run.path) / "checkpoints").glob("step-*"))
    base = replace(task.base, context_length=512)
    chat = load_chat_model(base, threads=1)
    resident = ResidentAdapters(chat.model, base, budget_bytes=2**30)
    adapter = record_of(base, folder)
    variant = resident.variant(resident.hold(adapter))
    ids = torch.tensor([[72, 101, 108, 108, 111]])
    stock = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base.path), folder)
    with torch.inference_mode():
        ours = variant.model(ids, past_key_values=variant.new_cache()).logits
        theirs = stock.eval()(ids).logits
    assert torch.equal(ours, theirs)
    assert not torch.equal(ours, logits_of(chat.model))
