import queue
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
import torch
from msgspec.structs import replace
from peft.tuners.tuners_utils import BaseTunerLayer

from engine.protocol.problems import Problem
from engine.protocol.records import Adapter, BaseModel
from engine.protocol.specs import Message, SamplingSpec
from engine.protocol.worker_messages import (
    CancelReply,
    DropAdapter,
    Generate,
    ReplyDelta,
    ReplyDone,
    ReplyStarted,
    RequestFailed,
    ServeRequest,
)
from engine.workers.chat_loop import ChatLoop
from engine.workers.chat_model import ChatModel, load_chat_model
from engine.workers.resident import ResidentAdapters
from tests.engine.workers.conftest import Reference, copy_of, user

GREEDY = SamplingSpec(temperature=0, max_tokens=24)
BUDGET = 64 * 1024 * 1024


class Lines:
    """Plays the engine: queues commands, keeps what comes back, hangs up when all is answered."""

    def __init__(self) -> None:
        self.commands: queue.SimpleQueue[ServeRequest | None] = queue.SimpleQueue()
        self.sent: list[msgspec.Struct] = []
        self.awaited = 0
        self.on_delta: Callable[[ReplyDelta], None] = lambda delta: None

    def ask(self, request: Generate) -> None:
        self.awaited += 1
        self.commands.put(request)

    def send(self, message: msgspec.Struct) -> None:
        self.sent.append(message)
        if isinstance(message, ReplyDelta):
            self.on_delta(message)
        if isinstance(message, ReplyDone | RequestFailed):
            self.awaited -= 1
            if not self.awaited:
                self.commands.put(None)

    @property
    def done(self) -> dict[int, ReplyDone]:
        return {message.id: message for message in self.sent if isinstance(message, ReplyDone)}

    @property
    def failed(self) -> dict[int, Problem]:
        return {m.id: m.problem for m in self.sent if isinstance(m, RequestFailed)}


@pytest.fixture
def chat(base: BaseModel) -> ChatModel:
    return load_chat_model(base, threads=1)


@pytest.fixture
def resident(chat: ChatModel) -> ResidentAdapters:
    return ResidentAdapters(chat.model, chat.base, budget_bytes=BUDGET)


def answer(
    chat: ChatModel, resident: ResidentAdapters, *requests: Generate, lines: Lines | None = None
) -> Lines:
    lines = lines or Lines()
    for request in requests:
        lines.ask(request)
    ChatLoop(lines, chat, resident).run()
    return lines


def requests(
    wanted: Sequence[tuple[str, Adapter | None]], sampling: SamplingSpec = GREEDY
) -> list[Generate]:
    return [
        Generate(at, user(text), sampling, adapter) for at, (text, adapter) in enumerate(wanted)
    ]


def test_swapped_replies_equal_those_of_stock_peft_token_for_token(
    chat: ChatModel,
    resident: ResidentAdapters,
    adapters: dict[str, Adapter],
    reference: Reference,
) -> None:
    order = [None, "plain", "other", None, "attention", "plain", "dora", "patterns", "other", None]
    wanted = [("Hello there", adapters[name] if name else None) for name in order]
    texts = {name: reference("Hello there", adapters[name] if name else None) for name in order}
    assert len(set(texts.values())) == len(texts)  # every one says something else
    lines = Lines()
    for request in requests(wanted):  # one after the other
        lines = answer(chat, resident, request, lines=lines)
    assert [lines.done[at].text for at in range(len(order))] == [texts[name] for name in order]
    stamped = [lines.done[at].stamp.adapter_hash for at in range(len(order))]
    assert stamped == [adapters[name].hash if name else None for name in order]


def test_interleaved_replies_equal_their_references(
    chat: ChatModel,
    resident: ResidentAdapters,
    adapters: dict[str, Adapter],
    reference: Reference,
) -> None:
    wanted = [
        ("One question", adapters["plain"]),
        ("Another, longer question", adapters["other"]),
        ("One question", None),
        ("One question", adapters["patterns"]),
    ]
    lines = answer(chat, resident, *requests(wanted))
    for at, (text, adapter) in enumerate(wanted):
        assert lines.done[at].text == reference(text, adapter)
    deltas = [message.id for message in lines.sent if isinstance(message, ReplyDelta)]
    first_done = next(i for i, message in enumerate(lines.sent) if isinstance(message, ReplyDone))
    assert len(set(deltas)) == 4
    assert first_done > len(lines.sent) / 2  # nobody waited for another to end


def test_a_reply_is_its_deltas_and_carries_its_figures(
    chat: ChatModel, resident: ResidentAdapters, adapters: dict[str, Adapter]
) -> None:
    lines = answer(chat, resident, *requests([("Hello", adapters["plain"])]))
    started, *deltas, done = lines.sent
    assert isinstance(started, ReplyStarted)
    assert isinstance(done, ReplyDone)
    assert "".join(d.text for d in deltas if isinstance(d, ReplyDelta)) == done.text
    stamp = done.stamp
    assert stamp.backend == "transformers"
    assert stamp.adapter == adapters["plain"].id
    assert stamp.finish == "length"
    assert stamp.tokens == GREEDY.max_tokens
    assert stamp.prompt_tokens == len(chat.prompt(user("Hello")))
    assert 0 < started.swap_ms == stamp.swap_ms < 5
    assert stamp.first_token_ms > stamp.swap_ms
    assert stamp.tokens_per_second > 0


def test_a_swap_between_resident_adapters_touches_no_layer(
    chat: ChatModel, resident: ResidentAdapters, adapters: dict[str, Adapter]
) -> None:
    keys = [resident.hold(adapters[name]) for name in ("plain", "patterns", "dora")]
    before = {name: tensor.clone() for name, tensor in chat.model.state_dict().items()}
    variants = {key: resident.variant(key) for key in keys}
    for key in (*keys, *reversed(keys)):
        assert resident.variant(key) is variants[key]
        assert resident.variant(None).model is chat.model
    assert not any(isinstance(module, BaseTunerLayer) for module in chat.model.modules())
    assert all(tensor.equal(before[name]) for name, tensor in chat.model.state_dict().items())


def test_the_same_seed_gives_the_same_reply_whatever_else_runs(
    chat: ChatModel, resident: ResidentAdapters, adapters: dict[str, Adapter]
) -> None:
    sampling = SamplingSpec(temperature=1.2, top_p=0.95, repetition_penalty=1.1, max_tokens=24)
    alone = answer(chat, resident, *requests([("Hi", adapters["plain"])], sampling)).done[0].text
    crowd = [("Hi", adapters["plain"]), ("Hi", None), ("Ho", adapters["other"])]
    assert answer(chat, resident, *requests(crowd, sampling)).done[0].text == alone
    seeded = replace(sampling, seed=7)
    assert answer(chat, resident, *requests(crowd[:1], seeded)).done[0].text != alone


def test_a_cancelled_reply_ends_within_one_token_and_others_go_on(
    chat: ChatModel, resident: ResidentAdapters, adapters: dict[str, Adapter], reference: Reference
) -> None:
    lines = Lines()
    seen: dict[int, int] = defaultdict(int)

    def cancel_at_three(delta: ReplyDelta) -> None:
        seen[delta.id] += 1
        if delta.id == 0 and seen[0] == 3:
            lines.commands.put(CancelReply(0))

    lines.on_delta = cancel_at_three
    wanted = [("Hello", adapters["plain"]), ("Hello", None)]
    answer(chat, resident, *requests(wanted), lines=lines)
    assert seen[0] == 3
    assert lines.done[0].stamp.finish == "cancelled"
    assert lines.done[1].text == reference("Hello")


def test_a_cancel_for_a_reply_that_has_ended_is_no_error(
    chat: ChatModel, resident: ResidentAdapters
) -> None:
    lines = Lines()
    lines.commands.put(CancelReply(99))
    assert answer(chat, resident, *requests([("Hello", None)]), lines=lines).done[0].text


def test_a_prompt_longer_than_the_context_is_refused_with_both_numbers(
    chat: ChatModel, resident: ResidentAdapters
) -> None:
    problem = answer(chat, resident, *requests([("x" * 600, None)])).failed[0]
    assert problem.code == "chat.too-long"
    tokens = len(chat.prompt(user("x"))) - 1 + 600
    assert f"{tokens} tokens" in problem.message
    assert "512" in problem.message


def test_a_reply_ends_where_the_context_does(chat: ChatModel, resident: ResidentAdapters) -> None:
    sampling = replace(GREEDY, max_tokens=1000)
    stamp = answer(chat, resident, *requests([("x" * 470, None)], sampling)).done[0].stamp
    assert stamp.prompt_tokens + stamp.tokens <= chat.context_length
    assert stamp.finish in ("length", "stop")


def test_a_stop_token_of_the_template_ends_the_reply(
    chat: ChatModel, resident: ResidentAdapters
) -> None:
    logits = chat.model(torch.tensor([chat.prompt(user("Hello"))])).logits
    chat.stop_tokens |= {int(logits[0, -1].argmax())}
    done = answer(chat, resident, *requests([("Hello", None)])).done[0]
    assert (done.text, done.stamp.finish, done.stamp.tokens) == ("", "stop", 1)


def test_a_changed_adapter_is_refused_and_the_rest_goes_on_serving(
    chat: ChatModel,
    resident: ResidentAdapters,
    adapters: dict[str, Adapter],
    reference: Reference,
    tmp_path: Path,
) -> None:
    folder = copy_of(adapters["other"], tmp_path / "harmed")
    weights = folder / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    harmed = replace(adapters["other"], path=str(folder))
    gone = replace(adapters["other"], path=str(tmp_path / "nowhere"))
    foreign = replace(adapters["other"], base_fingerprint="f2", base_name="Huge")
    wanted = [("Hello", a) for a in (adapters["plain"], harmed, gone, foreign)]
    lines = answer(chat, resident, *requests(wanted))
    assert lines.done[0].text == reference("Hello", adapters["plain"])
    codes = [lines.failed[at].code for at in (1, 2, 3)]
    assert codes == ["adapter.changed", "adapter.missing", "adapter.other-base"]
    assert resident.hashes == (adapters["plain"].hash,)


def test_adapters_are_evicted_by_bytes_least_recently_used_first(
    chat: ChatModel, adapters: dict[str, Adapter], reference: Reference
) -> None:
    sizes = {}
    for name in ("plain", "other", "attention"):
        probe = ResidentAdapters(
            load_chat_model(chat.base, threads=1).model, chat.base, budget_bytes=BUDGET
        )
        probe.hold(adapters[name])
        sizes[name] = probe.size_bytes
    resident = ResidentAdapters(chat.model, chat.base, budget_bytes=sizes["plain"] + sizes["other"])
    order = ("plain", "other", "plain", "attention", "other", "plain", "plain")
    lines = Lines()
    for request in requests([("Hello", adapters[name]) for name in order]):
        lines = answer(chat, resident, request, lines=lines)
        assert resident.size_bytes <= sizes["plain"] + sizes["other"]
    for at, name in enumerate(order):
        assert lines.done[at].text == reference("Hello", adapters[name])
    assert resident.hashes[-1] == adapters["plain"].hash


def test_an_adapter_in_use_is_not_evicted_for_another(
    chat: ChatModel, adapters: dict[str, Adapter], reference: Reference
) -> None:
    resident = ResidentAdapters(chat.model, chat.base, budget_bytes=60_000)
    wanted = [("Hello", adapters["other"]), ("Hello", adapters["plain"])]
    resident_size = ResidentAdapters(
        load_chat_model(chat.base, threads=1).model, chat.base, budget_bytes=BUDGET
    )
    resident_size.hold(adapters["other"])
    resident = ResidentAdapters(chat.model, chat.base, budget_bytes=resident_size.size_bytes)
    lines = answer(chat, resident, *requests(wanted))
    assert lines.failed[1].code == "adapter.budget"
    assert lines.done[0].text == reference("Hello", adapters["other"])


def test_a_dropped_adapter_is_freed_and_can_come_back(
    chat: ChatModel, resident: ResidentAdapters, adapters: dict[str, Adapter], reference: Reference
) -> None:
    answer(chat, resident, *requests([("Hello", adapters["plain"]), ("Hello", adapters["other"])]))
    lines = Lines()
    lines.commands.put(DropAdapter(adapters["plain"].id))
    answer(chat, resident, *requests([("Hello", None)]), lines=lines)
    assert resident.hashes == (adapters["other"].hash,)
    assert not any(adapters["plain"].hash in name for name, _ in chat.model.named_parameters())
    back = answer(chat, resident, *requests([("Hello", adapters["plain"])]))
    assert back.done[0].text == reference("Hello", adapters["plain"])


def test_an_adapter_dropped_while_it_writes_ends_its_reply_first(
    chat: ChatModel, resident: ResidentAdapters, adapters: dict[str, Adapter], reference: Reference
) -> None:
    lines = Lines()
    lines.on_delta = lambda delta: lines.commands.put(DropAdapter(adapters["plain"].id))
    answer(chat, resident, *requests([("Hello", adapters["plain"])]), lines=lines)
    assert lines.done[0].text == reference("Hello", adapters["plain"])
    assert resident.hashes == ()


def test_a_conversation_that_the_template_rejects_is_refused(
    chat: ChatModel, resident: ResidentAdapters
) -> None:
    chat.tokenizer.chat_template = "{{ raise_exception('Roles must alternate') }}"
    problem = answer(chat, resident, *requests([("Hello", None)])).failed[0]
    assert problem.code == "chat.template"
    assert "Roles must alternate" in problem.message


def test_a_base_without_a_template_uses_the_one_it_is_trained_with(
    chat: ChatModel, resident: ResidentAdapters
) -> None:
    chat.tokenizer.chat_template = None
    prompt = chat.tokenizer.decode(chat.prompt((Message("user", "What is it?"),)))
    assert "What is it?" in prompt
    assert answer(chat, resident, *requests([("Hello", None)])).done[0].stamp.tokens
