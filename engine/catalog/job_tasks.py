"""What each job's worker is to do, and which process does it."""

import msgspec
import sqlite_utils

from engine.protocol.tasks import Task

DECODER: msgspec.json.Decoder[Task] = msgspec.json.Decoder(Task)


class JobTasks:
    """One row a job, removed with it."""

    def __init__(self, database: sqlite_utils.Database) -> None:
        self._connection = database.conn

    def put(self, job: str, task: Task) -> None:
        self._connection.execute(
            "INSERT INTO job_tasks (job, task) VALUES (?, ?)"
            " ON CONFLICT (job) DO UPDATE SET task = excluded.task",
            (job, msgspec.json.encode(task).decode()),
        )

    def get(self, job: str) -> Task:
        (text,) = self._connection.execute(
            "SELECT task FROM job_tasks WHERE job = ?", (job,)
        ).fetchone()
        return DECODER.decode(text)

    def set_worker(self, job: str, pid: int | None, started_at: float | None) -> None:
        """Remember the process, so that the next engine can see it off."""
        self._connection.execute(
            "UPDATE job_tasks SET worker_pid = ?, worker_started_at = ? WHERE job = ?",
            (pid, started_at, job),
        )

    def workers(self) -> list[tuple[str, int, float]]:
        """(job, pid, start time) of every worker that was not seen to end."""
        return self._connection.execute(
            "SELECT job, worker_pid, worker_started_at FROM job_tasks WHERE worker_pid IS NOT NULL"
        ).fetchall()
