"""`adapter-studio chat`: one reply for a script, or a conversation for a person."""

import sys
from contextlib import closing

import click
from msgspec.structs import replace

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.figures import swap
from engine.commands.names import find, find_adapter, find_checkpoint
from engine.commands.output import json_option, note, print_json, visible
from engine.commands.settings import set_option, settings_command, with_settings
from engine.protocol.events import ChatDelta, ChatDone, State
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, ReplyStamp
from engine.protocol.specs import ChatRequest, Message, SamplingSpec

HELP = (
    "/adapter NAME: swap, also RUN@STEP; /base: no adapter; /clear: forget the conversation;"
    " /quit: leave"
)


@click.command(cls=settings_command(SamplingSpec))
@click.option(
    "--model",
    required=True,
    metavar="BASE[:ADAPTER]",
    help="Who answers; RUN@STEP is a checkpoint.",
)
@click.option("--prompt", help="Ask this and leave; '-' reads it from standard input.")
@click.option("--system", default="", help="The system prompt.")
@set_option(SamplingSpec)
@json_option
def chat(
    model: str, prompt: str | None, system: str, settings: tuple[str, ...], as_json: bool
) -> None:
    """Chat with a base model or one of its adapters.

    Without --prompt a conversation begins, in which '/adapter NAME' swaps the adapter.
    """
    if as_json and prompt is None:
        raise click.UsageError("--json needs --prompt.")
    client = connect()
    request = replace(
        model_named(client.state(), model),
        messages=(Message("system", system),) if system else (),
        sampling=with_settings(SamplingSpec(), {}, settings),
    )
    if prompt is None:
        Conversation(client, request).run()
        return
    text = sys.stdin.read() if prompt == "-" else prompt
    done = say(client, _asking(request, text), aloud=not as_json)
    if as_json:
        print_json(done)
    else:
        note(_stamp(done.stamp, request.adapter))


def model_named(state: State, text: str) -> ChatRequest:
    """An empty request to "base" or "base:adapter"; either name may hold colons itself."""
    names = [text[:at] for at, character in enumerate(text) if character == ":"]
    for name in [text, *reversed(names)]:
        try:
            base = find("base model", state.models, name)
        except Refused:
            continue
        adapter_name = text[len(name) + 1 :]
        if not adapter_name and name != text:
            raise Refused("adapter.none", f"'{text}' names no adapter.", "Leave the colon out.")
        adapter = adapter_of(state, base.id, adapter_name).id if adapter_name else None
        return ChatRequest(base=base.id, messages=(), adapter=adapter)
    find("base model", state.models, names[0] if names else text)
    raise AssertionError("find refused nothing that the loop had not found")


def adapter_of(state: State, base: str, name: str) -> Adapter:
    """An adapter of that base, or a checkpoint of one of its runs."""
    runs = [run for run in state.runs if run.spec.base == base]
    return find_checkpoint(runs, name) or find_adapter(
        [each for each in state.adapters if each.base == base], name
    )


def say(client: EngineClient, request: ChatRequest, *, aloud: bool) -> ChatDone:
    """Ask for a reply; `aloud` prints it as it comes."""
    with closing(client.chat(request)) as events:
        for event in events:
            if isinstance(event, ChatDelta) and aloud:
                print(visible(event.text), end="", flush=True)
            elif isinstance(event, ChatDone):
                if aloud:
                    print()
                return event
    raise AssertionError("the client raises when a reply breaks off")


class Conversation:
    """A line loop. The adapter may change between two lines; what was said stays."""

    def __init__(self, client: EngineClient, request: ChatRequest) -> None:
        self.client = client
        self.request = request
        self.state = client.state()
        self.beginning = request.messages

    def run(self) -> None:
        if sys.stdin.isatty():
            note(HELP)
        while True:
            try:
                line = self._line()
            except (EOFError, KeyboardInterrupt):
                return
            try:
                if line == "/quit":
                    return
                if line.startswith("/"):
                    self._command(line)
                elif line:
                    self._ask(line)
            except Refused as refusal:
                if not sys.stdin.isatty():
                    raise
                note(f"error: {refusal.problem.message}\nhint: {refusal.problem.hint}")

    def _line(self) -> str:
        if not sys.stdin.isatty():
            return input().strip()
        if sys.platform != "win32":
            import readline  # noqa: F401  gives input() its editing and history
        return input(f"{self._who()}> ").strip()

    def _who(self) -> str:
        if not self.request.adapter:
            return "base"
        return adapter_of(self.state, self.request.base, self.request.adapter).name

    def _command(self, line: str) -> None:
        verb, _, name = line.partition(" ")
        if verb == "/adapter" and name:
            self.state = self.client.state()
            adapter = adapter_of(self.state, self.request.base, name.strip())
            self.request = replace(self.request, adapter=adapter.id)
        elif verb in ("/base", "/adapter"):
            self.request = replace(self.request, adapter=None)
        elif verb == "/clear":
            self.request = replace(self.request, messages=self.beginning)
        else:
            note(HELP)

    def _ask(self, text: str) -> None:
        asked = _asking(self.request, text)
        try:
            done = say(self.client, asked, aloud=True)
        except KeyboardInterrupt:
            note("\nStopped.")
            return
        note(_stamp(done.stamp, self._who()))
        answer = Message("assistant", done.text)
        self.request = replace(asked, messages=(*asked.messages, answer))


def _asking(request: ChatRequest, text: str) -> ChatRequest:
    return replace(request, messages=(*request.messages, Message("user", text)))


def _stamp(stamp: ReplyStamp, who: str | None) -> str:
    return (
        f"[{visible(who or 'base')} · swap {swap(stamp.swap_ms)}"
        f" · first token {stamp.first_token_ms:.0f} ms"
        f" · {stamp.tokens} tokens at {stamp.tokens_per_second:.0f} a second]"
    )
