"""An adapter that was trained with a template of its own: from the rows to a chat with it."""

from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
import torch
from msgspec.structs import replace

from engine.datasets.render import MASKED, encode_row
from engine.datasets.row_file import read_rows
from engine.datasets.templates import bound
from engine.protocol.dataset_specs import Mapping, Template
from engine.protocol.records import Adapter, Row
from engine.protocol.specs import Message, SamplingSpec
from engine.protocol.tasks import CountTokensTask, TrainTask
from engine.protocol.worker_messages import Generate
from engine.workers.adapter_files import read_passport
from engine.workers.chat_loop import ChatLoop
from engine.workers.chat_model import load_chat_model
from engine.workers.origin import origin_of
from engine.workers.resident import ResidentAdapters
from engine.workers.tokens import count_tokens, load_tokenizer
from engine.workers.training import encode_splits
from tests.engine.workers.in_process import run
from tests.engine.workers.test_chat_loop import Lines
from tests.fakes.published_rows import write_rows
from tests.fakes.training_job import tiny_spec, train_task

COLUMNS = ("question", "answer")
MAPPING = Mapping(user="question", assistant="answer")
FIELDS = "Q: {question}\nA:[[ {answer}]]"
JINJA = (
    "{% for m in messages %}{% if m.role == 'assistant' %}A:{% generation %} {{ m.content }}"
    "{{ eos_token }}{% endgeneration %}{% else %}Q: {{ m.content }}\n{% endif %}{% endfor %}"
)
Syntax = Literal["fields", "jinja"]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def task_with(home: Path, syntax: Syntax, text: str) -> TrainTask:
    """A training whose rows have columns and whose dataset has that template."""
    task = train_task(home, tiny_spec(epochs=30.0, early_stopping=0), train=6, validation=2)
    folder = Path(task.dataset.path)
    rows = [
        replace(row, cells={"question": row.messages[0][1], "answer": row.messages[1][1]})
        for row in read_rows(folder)
    ]
    sha256 = write_rows(folder, rows, MAPPING)
    template = bound(Template("Short", syntax, text), MAPPING, COLUMNS)
    dataset = replace(task.dataset, template=template, mapping=MAPPING, sha256=sha256)
    return replace(task, dataset=dataset)


def prompt_of(row: Row, tokenizer: Any, template: Template | None) -> list[int]:
    """What training shows of a row before the first token that is learned."""
    encoded = encode_row(row, tokenizer, max_length=4096, template=template)
    first = next(at for at, label in enumerate(encoded.labels) if label != MASKED)
    return list(encoded.input_ids[:first])


@pytest.mark.parametrize(("syntax", "text"), [("fields", FIELDS), ("jinja", JINJA)])
def test_a_chat_shows_the_adapter_the_tokens_that_it_was_trained_on(
    tmp_path: Path, syntax: Syntax, text: str
) -> None:
    task = task_with(tmp_path, syntax, text)
    adapter = run(task)
    assert isinstance(adapter, Adapter)
    assert adapter.template == task.dataset.template
    assert read_passport(Path(task.target)).template == task.dataset.template
    assert "template Short" in (Path(task.target) / "README.md").read_text("utf-8")
    chat = load_chat_model(task.base, threads=1)
    row = next(iter(read_rows(task.dataset.path)))
    prompt = prompt_of(row, chat.tokenizer, adapter.template)
    asked = (Message("user", row.messages[0][1]),)
    assert chat.prompt(asked, adapter.template) == prompt
    assert chat.prompt(asked) != prompt  # the base alone is asked as before
    lines = Lines()
    greedy = SamplingSpec(temperature=0, max_tokens=40)
    lines.ask(Generate(0, asked, greedy, adapter))
    lines.ask(Generate(1, asked, greedy, None))
    resident = ResidentAdapters(chat.model, task.base, budget_bytes=64_000_000)
    ChatLoop(lines, chat, resident).run()
    assert lines.done[0].stamp.prompt_tokens == len(prompt)
    assert lines.done[1].stamp.prompt_tokens == len(chat.prompt(asked))
    assert lines.done[0].stamp.finish == "stop"  # it has learned to end its answers


@pytest.mark.parametrize(("syntax", "text"), [("fields", FIELDS), ("jinja", JINJA)])
def test_earlier_turns_of_a_chat_are_those_of_a_row_token_for_token(
    tmp_path: Path, syntax: Syntax, text: str
) -> None:
    task = task_with(tmp_path, syntax, text)
    chat = load_chat_model(task.base, threads=1)
    turns = (("user", "One?"), ("assistant", "1"), ("user", "Two?"), ("assistant", "2"))
    row = Row(1, 1, "train", turns, {"question": "Two?", "answer": "2"})
    whole = encode_row(row, chat.tokenizer, max_length=4096, template=task.dataset.template)
    asked = tuple(Message(role, content) for role, content in turns[:3])  # type: ignore[arg-type]
    prompt = chat.prompt(asked, task.dataset.template)
    assert prompt == list(whole.input_ids[: len(prompt)])
    assert chat.tokenizer.decode(whole.input_ids[len(prompt) :]) == " 2<|im_end|>"


def test_training_and_counting_follow_the_template(tmp_path: Path) -> None:
    task = task_with(tmp_path, "fields", FIELDS)
    tokenizer = load_tokenizer(task.base.path)
    train_rows, validation_rows = encode_splits(task.dataset, tokenizer, task.run.spec)
    text = tokenizer.decode(list(train_rows[0].input_ids))
    assert text.startswith("Q: 1: dogdog?\nA: dogdog 1")
    base = replace(task.base, tokenizer_hash="t" * 64)
    stats = count_tokens(CountTokensTask(task.dataset, base, task.dataset.path), lambda *_: None)
    assert stats.train_tokens == sum(len(row.input_ids) for row in train_rows)
    assert stats.validation_tokens == sum(len(row.input_ids) for row in validation_rows)
    assert stats.train_supervised == sum(row.supervised for row in train_rows)


def test_rows_for_evaluation_are_counted_with_neither_side(tmp_path: Path) -> None:
    task = task_with(tmp_path, "fields", FIELDS)
    rows = list(read_rows(task.dataset.path))
    write_rows(Path(task.dataset.path), [*rows[:-1], replace(rows[-1], split="test")])
    base = replace(task.base, tokenizer_hash="t" * 64)
    stats = count_tokens(CountTokensTask(task.dataset, base, task.dataset.path), lambda *_: None)
    assert sum(stats.bin_counts) == len(rows)


def test_a_run_is_not_resumed_under_another_template(tmp_path: Path) -> None:
    task = task_with(tmp_path, "fields", FIELDS)
    other = task_with(tmp_path, "fields", FIELDS + "!")
    plain = replace(task, dataset=replace(task.dataset, template=None))
    origins = [msgspec.json.encode(origin_of(each)) for each in (task, other, plain)]
    assert len(set(origins)) == 3
