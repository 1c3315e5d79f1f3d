import pytest

from engine.protocol.adapter_words import method_name, method_words, trained_on
from engine.protocol.method_specs import METHODS
from engine.protocol.records import Adapter


def adapter(method: str, size: int = 0, *, bits: int = 0) -> Adapter:
    return Adapter("a", "Tone", 1, "/a", "h", method=method, rank=size, base_bits=bits)


@pytest.mark.parametrize(
    ("method", "size", "words"),
    [
        ("lora", 16, "LoRA, rank 16"),
        ("adalora", 8, "AdaLoRA, rank 8"),
        ("ia3", 0, "IA³"),
        ("vera", 256, "VeRA, rank 256"),
        ("loha", 8, "LoHa, rank 8"),
        ("lokr", 8, "LoKr, rank 8"),
        ("oft", 32, "OFT, block 32"),
        ("oft", 0, "OFT"),
        ("prefix", 16, "Prefix tuning, 16 tokens"),
        ("prompt", 16, "Prompt tuning, 16 tokens"),
        ("layernorm", 0, "Layer-norm tuning"),
        ("bottleneck", 64, "Bottleneck adapters, size 64"),
        ("something-new", 3, "something-new, rank 3"),
    ],
)
def test_a_method_is_named_with_what_its_size_means(method: str, size: int, words: str) -> None:
    assert method_words(adapter(method, size)) == words


def test_lora_over_four_bits_is_qlora_and_says_so() -> None:
    assert method_words(adapter("lora", 16, bits=4)) == "QLoRA, rank 16"
    assert trained_on(adapter("lora", 16, bits=4)) == "trained on 4 bits"
    assert trained_on(adapter("lora", 16)) == ""


def test_every_method_has_its_title() -> None:
    for method in METHODS:
        bits = 4 if method.kind == "qlora" else 0
        kind = "lora" if bits else method.kind
        assert method_name(adapter(kind, bits=bits)) == method.title
