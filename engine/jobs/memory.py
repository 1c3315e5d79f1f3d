"""The memory of a training, reckoned from what a measurement on this machine found."""

from engine.jobs.trainable import trainable_parameters
from engine.protocol.method_specs import (
    LohaSpec,
    LokrSpec,
    MethodSpec,
    QloraSpec,
    method_of,
    size_name_of,
)
from engine.protocol.records import BaseModel
from engine.protocol.specs import Optimizer, TrainSpec
from engine.protocol.target_modules import targets_among
from engine.protocol.tasks import Measurement

FLOAT32 = 4  # bytes; adapters are trained and saved in it
NF4 = 0.5 + FLOAT32 / 64  # bytes of a weight: 4 bits, and a scale for each block of 64
NF4_DOUBLE = 0.5 + 1 / 64 + FLOAT32 / (64 * 256)  # the scales rounded too, in blocks of 256
STATE: dict[Optimizer, float] = {  # bytes of an optimizer's memory of one trained weight
    "adamw": 8, "paged-adamw": 8, "adamw-8bit": 2, "paged-adamw-8bit": 2,
    "lion": 4, "lion-8bit": 1, "adafactor": 0, "sgd": 0,
}  # fmt: skip


def memory_bytes(
    spec: TrainSpec,
    *,
    base: BaseModel,
    measurement: Measurement,
    batch_tokens: int,
    half_precision: bool = False,
) -> int:
    """Peak memory of a spec from a measurement of its method, or of another one.

    What was measured, and then the difference between the two methods:

        fixed + per token * batch tokens
        + (trained weights - those measured) * (weight + gradient + optimizer state)
        + bytes of the base - those measured          QLoRA keeps 4 bits of each linear weight
        + whole updates - those measured              LoHa and LoKr multiply theirs out

    The bytes of a token are taken as those measured, so that for another method it is an
    estimate: exact for what stays, rough for what passes through the layers. `half_precision`
    says whether "auto" is bfloat16 here.
    """
    then, now = measured_method(measurement), spec.method
    each = 2 * FLOAT32 + STATE[spec.optimizer]
    trained = trainable_parameters(now, base) - trainable_parameters(then, base)
    weight = _bytes_of_weight(spec, half_precision=half_precision)
    kept = _base_bytes(now, base, weight) - _base_bytes(then, base, weight)
    updates = _whole_updates(now, base) - _whole_updates(then, base)
    measured = measurement.fixed_bytes + measurement.bytes_per_token * batch_tokens
    return max(0, round(measured + trained * each + kept + updates))


def measured_method(measurement: Measurement) -> MethodSpec:
    """The method that was measured, as far as the measurement remembers it."""
    kind = method_of(measurement.method).spec
    known: dict[str, str | int] = {size_name_of(kind): measurement.rank}
    known["target_modules"] = measurement.target_modules
    fields = {name: each for name, each in known.items() if each and name in kind.__struct_fields__}
    return kind(**fields)  # type: ignore[return-value]


def _bytes_of_weight(spec: TrainSpec, *, half_precision: bool) -> int:
    half = half_precision if spec.precision == "auto" else spec.precision != "float32"
    return 2 if half else FLOAT32


def _base_bytes(method: MethodSpec, base: BaseModel, weight: float) -> float:
    """Of the linear layers, which alone are kept in 4 bits."""
    if isinstance(method, QloraSpec):
        weight = NF4_DOUBLE if method.double_quantization else NF4
    return weight * sum(each.inputs * each.outputs * each.count for each in base.linears)


def _whole_updates(method: MethodSpec, base: BaseModel) -> int:
    """Updates as large as their layers, which the backward pass needs again."""
    if not isinstance(method, LohaSpec | LokrSpec):
        return 0
    targets = targets_among({each.name for each in base.linears}, method.target_modules)
    adapted = (each for each in base.linears if each.name in targets)
    return FLOAT32 * sum(each.inputs * each.outputs * each.count for each in adapted)
