from pathlib import Path

import msgspec
import pytest
import torch
from msgspec.structs import replace

from engine.datasets.render import MASKED, read_rows
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel, Dataset, PackedBatch, Row
from engine.protocol.worker_messages import Answered, SampleBatch
from engine.workers.base_weights import load_base, load_tokenizer
from engine.workers.batch_sample import sample_batch
from engine.workers.methods import add_method
from engine.workers.trainer import PackedTrainer, arguments_of
from engine.workers.training import encode_splits
from tests.engine.workers.test_inspect import Service
from tests.fakes.published_rows import write_rows
from tests.fakes.training_job import tiny_base, tiny_spec, train_task


def wanted(dataset: Dataset, base: BaseModel, **more: int) -> SampleBatch:
    plain = {"batch_size": 4, "max_length": 512, "seed": 42}
    return SampleBatch(1, dataset, base, **(plain | more))


@pytest.mark.parametrize("seed", [42, 7])
def test_it_is_the_first_batch_that_training_draws_and_packs(tmp_path: Path, seed: int) -> None:
    spec = tiny_spec(seed=seed)
    task = train_task(tmp_path, spec)
    tokenizer = load_tokenizer(task.base)
    train_rows, _ = encode_splits(task.dataset, tokenizer, spec)
    base, packed = load_base(task.base, spec)
    trainer = PackedTrainer(
        model=add_method(base, spec.method, seed=seed),
        spec=spec,
        packed=packed,
        args=arguments_of(spec, total_steps=6, folder=str(tmp_path / "out"), validation_rows=0),
        train_rows=train_rows,
        validation_rows=(),
    )
    batch = next(iter(trainer.get_train_dataloader()))
    told = sample_batch(wanted(task.dataset, task.base, seed=seed), tokenizer)
    (part,) = batch["parts"]
    lengths = part["bounds"].diff().tolist()
    learned = [int((ids != MASKED).sum()) for ids in torch.split(part["labels"][0], lengths)]
    assert [row.tokens for row in told.rows] == lengths
    assert [row.supervised for row in told.rows] == learned
    assert told.tokens == int(batch["tokens"])
    assert told.supervised == int((batch["labels"] != MASKED).sum())
    assert told.padded_tokens == 4 * max(lengths) > told.tokens


def test_a_batch_names_training_rows_each_once(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    told = sample_batch(wanted(task.dataset, task.base, batch_size=1000), load_tokenizer(task.base))
    training = [row.number for row in read_rows(task.dataset.path) if row.split == "train"]
    assert sorted(row.number for row in told.rows) == training


def test_rows_over_the_limit_are_cut_and_those_without_loss_passed_over(tmp_path: Path) -> None:
    folder, rows = tmp_path / "rows", []
    for number, (question, answer) in enumerate((("a?", "yes " * 9), ("b " * 99, "no")), start=1):
        messages = (("user", question), ("assistant", answer))
        rows.append(Row(number, number, "train", messages))
    folder.mkdir()
    write_rows(folder, rows)
    dataset = Dataset("d" * 32, "two", 1, str(folder), "", "two.jsonl", rows=2)
    base = tiny_base(tmp_path / "tiny")
    request = wanted(dataset, base, max_length=50)
    told = sample_batch(request, load_tokenizer(base))
    assert [(row.number, row.tokens, row.cut > 0) for row in told.rows] == [(1, 50, True)]
    with pytest.raises(Refused, match="two has an answer to learn within 2 tokens"):
        sample_batch(replace(request, max_length=2), load_tokenizer(base))


def test_the_service_answers_with_a_batch(tmp_path: Path) -> None:
    task = train_task(tmp_path)
    service = Service(tmp_path / "serve")
    with service.process:
        service.hear()
        service.ask(wanted(task.dataset, task.base))
        answer = service.hear()
        assert service.process.stdin is not None
        service.process.stdin.close()
        assert service.process.wait(20) == 0
    assert isinstance(answer, Answered)
    told = msgspec.json.decode(answer.result, type=PackedBatch)
    assert told == sample_batch(wanted(task.dataset, task.base), load_tokenizer(task.base))
