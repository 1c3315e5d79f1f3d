from msgspec.structs import replace

from engine.protocol.method_specs import LoraSpec, PrefixSpec
from engine.protocol.records import MetricPoint, Run
from engine.protocol.run_comparison import differences, result_of
from engine.protocol.specs import TrainSpec

RUN = Run("r", 1, "one", "", TrainSpec("b", "d"), "Base", "Data", 1, "/run")


def test_runs_with_the_same_settings_differ_in_nothing() -> None:
    again = replace(RUN, id="s", number=2, name="two", spec=replace(RUN.spec, name="two"))
    assert differences([RUN, again]) == ()


def test_only_what_differs_is_told_in_the_order_of_its_declaration() -> None:
    spec = replace(RUN.spec, method=LoraSpec(rank=4), batch_size=2)
    rows = differences([RUN, replace(RUN, spec=spec, dataset_version=2)])
    assert [(row.title, row.values) for row in rows] == [
        ("Dataset", ("Data v1", "Data v2")),
        ("Rank", (16, 4)),
        ("Batch size", (8, 2)),
    ]


def test_a_setting_that_a_method_does_not_have_is_told_as_missing() -> None:
    other = replace(RUN.spec, method=PrefixSpec())
    rows = {row.path: row.values for row in differences([RUN, replace(RUN, spec=other)])}
    assert rows["method"] == ("LoRA", "Prefix tuning")
    assert rows["method.rank"] == (16, None)
    assert rows["method.virtual_tokens"] == (None, 16)


def test_the_result_is_the_usual_speed_and_the_highest_memory() -> None:
    run = replace(RUN, best_loss=1.5, best_step=7, elapsed_s=60.0)
    points = [
        MetricPoint(step, tokens_per_second=speed, memory_bytes=memory)
        for step, (speed, memory) in enumerate([(10.0, 5), (500.0, 9), (12.0, 7)])
    ]
    result = result_of(run, [*points, MetricPoint(3, validation_loss=1.5)])
    assert (result.best_loss, result.best_step, result.elapsed_s) == (1.5, 7, 60.0)
    assert (result.tokens_per_second, result.peak_memory_bytes) == (12.0, 9)
    assert result.peak_gpu_memory_bytes is None
