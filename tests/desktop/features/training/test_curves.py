import math

from desktop.features.training.curves import (
    CurveDrawer,
    Line,
    Smoothing,
    nice_ticks,
    span_of,
    step_ticks,
    tick_text,
)
from engine.protocol.records import MetricPoint
from tests.desktop.features.run_records import points


def test_smoothing_a_constant_changes_nothing_from_the_first_value_on() -> None:
    smoothing = Smoothing(15)
    assert [round(smoothing.next(2.5), 12) for _ in range(5)] == [2.5] * 5


def test_points_that_come_later_give_the_same_curves_as_all_at_once() -> None:
    every = points(300)
    grown = every[:100]
    drawer = CurveDrawer()
    drawer.follow(grown, 600)
    grown.extend(every[100:])
    assert drawer.follow(grown, 600) == CurveDrawer().follow(every, 600)


def test_points_replaced_after_a_resume_begin_the_curves_anew() -> None:
    drawer = CurveDrawer()
    drawer.follow(points(300), 600)
    again = drawer.follow(points(200), 600)
    assert again.train.steps[-1] == 200
    assert len(again.train.steps) == 200


def test_a_loss_that_is_no_number_leaves_a_gap() -> None:
    curves = CurveDrawer().follow(
        [MetricPoint(1, train_loss=2.0), MetricPoint(2, train_loss=math.nan)], 10
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
