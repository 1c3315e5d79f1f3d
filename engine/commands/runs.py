"""`adapter-studio runs`."""

import click

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.figures import duration, loss, moment, size
from engine.commands.names import SHORT_ID, find_run
from engine.commands.output import json_option, note, print_facts, print_json, print_table
from engine.commands.run_board import show_board
from engine.protocol.options import Value, get_value, options_of
from engine.protocol.problems import Refused
from engine.protocol.records import MetricPoint, Run
from engine.protocol.run_comparison import (
    Result,
    differences,
    events_folder,
    method_title,
    result_of,
)

runs = click.Group("runs")
runs.add_command(show_board)
NOTHING = "–"


@runs.command("list")
@json_option
def list_runs(as_json: bool) -> None:
    """List runs, the newest first."""
    found = sorted(connect().state().runs, key=lambda run: -run.number)
    if as_json:
        print_json(found)
        return
    print_table(
        ["Run", "Name", "Id", "State", "Step>", "Best loss>", "Dataset", "Created"],
        (
            [
                f"#{run.number}",
                run.name,
                run.id[:SHORT_ID],
                run.state,
                f"{run.step} of {run.total_steps}" if run.total_steps else "",
                loss(run.best_loss),
                run.dataset_name,
                moment(run.created_at),
            ]
            for run in found
        ),
    )


@runs.command("show")
@click.argument("run")
@json_option
def show_run(run: str, as_json: bool) -> None:
    """Show one run with its figures.

    RUN is a name, an id or its beginning, or a number like "#3". With --json every step's
    figures are printed too.
    """
    client = connect()
    found = find_run(client.state().runs, run)
    points = _points(client, found)
    if as_json:
        print_json({"run": found, "metrics": points})
        return
    print_facts([*_facts(found), *_result_facts(result_of(found, points), points)])


@runs.command("compare")
@click.argument("runs", nargs=-1, required=True)
@json_option
def compare_runs(runs: tuple[str, ...], as_json: bool) -> None:
    """Compare runs: what was set differently, and what came of it.

    Each is a name, an id or its beginning, or a number like "#3".
    """
    client = connect()
    known = client.state().runs
    chosen = [find_run(known, each) for each in dict.fromkeys(runs)]
    if len({run.id for run in chosen}) < 2:
        raise Refused("runs.too-few", "Two runs are needed.", "Name two that are not the same.")
    rows = differences(chosen)
    results = [result_of(run, _points(client, run)) for run in chosen]
    if as_json:
        print_json({"runs": [run.id for run in chosen], "settings": rows, "results": results})
        return
    table = [[row.title, *(_value(value, row.unit) for value in row.values)] for row in rows]
    table += [[title, *cells] for title, cells in _result_rows(results)]
    print_table(["", *(f"#{run.number} {run.name}>" for run in chosen)], table)
    if not rows:
        note("Their settings are the same.")


def _points(client: EngineClient, run: Run) -> list[MetricPoint]:
    return client.get(f"/api/runs/{run.id}/metrics", list[MetricPoint])


def _facts(run: Run) -> list[tuple[str, str]]:
    shown = (option for option in options_of(type(run.spec)) if option.shown)
    return [
        ("Run", f"#{run.number} {run.name}"),
        ("Id", run.id),
        ("State", run.state),
        ("Base", run.base_name),
        ("Dataset", f"{run.dataset_name} version {run.dataset_version}"),
        ("Method", method_title(run)),
        *(
            (option.title, _value(get_value(run.spec, option.path), option.unit))
            for option in shown
            if "." not in option.path
        ),
        ("Step", f"{run.step} of {run.total_steps}" if run.total_steps else ""),
        ("Train loss", loss(run.train_loss)),
        ("Validation", loss(run.validation_loss)),
        ("Advice", run.advice),
        ("Created", moment(run.created_at)),
        ("Folder", run.path),
        ("TensorBoard", str(events_folder(run))),
    ]


def _result_facts(result: Result, points: list[MetricPoint]) -> list[tuple[str, str]]:
    norms = [point.gradient_norm for point in points if point.gradient_norm is not None]
    shares = [point.processor_share for point in points if point.processor_share is not None]
    facts = [(title, cells[0]) for title, cells in _result_rows([result])]
    if norms:
        facts.append(("Gradient norm", f"{norms[-1]:.3g}, at most {max(norms):.3g}"))
    if shares:
        facts.append(("Processor", f"{sum(shares) / len(shares):.0%} of all cores"))
    return facts


def _result_rows(results: list[Result]) -> list[tuple[str, list[str]]]:
    """A row for each figure that any of them has."""

    def best(each: Result) -> str:
        return f"{loss(each.best_loss)} at step {each.best_step}" if each.best_step else ""

    rows = [
        ("Best validation", [best(each) for each in results]),
        ("Tokens per second", [_number(each.tokens_per_second) for each in results]),
        ("Time", [duration(each.elapsed_s) if each.elapsed_s else "" for each in results]),
        ("Peak memory", [size(each.peak_memory_bytes or 0) for each in results]),
        ("Peak GPU memory", [size(each.peak_gpu_memory_bytes or 0) for each in results]),
    ]
    blank = ("", size(0))
    return [
        (title, [NOTHING if cell in blank else cell for cell in cells])
        for title, cells in rows
        if any(cell not in blank for cell in cells)
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _value(value: Value | None, unit: str) -> str:
    if value is None:
        return NOTHING
    text = f"{value:g}" if isinstance(value, int | float) and value is not True else str(value)
    return f"{text} {unit}".strip()
