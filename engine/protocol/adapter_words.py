"""What an adapter is, in the words that the window and the command line share."""

from engine.protocol.method_specs import METHODS
from engine.protocol.records import Adapter

TITLES = {each.kind: each.title for each in METHODS} | {"dora": "DoRA"}
SIZES = {"oft": "block {}", "prefix": "{} tokens", "prompt": "{} tokens",
         "bottleneck": "size {}"}  # fmt: skip


def method_name(adapter: Adapter) -> str:
    """ "LoRA", "IA³", "Prefix tuning"; LoRA on a base of 4 bits is QLoRA."""
    if adapter.method == "lora" and adapter.base_bits:
        return TITLES["qlora"]
    return TITLES.get(adapter.method, adapter.method)


def size_words(adapter: Adapter) -> str:
    """ "rank 16", "block 32", "16 tokens"; nothing where the method has no size."""
    return SIZES.get(adapter.method, "rank {}").format(adapter.rank) if adapter.rank else ""


def method_words(adapter: Adapter) -> str:
    """ "LoRA, rank 16", "OFT, block 32", "IA³"."""
    return ", ".join(word for word in (method_name(adapter), size_words(adapter)) if word)


def trained_on(adapter: Adapter) -> str:
    """ "trained on 4 bits"; nothing where the base had its own precision."""
    return f"trained on {adapter.base_bits} bits" if adapter.base_bits else ""
