"""`adapter-studio tour`: the whole job on the built-in sample, through the real engine."""

import time

import click
from rich.table import Table
from rich.text import Text

from engine.client import EngineClient
from engine.commands.chat import say
from engine.commands.connection import connect, use_home
from engine.commands.dataset_import import add
from engine.commands.figures import duration, loss, swap
from engine.commands.names import find
from engine.commands.output import console, visible
from engine.commands.progress import shown, watch
from engine.commands.tour_answers import RULE, Answers, answer_rows, held_out, prompt_of
from engine.commands.train import find_preset, start_training, wait_for_adapter, with_preset
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.events import ChatDone
from engine.protocol.jobs import Job
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel, Dataset, ModelStatus, Run
from engine.protocol.specs import TrainSpec

PRESET = "quick"
ADAPTER_AT_LEAST = 0.60  # share of held-out rows
BASE_UNDER = 0.10


@click.command()
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    help="The data folder, as in 'adapter-studio --home'.",
)
def tour(home: str | None) -> None:
    """See the whole job on a sample, in this terminal.

    Prepares the built-in base model, imports 240 support tickets, trains an adapter on 192 of
    them and compares base and adapter on the 48 that were held out. What it makes stays in the
    data folder and can be used afterwards.
    """
    if home:
        use_home(home)
    Tour(connect()).run()


class Tour:
    """The steps in order, each printing one line with its time when it is done."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self.console = console()
        self.began = time.monotonic()

    def run(self) -> None:
        self._heading("Adapter Studio: from a dataset to an adapter, on this machine alone")
        base = self._prepare_base()
        sample = self._import_sample()
        run, adapter = self._train(base, sample)
        rows = held_out(self.client, sample)
        answers = []
        for name, adapter_id in (("base", None), (adapter.name, adapter.id)):
            with shown(f"Ask {name}") as show:
                answers.append(answer_rows(self.client, rows, base.id, adapter_id, show))
        plain, trained = answers
        self._compare(plain, trained, adapter)
        self._swap(plain, trained, adapter)
        self._what_next(base, adapter, run)
        _judge(plain, trained)

    def _prepare_base(self) -> BaseModel:
        began = time.monotonic()
        base = _built_in(self.client)
        found = base.status is ModelStatus.READY
        if not found:
            watch(self.client, _preparation(self.client, base))
            base = _built_in(self.client)
        self._step("Base model", f"{base.name} {'was' if found else 'is'} ready", began)
        return base

    def _import_sample(self) -> Dataset:
        began = time.monotonic()
        known = [dataset for dataset in self.client.state().datasets if dataset.sample]
        sample = known[0] if known else add(self.client, AddDataset(sample=True))
        rows = f"{sample.train_rows} rows to learn from, {sample.validation_rows} held out"
        self._step("Dataset", f"{sample.name}: {rows}", began)
        return sample

    def _train(self, base: BaseModel, sample: Dataset) -> tuple[Run, Adapter]:
        began = time.monotonic()
        preset = find_preset(self.client.state(), PRESET)
        wanted = TrainSpec(base=base.id, dataset=sample.id)
        run = start_training(self.client, with_preset(wanted, preset, ()))
        adapter = wait_for_adapter(self.client, run)
        run = find("run", self.client.state().runs, run.id)
        words = f"{adapter.name}: {run.step} steps"
        if run.best_loss is not None:
            words += f", validation loss {loss(run.best_loss)}"
        self._step("Training", words, began)
        return run, adapter

    def _compare(self, plain: Answers, trained: Answers, adapter: Adapter) -> None:
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
        table.add_column(f"{len(plain.rows)} held-out tickets")
        for title in ("Exactly right", "Share", "First token", "All answers"):
            table.add_column(title, justify="right")
        for name, answers in (("base", plain), (f"base + {adapter.name}", trained)):
            table.add_row(
                visible(name),
                f"{answers.right} of {len(answers.rows)}",
                f"{answers.share:.0%}",
                f"{answers.first_token_ms:.0f} ms",
                duration(answers.elapsed_s),
            )
        self.console.print()
        self.console.print(table)
        self.console.print(Text(RULE, style="dim"))

    def _swap(self, plain: Answers, trained: Answers, adapter: Adapter) -> None:
        """One prompt, answered by the base and, right after, by the adapter."""
        row = plain.rows[0]
        asked = [
            say(self.client, answers.request(row), aloud=False) for answers in (plain, trained)
        ]
        grid = Table.grid(padding=(0, 3, 0, 0))
        grid.add_column(style="dim")
        grid.add_column(overflow="fold")
        grid.add_row("Ticket", Text(visible(prompt_of(row))))
        for name, done in zip(("base", adapter.name), asked, strict=True):
            grid.add_row(name, Text(visible(_one_line(done))))
        grid.add_row("Swap", f"{swap(asked[1].stamp.swap_ms)} from the base to the adapter")
        self.console.print()
        self.console.print(grid)

    def _what_next(self, base: BaseModel, adapter: Adapter, run: Run) -> None:
        lines = (
            f"adapter-studio chat --model '{base.name}:{adapter.name}'",
            f"adapter-studio train --base '{base.name}' --data YOUR_FILE.jsonl --wait",
            "adapter-studio open",
        )
        self._heading(f"The tour took {duration(time.monotonic() - self.began)}. What next:")
        for line in lines:
            self.console.print(Text(f"  {visible(line)}"), soft_wrap=True)

    def _heading(self, text: str) -> None:
        self.console.print()
        self.console.print(Text(text, style="bold"))

    def _step(self, name: str, words: str, began: float) -> None:
        took = duration(time.monotonic() - began)
        line = Text.assemble((f"{name:<12}", "dim"), visible(words), (f"  {took}", "dim"))
        self.console.print(line)


def _built_in(client: EngineClient) -> BaseModel:
    return next(model for model in client.state().models if model.source == "built-in")


def _preparation(client: EngineClient, base: BaseModel) -> Job:
    """The job that makes the base ready, set going again if it had ended without that."""
    job = max(
        (each for each in client.state().jobs if each.subject == base.id),
        key=lambda each: each.created_at,
    )
    if job.ended:
        client.send("POST", f"/api/jobs/{job.id}/resume")
    return job


def _one_line(done: ChatDone) -> str:
    cut = " ..." if done.stamp.finish == "length" else ""
    return " ".join(done.text.split()) + cut


def _judge(plain: Answers, trained: Answers) -> None:
    """Raise Refused unless the adapter is clearly right where the base is not."""
    if trained.share < ADAPTER_AT_LEAST or plain.share >= BASE_UNDER:
        raise Refused(
            "tour.not-learned",
            f"The adapter was exactly right on {trained.share:.0%} and the base on"
            f" {plain.share:.0%} of the held-out rows.",
            f"At least {ADAPTER_AT_LEAST:.0%} and under {BASE_UNDER:.0%} are expected.",
        )
