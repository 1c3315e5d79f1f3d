"""What a person may ask for: every option is one field, declared here and nowhere else.

The form, the command line flag, the TOML key, the API schema and the documentation are drawn
from these declarations. `Meta.extra` may hold `unit`, and `shown: True` for the few options that
the form shows without being asked.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from engine.protocol.method_specs import LoraSpec, MethodSpec

Text = Annotated[str, Meta(max_length=4096)]
Schedule = Literal[
    "cosine", "linear", "constant", "polynomial", "cosine-restarts", "inverse-sqrt",
    "warmup-stable-decay",
]  # fmt: skip
Optimizer = Literal[
    "adamw", "adamw-8bit", "paged-adamw", "paged-adamw-8bit", "adafactor", "lion", "lion-8bit",
    "sgd",
]  # fmt: skip
Precision = Literal["auto", "float32", "bfloat16", "float16"]
LossOn = Literal["answers", "everything"]
LENGTH, OPTIMIZER, LOSS = "Length and order", "Optimizer", "Loss"
SPEED, CHECKS = "Memory and speed", "Evaluations and checkpoints"


class TrainSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One training run, complete: the same spec on the same machine gives the same adapter."""

    base: Annotated[
        str, Meta(max_length=256, title="Base model", description="Id or name of a base model.")
    ]
    dataset: Annotated[
        str, Meta(max_length=256, title="Dataset", description="Id or name of a dataset.")
    ]
    name: Annotated[
        str,
        Meta(
            max_length=120,
            title="Name",
            description="Name of the adapter; empty: made from the dataset and the method.",
        ),
    ] = ""
    preset: Annotated[
        str,
        Meta(max_length=64, title="Preset", description="The preset the settings started from."),
    ] = "balanced"
    method: MethodSpec = LoraSpec()
    learning_rate: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            title="Learning rate",
            description="Size of a step at the top of the schedule.",
            extra={"shown": True},
        ),
    ] = 2e-4
    batch_size: Annotated[
        int,
        Meta(
            ge=1,
            le=1024,
            title="Batch size",
            description="Examples packed into one forward pass.",
            extra={"shown": True, "unit": "rows"},
        ),
    ] = 8
    max_length: Annotated[
        int,
        Meta(
            ge=16,
            le=131072,
            title="Max length",
            description="Longer examples are cut at the end.",
            extra={"shown": True, "unit": "tokens"},
        ),
    ] = 512
    early_stopping: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            title="Early stopping",
            description="Evaluations without gain before the run ends; 0 never stops early.",
            extra={"shown": True, "unit": "evaluations"},
        ),
    ] = 5
    epochs: Annotated[
        float,
        Meta(
            gt=0,
            le=1000,
            title="Epochs",
            description="Passes over the training rows.",
            extra={"group": LENGTH},
        ),
    ] = 3.0
    max_steps: Annotated[
        int,
        Meta(
            ge=0,
            title="Max steps",
            description="Ends the run after this many steps; 0 goes by epochs.",
            extra={"group": LENGTH, "unit": "steps"},
        ),
    ] = 0
    accumulation: Annotated[
        int,
        Meta(
            ge=1,
            le=1024,
            title="Accumulation",
            description="Batches added up before one optimizer step.",
            extra={"group": LENGTH, "unit": "batches"},
        ),
    ] = 1
    optimizer: Annotated[
        Optimizer,
        Meta(
            title="Optimizer",
            description="8-bit ones need a quarter of the memory for their state; paged ones "
            "move it to the processor's memory when the GPU's is short.",
            extra={"group": OPTIMIZER},
        ),
    ] = "adamw"
    schedule: Annotated[
        Schedule,
        Meta(
            title="Schedule",
            description="How the learning rate falls after the warm-up.",
            extra={"group": OPTIMIZER},
        ),
    ] = "cosine"
    warmup_ratio: Annotated[
        float,
        Meta(
            ge=0,
            lt=1,
            title="Warm-up",
            description="Share of the steps in which the learning rate rises.",
            extra={"group": OPTIMIZER},
        ),
    ] = 0.05
    weight_decay: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="Weight decay",
            description="Pull of the adapter's weights towards zero.",
            extra={"group": OPTIMIZER},
        ),
    ] = 0.0
    max_grad_norm: Annotated[
        float,
        Meta(
            gt=0,
            le=1000,
            title="Gradient clipping",
            description="Largest norm of the gradient in one step.",
            extra={"group": OPTIMIZER},
        ),
    ] = 1.0
    label_smoothing: Annotated[
        float,
        Meta(
            ge=0,
            lt=1,
            title="Label smoothing",
            description="Share of the target that is spread over all tokens, against "
            "overconfidence.",
            extra={"group": LOSS},
        ),
    ] = 0.0
    neftune_alpha: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            title="NEFTune noise",
            description="Noise on the embeddings while training, 5 is usual; 0 is off.",
            extra={"group": LOSS},
        ),
    ] = 0.0
    loss_on: Annotated[
        LossOn,
        Meta(
            title="Loss on",
            description="answers: only what the assistant says; everything: prompts too.",
            extra={"group": LOSS},
        ),
    ] = "answers"
    precision: Annotated[
        Precision,
        Meta(
            title="Precision",
            description="auto: bfloat16 on a GPU that has it, else float32.",
            extra={"group": SPEED},
        ),
    ] = "auto"
    gradient_checkpointing: Annotated[
        bool,
        Meta(
            title="Gradient checkpointing",
            description="Reckons activations twice instead of keeping them: less memory, "
            "about a third slower.",
            extra={"group": SPEED},
        ),
    ] = False
    eval_every: Annotated[
        int,
        Meta(
            ge=0,
            title="Evaluate every",
            description="Steps between validation losses; 0 chooses up to ten a run.",
            extra={"group": CHECKS, "unit": "steps"},
        ),
    ] = 0
    checkpoint_every: Annotated[
        int,
        Meta(
            ge=0,
            title="Checkpoint every",
            description="Steps between checkpoints; 0 follows the evaluations.",
            extra={"group": CHECKS, "unit": "steps"},
        ),
    ] = 0
    stop_on_spike: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            title="Stop on a spike",
            description="Ends the run at a loss so many times the highest of late; 0 goes on.",
            extra={"unit": "times"},
        ),
    ] = 3.0
    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=2**31 - 1,
            title="Seed",
            description="Fixes the order of the data, the first weights and the dropout.",
            extra={"group": LENGTH},
        ),
    ] = 42
    workers: Annotated[
        int,
        Meta(
            ge=0,
            le=64,
            title="Data workers",
            description="Processes that put batches together; 0 does it between steps.",
            extra={"group": SPEED, "unit": "processes"},
        ),
    ] = 0
    threads: Annotated[
        int,
        Meta(
            ge=0,
            le=1024,
            title="Threads",
            description="Processor threads; 0 uses every core.",
            extra={"group": SPEED, "unit": "threads"},
        ),
    ] = 0


class SamplingSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """How a reply is drawn from the model's probabilities."""

    temperature: Annotated[
        float,
        Meta(
            ge=0,
            le=2,
            title="Temperature",
            description="0 always takes the likeliest token.",
            extra={"shown": True},
        ),
    ] = 0.2
    top_p: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            title="Top p",
            description="Keeps the likeliest tokens up to this probability.",
            extra={"shown": True},
        ),
    ] = 0.9
    repetition_penalty: Annotated[
        float,
        Meta(
            ge=0.5,
            le=2,
            title="Repetition penalty",
            description="Above 1 avoids tokens already used.",
            extra={"shown": True},
        ),
    ] = 1.0
    top_k: Annotated[
        int,
        Meta(
            ge=0,
            le=100000,
            title="Top k",
            description="Keeps this many likeliest tokens; 0 keeps all.",
            extra={"shown": True},
        ),
    ] = 40
    max_tokens: Annotated[
        int,
        Meta(
            ge=1,
            le=131072,
            title="Max tokens",
            description="Longest reply.",
            extra={"shown": True, "unit": "tokens"},
        ),
    ] = 256
    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=2**31 - 1,
            title="Seed",
            description="The same seed gives the same reply.",
            extra={"shown": True},
        ),
    ] = 42


class AddPath(Struct, frozen=True, forbid_unknown_fields=True):
    """Something on this disk to bring into the catalog."""

    path: Text
    name: Annotated[str, Meta(max_length=120)] = ""
    kind: Literal["", "model", "adapter", "dataset"] = ""  # empty: decided from the content
    parts: tuple[Text, ...] = ()  # more files of the same dataset


class Message(Struct, frozen=True):
    role: Literal["system", "user", "assistant"]
    content: str


class ChatRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """One reply asked of one base, with one adapter or none."""

    base: str  # id or name
    messages: tuple[Message, ...]
    adapter: str | None = None  # id, name or "<run>@<step>"; None: the plain base
    sampling: SamplingSpec = SamplingSpec()


class Preset(Struct, frozen=True):
    """A named starting point: `values` maps option paths ("method.rank") to values.

    Without "method.kind" it is meant for LoRA and fits any method. The id of a person's own is
    its title.
    """

    id: str
    title: str
    description: str
    values: dict[str, bool | int | float | str]
    own: bool = False
