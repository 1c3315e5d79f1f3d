"""Which chat template a base speaks: its own, or the built-in plain one."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

PLAIN = "Plain template"

# Known by their turn marker, so that a person reads a name and not Jinja.
MARKERS = (
    ("<|im_start|>", "ChatML template"),
    ("<|start_header_id|>", "Llama 3 template"),
    ("<start_of_turn>", "Gemma template"),
    ("[INST]", "Mistral template"),
    ("<|assistant|>", "Zephyr template"),
    ("### Response", "Alpaca template"),
)


def chat_template(own: Any, *, for_tools: bool = False) -> str:
    """The Jinja text to render with, given a tokenizer's `chat_template` attribute.

    A tokenizer with several named templates keeps them in a dict; the default one is taken, for a
    row with tools the one that is made for them.
    """
    if isinstance(own, dict):
        own = (
            (own.get("tool_use") if for_tools else None)
            or own.get("default")
            or next(iter(own.values()), None)
        )
    return own or plain_template()


def template_name(own: Any) -> str:
    """A name to show for what `chat_template` returns."""
    if not own:
        return PLAIN
    text = chat_template(own)
    return next((name for marker, name in MARKERS if marker in text), "The model's own template")


@lru_cache(maxsize=1)
def plain_template() -> str:
    """The template of a base that has none: the Instruction and Response headings of Alpaca."""
    return (files("resources") / "templates" / "plain.jinja").read_text("utf-8")
