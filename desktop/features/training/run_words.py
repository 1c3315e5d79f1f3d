"""What a run is called and how it goes, in words."""

from desktop.core import formatting
from desktop.core.job_words import LOOKS, time_left
from desktop.core.tokens import Token
from desktop.workbench.rows import Row
from engine.protocol.jobs import Job, JobState
from engine.protocol.records import Run
from engine.protocol.run_comparison import method_title


def loss(value: float) -> str:
    """Three places, as losses are compared."""
    return f"{value:.3f}"


def three_figures(value: float) -> str:
    """ "5.97e-5", "2e-4", "0.713"."""
    return formatting.number(float(f"{value:.3g}"))


def meta_line(run: Run) -> str:
    """ "Run 14 · LoRA · tickets.jsonl"."""
    return f"Run {run.number} · {method_title(run)} · {run.dataset_name}"


def short_state(run: Run, job: Job | None) -> str:
    """What stands after the run's number in a list."""
    match run.state:
        case JobState.RUNNING if run.total_steps and run.step:
            return f"step {run.step} of {run.total_steps}"
        case JobState.RUNNING:
            return "starting"
        case JobState.QUEUED:
            return "queued"
        case JobState.PAUSED:
            return f"paused at step {run.step}" if run.step else "paused"
        case JobState.INTERRUPTED:
            return "interrupted, goes on by itself"
        case JobState.FAILED:
            why = job.problem.message if job is not None and job.problem is not None else ""
            return why or f"failed at step {run.step}"
        case JobState.CANCELLED:
            return f"stopped at step {run.step}" if run.step else "stopped"
        case JobState.DONE:
            parts = [formatting.duration(run.elapsed_s)] if run.elapsed_s else []
            if run.best_loss is not None:
                parts.append(f"val loss {loss(run.best_loss)}")
            return " · ".join(parts) or "done"


def row_of(run: Run, job: Job | None) -> Row:
    look = LOOKS[run.state]
    icon: tuple[str, Token] = (look.icon, look.tone)
    if run.state is JobState.RUNNING:
        icon = ("pulse", "orange")
    return Row(
        id=run.id,
        title=run.name,
        detail=f"Run {run.number} · {short_state(run, job)}",
        icon=icon[0],
        tone=icon[1],
        right=time_left(job) if run.state is JobState.RUNNING else "",
        kind="run",
        tip=f"{run.name}: {look.word.lower()}",
    )


def epochs_total(run: Run) -> float | None:
    """Passes over the data that the whole run makes; None before the first step."""
    if run.spec.max_steps == 0:
        return run.spec.epochs
    if run.step and run.epoch and run.total_steps:
        return run.epoch / run.step * run.total_steps
    return None


def progress_words(run: Run) -> str:
    """ "step 402 of 618 · epoch 1.95 of 3 · 52 min so far"."""
    parts = []
    if run.total_steps:
        parts.append(f"step {run.step} of {run.total_steps}")
    total = epochs_total(run)
    if run.epoch and total is not None:
        parts.append(f"epoch {run.epoch:.2f} of {formatting.number(round(total, 2))}")
    if run.elapsed_s >= 1:
        ended = run.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
        parts.append(f"{formatting.duration(run.elapsed_s)} {'in all' if ended else 'so far'}")
    return " · ".join(parts)


def headline(run: Run, job: Job | None, place: str, now: float) -> tuple[str, str]:
    """The strip's large words and the quiet ones after them."""
    match run.state:
        case JobState.RUNNING if job is not None and job.remaining_s is not None:
            ends = formatting.clock(now + job.remaining_s)
            return f"{formatting.remaining(job.remaining_s)} left", f"ends about {ends}"
        case JobState.RUNNING:
            return ("Training" if run.step else "Starting"), "time left is known after 20 steps"
        case JobState.QUEUED:
            waits = job.detail if job is not None and not job.start_rule.empty else ""
            return place, waits or "starts when the jobs before it end"
        case JobState.PAUSED:
            kept = f"a checkpoint of step {run.step} is kept" if run.step else "not started yet"
            return "Paused", kept
        case JobState.INTERRUPTED:
            return "Interrupted", "goes on from its last checkpoint"
        case JobState.DONE:
            ended = job.ended_at if job is not None else None
            return "Done", f"ended {formatting.moment(ended, now)}" if ended else ""
        case JobState.FAILED:
            return f"Failed at step {run.step}", _kept(run)
        case JobState.CANCELLED:
            return f"Stopped at step {run.step}", _kept(run)


def _kept(run: Run) -> str:
    return "its checkpoints are kept" if run.checkpoints else "before its first checkpoint"
