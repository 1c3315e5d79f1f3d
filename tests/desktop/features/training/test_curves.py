import math

from desktop.features.training.curves import (
    CurveDrawer,
    Line,
    Smoothing,
    along,
    log_ticks,
    logarithm,
    nice_ticks,
    round_above,
    span_of,
    step_ticks,
    tick_text,
    time_ticks,
)
from engine.protocol.records import MetricPoint
from tests.desktop.features.run_records import points


def test_smoothing_a_constant_changes_nothing_from_the_first_value_on() -> None:
    smoothing = Smoothing(0.9)
    assert [round(smoothing.next(2.5), 12) for _ in range(5)] == [2.5] * 5


def test_points_that_come_later_give_the_same_curves_as_all_at_once() -> None:
    every = points(300)
    grown = every[:100]
    drawer = CurveDrawer()
    drawer.follow(grown, 0.9)
    grown.extend(every[100:])
    assert drawer.follow(grown, 0.9) == CurveDrawer().follow(every, 0.9)


def test_points_replaced_after_a_resume_begin_the_curves_anew() -> None:
    drawer = CurveDrawer()
    drawer.follow(points(300), 0.9)
    again = drawer.follow(points(200), 0.9)
    assert again.train.steps[-1] == 200
    assert len(again.train.steps) == 200


def test_a_loss_that_is_no_number_leaves_a_gap() -> None:
    curves = CurveDrawer().follow(
        [MetricPoint(1, train_loss=2.0), MetricPoint(2, train_loss=math.nan)], 0.9
    )
    assert curves.train.steps == [1]
    assert curves.smooth.steps == [1]


def test_a_step_that_was_not_learned_from_breaks_the_line_and_the_mean_leaves_it_out() -> None:
    told = [MetricPoint(step, train_loss=2.0) for step in (1, 2, 4)]
    told.insert(2, MetricPoint(3))  # no number has no place in JSON
    curves = CurveDrawer().follow(told, 10)
    for line in (curves.train, curves.smooth):
        steps, values = line.drawn()
        assert steps == [1, 2, 3, 4]
        assert [math.isnan(value) for value in values] == [False, False, True, False]
        assert line.last == 2.0


def test_the_nearest_point_is_told() -> None:
    line = Line([10.0, 20.0, 30.0], [1.0, 2.0, 3.0])
    assert line.at(24) == (20.0, 2.0)
    assert line.at(26) == (30.0, 3.0)
    assert line.at(-5) == (10.0, 1.0)
    assert line.at(99) == (30.0, 3.0)
    assert Line().at(1) is None


def test_ticks_are_round_and_written_with_the_same_places() -> None:
    ticks = nice_ticks(0.83, 2.76, 5)
    assert ticks == [1.0, 1.5, 2.0, 2.5]
    assert [tick_text(each, ticks) for each in ticks] == ["1.0", "1.5", "2.0", "2.5"]
    assert nice_ticks(1, 1, 5) == []


def test_a_line_that_never_changes_still_has_a_range() -> None:
    low, high = span_of(Line([1, 2], [3.0, 3.0]))
    assert low < 3.0 < high


def test_the_steps_are_marked_by_epochs() -> None:
    marks = step_ticks(0, 600, 200, 8)
    assert marks == [(0, "step 0"), (200, "epoch 1"), (400, "epoch 2"), (600, "epoch 3")]


def test_many_epochs_are_thinned_out() -> None:
    texts = [text for _, text in step_ticks(0, 10_000, 100, 5)]
    assert texts == ["step 0", "epoch 20", "epoch 40", "epoch 60", "epoch 80", "epoch 100"]


def test_inside_one_epoch_the_steps_are_marked() -> None:
    assert step_ticks(210, 290, 200, 4) == [(220, "step 220"), (240, "step 240"),
                                            (260, "step 260"), (280, "step 280")]  # fmt: skip


def test_smoothing_is_tensorboards() -> None:
    """Debiased, so that the first value stands and the second weighs (1 - f) / (1 - f²)."""
    smoothing = Smoothing(0.6)
    assert smoothing.next(1.0) == 1.0
    assert round(smoothing.next(2.0), 12) == round((0.6 * 0.4 * 1 + 0.4 * 2) / (1 - 0.36), 12)


def test_a_factor_of_zero_smooths_nothing() -> None:
    curves = CurveDrawer().follow(points(50), 0.0)
    assert curves.smooth.values == curves.train.values


def test_a_line_is_laid_over_epochs_or_time() -> None:
    curves = CurveDrawer().follow(points(200), 0.9)
    assert along(curves.validation, curves.epochs).steps == [0.5, 1.0]
    assert along(curves.train, curves.times).steps[-1] == 398.0


def test_a_logarithm_leaves_out_what_has_none() -> None:
    moved = logarithm(Line([1, 2, 3], [100.0, 0.0, 0.1]))
    assert (moved.steps, moved.values) == ([1, 3], [2.0, -1.0])


def test_logarithmic_ticks_are_round_and_few() -> None:
    assert log_ticks(-1, 2, 10) == [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]
    assert log_ticks(-1, 2, 4) == [0.1, 1, 10, 100]
    assert log_ticks(0, 0.5, 5) == [1, 1.5, 2, 2.5, 3]
    assert len(log_ticks(-12, 12, 6)) <= 6


def test_a_scale_from_zero_ends_at_the_next_round_number() -> None:
    assert [round_above(value) for value in (1.59, 2e-4, 1.24e9, 0.0)] == [2, 2e-4, 1.5e9, 1]


def test_times_are_marked_at_whole_minutes_or_hours() -> None:
    assert time_ticks(0, 1500, 8) == [0, 300, 600, 900, 1200, 1500]
    assert time_ticks(0, 30_000, 6) == [0, 7200, 14400, 21600, 28800]
    assert time_ticks(0, 8, 5) == [0, 2, 4, 6, 8]
