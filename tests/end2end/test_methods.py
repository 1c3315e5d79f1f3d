"""Adapters of other methods through a real engine: imported, asked over every door, as a run's."""

import json
from contextlib import closing
from pathlib import Path

import openai
import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.client import EngineClient
from engine.protocol.events import ChatDone, RunChanged
from engine.protocol.jobs import Job, JobState
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel, Run
from engine.protocol.specs import ChatRequest, Message, SamplingSpec
from tests.end2end.conftest import CommandLine
from tests.fakes.any_method import write_method

pytestmark = pytest.mark.slow

NAMES = ("lora", "ia3", "prefix", "oft")
ASKED = ("--prompt", "Say number 3.", "--set", "temperature=0", "--set", "max_tokens=12")
ROWS = "".join(
    f'{{"prompt": "Say number {number}.", "completion": "It is {number}."}}\n'
    for number in range(40)
)


@pytest.fixture(scope="module")
def client(cli: CommandLine) -> EngineClient:
    client = EngineClient.attach(cli.home)
    assert client is not None
    return client


@pytest.fixture(scope="module")
def imported(
    cli: CommandLine, base: BaseModel, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Adapter]:
    folder = tmp_path_factory.mktemp("methods")
    found = {}
    for seed, name in enumerate(NAMES):
        write_method(base, folder / name, name, seed=seed)
        cli.run("adapters", "import", str(folder / name), "--name", f"my-{name}")
        found[name] = cli.read(Adapter, "adapters", "show", f"my-{name}")
    return found


def stock_reply(base: BaseModel, adapter: Adapter) -> str:
    tokenizer = AutoTokenizer.from_pretrained(base.path)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base.path), adapter.path)
    encoded = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Say number 3."}],
        add_generation_prompt=True, return_tensors="pt",
    )  # fmt: skip
    with torch.no_grad():
        ids = model.eval().generate(**encoded, do_sample=False, max_new_tokens=12)
    text: str = tokenizer.decode(ids[0, encoded["input_ids"].shape[1] :], skip_special_tokens=True)
    return text


@pytest.mark.filterwarnings("ignore:Position ids are not supported")
def test_the_command_line_and_the_v1_api_say_what_stock_peft_says(
    cli: CommandLine, base: BaseModel, client: EngineClient, imported: dict[str, Adapter]
) -> None:
    plain = cli.read(ChatDone, "chat", "--model", "Tiny", *ASKED).text
    with openai.OpenAI(
        base_url=f"{client.engine.base_url}/v1", api_key=client.engine.token
    ) as stock_client:
        for name in (*NAMES, *reversed(NAMES)):
            adapter = imported[name]
            done = cli.read(ChatDone, "chat", "--model", f"Tiny:{adapter.name}", *ASKED)
            assert done.stamp.adapter_hash == adapter.hash
            answer = stock_client.chat.completions.create(
                model=f"Tiny:{adapter.name}", temperature=0, max_tokens=12,
                messages=[{"role": "user", "content": "Say number 3."}],
            )  # fmt: skip
            assert answer.choices[0].message.content == done.text
            assert done.text.rstrip("\ufffd") == stock_reply(base, adapter).rstrip("\ufffd")
            assert done.text != plain
            assert cli.read(ChatDone, "chat", "--model", "Tiny", *ASKED).text == plain


def test_the_command_line_says_what_each_one_is(
    cli: CommandLine, imported: dict[str, Adapter]
) -> None:
    words = cli.run("adapters", "list")[0]
    for told in ("LoRA, rank 4", "IA³", "Prefix tuning, 4 tokens", "OFT, block 8"):
        assert told in words
    assert "OFT, block 8" in cli.run("adapters", "show", imported["oft"].name)[0]


def test_an_adapter_that_fits_no_base_is_refused_with_its_first_tensor(
    cli: CommandLine, base: BaseModel, tmp_path: Path
) -> None:
    write_method(base, tmp_path / "ia3", "ia3")
    path = tmp_path / "ia3" / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "peft_type": "VERA", "r": 8}))
    _, errors = cli.run("adapters", "import", str(tmp_path / "ia3"), status=1)
    assert "holds no weights of its method, vera" in errors


def checkpoint_of(client: EngineClient, run: Run) -> int:
    """The step of its first checkpoint, once there is one."""
    state = client.state()
    found = next(each for each in state.runs if each.id == run.id)
    if found.checkpoints:
        return found.checkpoints[-1].step
    for _, event in client.events(state.sequence):
        if isinstance(event, RunChanged) and event.run.id == run.id and event.run.checkpoints:
            return event.run.checkpoints[-1].step
    raise AssertionError("the engine hung up")


@pytest.mark.parametrize("method", ["ia3", "prefix"])
def test_a_checkpoint_answers_while_its_run_goes_on(
    method: str, cli: CommandLine, base: BaseModel, client: EngineClient, tmp_path: Path
) -> None:
    data = tmp_path / "numbers.jsonl"
    data.write_text(ROWS)
    run = cli.read(
        Run, "train", "--base", "Tiny", "--data", str(data), "--name", f"long-{method}",
        "--set", f"method.kind={method}", "--set", "epochs=1000", "--set", "batch_size=4",
        "--set", "threads=1", "--set", "checkpoint_every=100", "--set", "eval_every=100",
    )  # fmt: skip
    step = checkpoint_of(client, run)
    done = cli.read(ChatDone, "chat", "--model", f"Tiny:long-{method}@{step}", *ASKED)
    assert client.get(f"/api/jobs/{run.job}", Job).state is JobState.RUNNING
    assert done.stamp.adapter == f"{run.id}@{step}"
    assert done.stamp.adapter_hash
    request = ChatRequest(
        base=base.id, messages=(Message("user", "Say number 3."),), adapter=f"{run.id}@{step}",
        sampling=SamplingSpec(temperature=0, max_tokens=12),
    )  # fmt: skip
    checkpoints = [f"long-{method}@{step}", f"#{run.number}@{step}", f"{run.id}@{step}"]
    with openai.OpenAI(
        base_url=f"{client.engine.base_url}/v1", api_key=client.engine.token
    ) as stock_client:
        for name in checkpoints:
            answer = stock_client.chat.completions.create(
                model=f"Tiny:{name}", temperature=0, max_tokens=12,
                messages=[{"role": "user", "content": "Say number 3."}],
            )  # fmt: skip
            assert answer.choices[0].message.content == done.text
    cli.run("jobs", "cancel", run.job)
    with closing(client.chat(request)) as events:
        again = next(event for event in events if isinstance(event, ChatDone))
    assert again.stamp.adapter_hash == done.stamp.adapter_hash
    with pytest.raises(Refused, match="keeps no checkpoint of step 999999"):
        client.send("POST", "/api/chat", {"base": base.id, "messages": [],
                                          "adapter": f"{run.id}@999999"})  # fmt: skip
