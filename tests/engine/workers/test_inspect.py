import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import gguf
import msgspec
import numpy
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.datasets.row_file import lengths_path, read_rows
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.problems import Problem
from engine.protocol.records import BaseModel, Dataset, Row, TokenStats, TokenView
from engine.protocol.tasks import AddModelTask, CountTokensTask, ImportDatasetTask, ServeInspect
from engine.protocol.worker_messages import (
    Answered,
    Cancel,
    Ready,
    Recognise,
    Recognised,
    RenderRow,
    RequestFailed,
    ServeMessage,
)
from engine.store.publish import verify_folder
from engine.workers.tokens import load_tokenizer
from tests.fakes.tiny_model import write_tiny_model
from tests.fakes.worker_run import problem_of, result_of, run_inspect


def import_task(tmp_path: Path, **wanted: Any) -> ImportDatasetTask:
    return ImportDatasetTask("d" * 32, 1, AddDataset(**wanted), str(tmp_path / "data" / "v1"))


def test_the_sample_is_imported_quickly_with_its_own_split(tmp_path: Path) -> None:
    messages = run_inspect(tmp_path / "job", import_task(tmp_path, sample=True))
    dataset = result_of(messages, Dataset)
    assert dataset.name == "sample-tickets.jsonl"
    assert dataset.sample
    assert (dataset.rows, dataset.train_rows, dataset.validation_rows) == (240, 192, 48)
    assert dataset.finding_count == 0
    verify_folder(Path(dataset.path))


def test_importing_a_dataset_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; import engine.workers.inspect; import engine.workers.dataset_import;"
        "assert not {'torch', 'transformers', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_file_that_cannot_be_used_fails_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("only\none\n")
    problem: Problem = problem_of(
        run_inspect(tmp_path / "job", import_task(tmp_path, path=str(path)))
    )
    assert problem.code == "datasets.one-column"
    assert not (tmp_path / "data").exists() or not list((tmp_path / "data").iterdir())


def test_a_model_folder_is_added_in_place(tmp_path: Path) -> None:
    folder = write_tiny_model(tmp_path / "tiny")
    before = sorted(path.name for path in folder.iterdir())
    task = AddModelTask("m" * 32, str(folder), "My model", str(tmp_path / "models" / "m"))
    model = result_of(run_inspect(tmp_path / "job", task), BaseModel)
    assert (model.name, model.path, model.source) == ("My model", str(folder), "folder")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokenizer.json", "{}"),
        ("tokenizer.json", "[" * 100_000),
        ("tokenizer.json", '{"model": {"type": "BPE", "vocab": 5}}'),
        ("tokenizer_config.json", '{"tokenizer_class": 5}'),
    ],
)
def test_a_tokenizer_that_cannot_be_loaded_refuses_the_model(
    tmp_path: Path, name: str, content: str
) -> None:
    folder = write_tiny_model(tmp_path / "tiny")
    (folder / name).write_text(content)
    task = AddModelTask("m" * 32, str(folder), "", str(tmp_path / "m"))
    messages = run_inspect(tmp_path / "job", task)
    problem: Problem = problem_of(messages)
    assert problem.code in ("models.bad-tokenizer", "models.unreadable-json"), problem


def write_tiny_gguf(path: Path) -> Path:
    """A llama of one layer with random weights, as llama.cpp's converter would write it."""
    hidden, inner, heads, context = 64, 128, 4, 256
    tokens = ["<unk>", "<s>", "</s>", *(chr(at) for at in range(33, 127)), "Ġ", "he", "ll", "hell"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(hidden)
    writer.add_block_count(1)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3, *([1] * (len(tokens) - 3))])
    writer.add_token_merges(["h e", "l l", "he ll"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    shapes = {
        "token_embd.weight": (len(tokens), hidden),
        "output_norm.weight": (hidden,),
        "blk.0.attn_norm.weight": (hidden,),
        "blk.0.ffn_norm.weight": (hidden,),
        "blk.0.attn_q.weight": (hidden, hidden),
        "blk.0.attn_k.weight": (hidden // 2, hidden),
        "blk.0.attn_v.weight": (hidden // 2, hidden),
        "blk.0.attn_output.weight": (hidden, hidden),
        "blk.0.ffn_gate.weight": (inner, hidden),
        "blk.0.ffn_up.weight": (inner, hidden),
        "blk.0.ffn_down.weight": (hidden, inner),
    }
    random = numpy.random.default_rng(0)
    for name, shape in shapes.items():
        writer.add_tensor(name, random.standard_normal(shape).astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_gguf_file_becomes_a_model_that_loads(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    task = AddModelTask("m" * 32, str(path), "", str(tmp_path / "models" / "m"))
    model = result_of(run_inspect(tmp_path / "job", task), BaseModel)
    assert (model.name, model.source, model.architecture) == ("tiny", "gguf", "llama")
    assert (model.layers, model.hidden_size, model.context_length) == (1, 64, 256)
    verify_folder(Path(model.path))
    loaded: Any = AutoModelForCausalLM.from_pretrained(model.path)
    assert loaded.generation_config.eos_token_id == 2
    tokenizer = load_tokenizer(model.path)
    assert len(tokenizer("hello", add_special_tokens=False)["input_ids"]) == 2


def test_a_damaged_gguf_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    path.write_bytes(path.read_bytes()[:-5000])
    task = AddModelTask("m" * 32, str(path), "", str(tmp_path / "models" / "m"))
    problem: Problem = problem_of(run_inspect(tmp_path / "job", task))
    assert problem.code == "models.broken-gguf"
    assert not (tmp_path / "models").exists()


@pytest.fixture
def sample(tmp_path: Path) -> Dataset:
    return result_of(  # type: ignore[no-any-return]
        run_inspect(tmp_path / "import", import_task(tmp_path, sample=True)), Dataset
    )


def test_token_lengths_are_counted_for_every_row(
    tmp_path: Path, base: BaseModel, sample: Dataset
) -> None:
    known = msgspec.structs.replace(base, tokenizer_hash="t" * 64, template_hash="c" * 64)
    task = CountTokensTask(sample, known, sample.path)
    stats: TokenStats = result_of(run_inspect(tmp_path / "count", task), TokenStats)
    lengths = numpy.fromfile(lengths_path(sample.path, "t" * 64), "<u4")
    assert len(lengths) == sample.rows == sum(stats.bin_counts)
    assert len(stats.bin_edges) == len(stats.bin_counts) + 1 == 25
    assert stats.train_tokens + stats.validation_tokens == lengths.sum()
    assert stats.longest == lengths.max()
    row = next(read_rows(sample.path))
    text = AutoTokenizer.from_pretrained(base.path).apply_chat_template(
        [{"role": role, "content": content} for role, content in row.messages], tokenize=False
    )
    for special in ("<|im_start|>", "<|im_end|>"):
        text = text.replace(special, "x")
    assert lengths[0] == len(text.encode())  # the tiny tokenizer's tokens are bytes
    assert 0 < stats.train_supervised < stats.train_tokens


@pytest.mark.slow
def test_the_quick_tokenizer_is_the_one_that_transformers_chooses(built_in_base: BaseModel) -> None:
    quick = load_tokenizer(built_in_base.path)
    chosen = AutoTokenizer.from_pretrained(built_in_base.path)
    assert type(quick) is type(chosen)
    text = "Grüße! <|im_start|>user\n  tabs\tand 12345 🎉<|im_end|>\n"
    assert (
        quick(text, add_special_tokens=False)["input_ids"]
        == (chosen(text, add_special_tokens=False)["input_ids"])
    )
    assert quick.chat_template == chosen.chat_template


@pytest.mark.slow
def test_the_built_in_model_is_ready_to_use(built_in_base: BaseModel) -> None:
    assert built_in_base.name == "SmolLM2-135M-Instruct"
    assert (built_in_base.source, built_in_base.licence) == ("built-in", "Apache-2.0")
    assert built_in_base.parameters == 134_515_008
    assert (built_in_base.layers, built_in_base.context_length) == (30, 8192)
    verify_folder(Path(built_in_base.path))
    model: Any = AutoModelForCausalLM.from_pretrained(built_in_base.path)
    tokenizer = AutoTokenizer.from_pretrained(built_in_base.path)
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is the capital of France?"}],
        add_generation_prompt=True,
        return_tensors="pt",
    )
    answer = model.generate(**prompt, max_new_tokens=12, do_sample=False)
    assert "Paris" in tokenizer.decode(answer[0])


class Service:
    """A long-lived inspect worker."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "task.json").write_bytes(msgspec.json.encode(ServeInspect()))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "engine.workers.inspect", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(ServeMessage)

    def ask(self, request: msgspec.Struct) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(request) + b"\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        return self._decoder.decode(self.process.stdout.readline())


def test_the_service_answers_until_end_of_file(tmp_path: Path, base: BaseModel) -> None:
    service = Service(tmp_path / "serve")
    row = Row(3, 7, "train", (("user", "Hi"), ("assistant", "Yes")))
    with service.process:
        assert isinstance(service.hear(), Ready)
        service.ask(Recognise(1, base.path))
        service.ask(RenderRow(2, row, base, max_length=512))
        service.ask(RenderRow(3, row, msgspec.structs.replace(base, path="/gone"), max_length=9))
        service.ask(RenderRow(4, row, base, max_length=5))
        answers = [service.hear() for _ in range(4)]
        assert service.process.stdin is not None
        service.process.stdin.close()
        assert service.process.wait(20) == 0
    assert msgspec.json.decode(answers[0].result, type=Recognised) == Recognised("model")
    view = msgspec.json.decode(answers[1].result, type=TokenView)
    assert "".join(token.text for token in view.tokens if token.loss).startswith("Yes")
    assert isinstance(answers[2], RequestFailed)
    assert isinstance(answers[3], Answered)
    assert len(msgspec.json.decode(answers[3].result, type=TokenView).tokens) == 5


@pytest.mark.parametrize("how", ["cancel", "end of file"])
def test_a_cancelled_import_leaves_soon_and_nothing_behind(tmp_path: Path, how: str) -> None:
    path = tmp_path / "big.jsonl"
    line = json.dumps({"prompt": "p" * 200, "completion": "c" * 200}) + "\n"
    path.write_text(line * 400_000)
    job = tmp_path / "job"
    job.mkdir()
    (job / "task.json").write_bytes(msgspec.json.encode(import_task(tmp_path, path=str(path))))
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.workers.inspect", str(job)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()  # it is at work
        started = time.monotonic()
        if how == "cancel":
            process.stdin.write(msgspec.json.encode(Cancel()) + b"\n")
            process.stdin.flush()
        else:
            process.stdin.close()
        process.wait(10)
        assert time.monotonic() - started < 2.0
        assert process.returncode != -signal.SIGKILL
    assert list((tmp_path / "data").iterdir()) == []
