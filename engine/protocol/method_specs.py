"""How a base is adapted: one spec per method, with the few options that are its own.

A method's title and its sentence of consequence are in `METHODS`; its docstring names the source.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.inspect import StructType, type_info

TargetModules = Literal["all-linear", "attention", "query-value"]

Rank = Annotated[
    int,
    Meta(ge=1, le=512, title="Rank", description="Capacity of the adapter.",
         extra={"shown": True}),
]  # fmt: skip
Alpha = Annotated[
    float,
    Meta(gt=0, le=4096, title="Alpha", description="The update is scaled by alpha / rank.",
         extra={"shown": True}),
]  # fmt: skip
Dropout = Annotated[
    float,
    Meta(ge=0, lt=1, title="Dropout",
         description="Share of the adapter's input dropped while training."),
]  # fmt: skip
ModuleDropout = Annotated[
    float,
    Meta(ge=0, lt=1, title="Dropout",
         description="Chance that a layer's adapter is left out of a step."),
]  # fmt: skip
Targets = Annotated[
    TargetModules, Meta(title="Target modules", description="Which linear layers get an adapter.")
]
Rslora = Annotated[
    bool,
    Meta(title="Rank-stabilised",
         description="Scales by alpha / √rank, so that high ranks learn as fast (rsLoRA)."),
]  # fmt: skip
Dora = Annotated[
    bool,
    Meta(title="Weight-decomposed",
         description="Learns direction and magnitude apart; better at low ranks, slower (DoRA)."),
]  # fmt: skip
LearningRateRatio = Annotated[
    float,
    Meta(ge=1, le=64, title="Learning rate of B",
         description="Times that of A; 16 is usual for LoRA+, 1 is plain LoRA.",
         extra={"unit": "times"}),
]  # fmt: skip
VirtualTokens = Annotated[
    int,
    Meta(ge=1, le=1024, title="Virtual tokens",
         description="Learned tokens before every prompt; they use up context.",
         extra={"shown": True, "unit": "tokens"}),
]  # fmt: skip


class LoraSpec(Struct, frozen=True, tag="lora", tag_field="kind", forbid_unknown_fields=True):
    """Low-rank adaptation (Hu et al., 2021, arXiv:2106.09685).

    Options: rsLoRA (Kalajdzievski, 2023, arXiv:2312.03732), DoRA (Liu et al., 2024,
    arXiv:2402.09353), PiSSA (Meng et al., 2024, arXiv:2404.02948) and LoRA+ (Hayou et al., 2024,
    arXiv:2402.12354).
    """

    rank: Rank = 16
    alpha: Alpha = 32.0
    dropout: Dropout = 0.0
    target_modules: Targets = "all-linear"
    rslora: Rslora = False
    dora: Dora = False
    init: Annotated[
        Literal["zero", "pissa"],
        Meta(title="First weights",
             description="zero: no change at first; pissa: the base's main directions, which "
             "learn faster; the file has twice the rank then."),
    ] = "zero"  # fmt: skip
    learning_rate_ratio: LearningRateRatio = 1.0


class QloraSpec(Struct, frozen=True, tag="qlora", tag_field="kind", forbid_unknown_fields=True):
    """LoRA over a base of 4 bits, NF4 (Dettmers et al., 2023, arXiv:2305.14314).

    LoftQ: Li et al., 2023, arXiv:2310.08659.
    """

    rank: Rank = 16
    alpha: Alpha = 32.0
    dropout: Dropout = 0.0
    target_modules: Targets = "all-linear"
    double_quantization: Annotated[
        bool,
        Meta(title="Double quantization",
             description="Rounds the scales as well: 0.4 bits less for each weight."),
    ] = True  # fmt: skip
    init: Annotated[
        Literal["zero", "loftq"],
        Meta(title="First weights",
             description="zero: no change at first; loftq: makes up for the rounding to 4 bits; "
             "the file has twice the rank then."),
    ] = "zero"  # fmt: skip
    rslora: Rslora = False
    learning_rate_ratio: LearningRateRatio = 1.0


class AdaLoraSpec(Struct, frozen=True, tag="adalora", tag_field="kind", forbid_unknown_fields=True):
    """LoRA whose rank moves to where it helps (Zhang et al., 2023, arXiv:2303.10512)."""

    rank: Annotated[
        int,
        Meta(ge=1, le=512, title="Rank", description="Mean rank at the end.",
             extra={"shown": True}),
    ] = 8  # fmt: skip
    initial_rank: Annotated[
        int,
        Meta(ge=1, le=512, title="Initial rank",
             description="Of every layer at first; above the rank.", extra={"shown": True}),
    ] = 12  # fmt: skip
    alpha: Annotated[
        float,
        Meta(gt=0, le=4096, title="Alpha", description="The update is scaled by alpha."),
    ] = 32.0  # fmt: skip
    dropout: Dropout = 0.0
    target_modules: Targets = "all-linear"
    warmup_share: Annotated[
        float,
        Meta(ge=0, le=0.9, title="Share before pruning",
             description="Of the steps in which every layer keeps its initial rank."),
    ] = 0.1  # fmt: skip
    final_share: Annotated[
        float,
        Meta(ge=0, le=0.9, title="Share after pruning",
             description="Of the steps in which the ranks are settled."),
    ] = 0.3  # fmt: skip
    orthogonality: Annotated[
        float,
        Meta(ge=0, le=10, title="Orthogonality",
             description="Weight of the pull that keeps directions apart."),
    ] = 0.5  # fmt: skip


class Ia3Spec(Struct, frozen=True, tag="ia3", tag_field="kind", forbid_unknown_fields=True):
    """Scales keys, values and feed-forward activations (Liu et al., 2022, arXiv:2205.05638)."""

    feed_forward: Annotated[
        bool,
        Meta(title="Feed-forward layers",
             description="Scales their inner activations too, not only keys and values.",
             extra={"shown": True}),
    ] = True  # fmt: skip


class VeraSpec(Struct, frozen=True, tag="vera", tag_field="kind", forbid_unknown_fields=True):
    """Frozen random matrices, learned scales (Kopiczko et al., 2023, arXiv:2310.11454)."""

    rank: Annotated[
        int,
        Meta(ge=1, le=4096, title="Rank",
             description="Of the shared random matrices; only scales are learned.",
             extra={"shown": True}),
    ] = 256  # fmt: skip
    dropout: Dropout = 0.0
    target_modules: Targets = "all-linear"
    initial_scale: Annotated[
        float, Meta(gt=0, le=10, title="First scale", description="Of the scales on the rank.")
    ] = 0.1


class LohaSpec(Struct, frozen=True, tag="loha", tag_field="kind", forbid_unknown_fields=True):
    """Hadamard product of two low-rank updates (Hyeon-Woo et al., 2021, arXiv:2108.06098)."""

    rank: Rank = 8
    alpha: Alpha = 16.0
    dropout: ModuleDropout = 0.0
    target_modules: Targets = "all-linear"


class LokrSpec(Struct, frozen=True, tag="lokr", tag_field="kind", forbid_unknown_fields=True):
    """Kronecker product of small matrices (Yeh et al., 2023, arXiv:2309.14859)."""

    rank: Rank = 8
    alpha: Alpha = 16.0
    dropout: ModuleDropout = 0.0
    target_modules: Targets = "all-linear"


class OftSpec(Struct, frozen=True, tag="oft", tag_field="kind", forbid_unknown_fields=True):
    """Rotates the inputs of layers in blocks (Qiu et al., 2023, arXiv:2306.07280)."""

    block_size: Annotated[
        int,
        Meta(ge=2, le=1024, title="Block size",
             description="Inputs that are rotated together; a layer takes the nearest that fits.",
             extra={"shown": True}),
    ] = 32  # fmt: skip
    dropout: ModuleDropout = 0.0
    target_modules: Targets = "all-linear"


class PrefixSpec(Struct, frozen=True, tag="prefix", tag_field="kind", forbid_unknown_fields=True):
    """Learned keys and values before every layer (Li & Liang, 2021, arXiv:2101.00190)."""

    virtual_tokens: VirtualTokens = 16


class PromptSpec(Struct, frozen=True, tag="prompt", tag_field="kind", forbid_unknown_fields=True):
    """Learned embeddings before the prompt (Lester et al., 2021, arXiv:2104.08691)."""

    virtual_tokens: VirtualTokens = 16
    first_text: Annotated[
        str,
        Meta(max_length=2000, title="First text",
             description="What the virtual tokens say at first; empty: random words."),
    ] = ""  # fmt: skip


class LayerNormSpec(
    Struct, frozen=True, tag="layernorm", tag_field="kind", forbid_unknown_fields=True
):
    """Trains the normalization layers alone (Zhao et al., 2023, arXiv:2312.11420)."""


class BottleneckSpec(
    Struct, frozen=True, tag="bottleneck", tag_field="kind", forbid_unknown_fields=True
):
    """Small networks after the sublayers (Houlsby et al., 2019, arXiv:1902.00751; Pfeiffer et
    al., 2020, arXiv:2005.00052).
    """

    size: Annotated[
        int,
        Meta(ge=1, le=4096, title="Bottleneck size",
             description="Width of the networks; wider learns more.", extra={"shown": True}),
    ] = 64  # fmt: skip
    places: Annotated[
        Literal["houlsby", "pfeiffer"],
        Meta(title="Places",
             description="houlsby: after attention and feed-forward; pfeiffer: after "
             "feed-forward alone, half the size.", extra={"shown": True}),
    ] = "houlsby"  # fmt: skip
    activation: Annotated[
        Literal["relu", "gelu", "silu", "tanh"],
        Meta(title="Activation", description="Of the networks."),
    ] = "gelu"


MethodSpec = (
    LoraSpec
    | QloraSpec
    | AdaLoraSpec
    | Ia3Spec
    | VeraSpec
    | LohaSpec
    | LokrSpec
    | OftSpec
    | PrefixSpec
    | PromptSpec
    | LayerNormSpec
    | BottleneckSpec
)


class Method(Struct, frozen=True):
    """A method as people choose it."""

    kind: str
    title: str
    sentence: str  # the consequence of choosing it
    spec: type[Struct]


METHODS = (
    Method("lora", "LoRA", "Small add-on matrices. The safe default.", LoraSpec),
    Method("qlora", "QLoRA", "LoRA over the base in 4 bits: less memory, slower.", QloraSpec),
    Method("adalora", "AdaLoRA", "Moves rank to the layers that need it.", AdaLoraSpec),
    Method("ia3", "IA³", "A few thousand scales. Tiny files, gentle changes.", Ia3Spec),
    Method("vera", "VeRA", "Learns scales over fixed random matrices.", VeraSpec),
    Method("loha", "LoHa", "More expressive than LoRA of its size, slower.", LohaSpec),
    Method("lokr", "LoKr", "Very small files from Kronecker products.", LokrSpec),
    Method("oft", "OFT", "Rotates layers; keeps what the base knows best.", OftSpec),
    Method("prefix", "Prefix tuning", "Learned context in every layer. Uses up context.",
           PrefixSpec),
    Method("prompt", "Prompt tuning", "A learned prompt. The smallest; needs many steps.",
           PromptSpec),
    Method("layernorm", "Layer-norm tuning", "Trains only the norms: style more than skill.",
           LayerNormSpec),
    Method("bottleneck", "Bottleneck adapters", "Small networks between layers; cannot be merged.",
           BottleneckSpec),
)  # fmt: skip


def kind_of(method: Struct) -> str:
    """Its tag: "lora", "qlora", ..."""
    return str(method.__struct_config__.tag)


def method_of(kind: str) -> Method:
    return next(each for each in METHODS if each.kind == kind)


def targets_of(method: Struct) -> str:
    """Its target modules, empty where the method has no choice of them."""
    return getattr(method, "target_modules", "")


def size_of(method: Struct) -> int:
    """What makes it larger: the rank, the block size or the number of virtual tokens; else 0."""
    names = ("rank", "block_size", "virtual_tokens", "size")
    return next((getattr(method, name) for name in names if hasattr(method, name)), 0)


def short_name_of(method: Struct) -> str:
    """For the name of an adapter: "r16", "ia3", "prefix 16"."""
    size = size_of(method)
    if isinstance(method, LoraSpec):
        return f"r{size}"
    return f"{kind_of(method)} {size}" if size else kind_of(method)


def is_low_rank(method: Struct) -> bool:
    """Whether its files are a LoRA adapter's."""
    return isinstance(method, LoraSpec | QloraSpec)


def kinds_of(union: tuple[type[Struct], ...]) -> dict[str, type[Struct]]:
    """The structs of a tagged union by their tags."""
    found = {}
    for each in union:
        info = type_info(each)
        assert isinstance(info, StructType)
        found[str(info.tag)] = each
    return found
