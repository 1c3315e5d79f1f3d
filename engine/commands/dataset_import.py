"""Datasets as commands need them: found, read from a file, looked at more closely, changed."""

import hashlib
import shlex
from pathlib import Path

from engine.client import EngineClient
from engine.commands.local_path import URL, local_path
from engine.commands.names import find
from engine.commands.output import note, visible
from engine.commands.progress import watch
from engine.protocol.dataset_specs import AddDataset, EditDataset
from engine.protocol.jobs import Job
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset


def named(client: EngineClient, text: str) -> Dataset:
    """The dataset of that name or id. Raises Refused when there is none."""
    return find("dataset", client.state().datasets, text)


def add(client: EngineClient, wanted: AddDataset) -> Dataset:
    """Import it, showing progress, and return the new record."""
    return made_by(client, client.post("/api/datasets", wanted, Job))


def made_by(client: EngineClient, job: Job) -> Dataset:
    """The record that a job makes, once it is done."""
    return named(client, watch(client, job).subject)


def dataset_or_file(client: EngineClient, text: str) -> Dataset:
    """A dataset by name or id, or a file, which is added unless this very content already was."""
    known = client.state().datasets
    try:
        return find("dataset", known, text)
    except Refused:
        if not URL.match(text) and not Path(text).expanduser().exists():
            raise
    path = local_path(text)
    if path.is_file():
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        same = [each for each in known if each.source == str(path) and each.source_sha256 == sha256]
        if same:
            return max(same, key=lambda each: each.created_at)
    return add(client, AddDataset(path=str(path)))


def examined(client: EngineClient, dataset: Dataset) -> Dataset:
    """The dataset after a closer look, which is waited for where it was not had yet."""
    newest = named(client, dataset.id)
    if newest.examined:
        return newest
    watch(client, client.post(f"/api/datasets/{dataset.id}/examine", None, Job))
    return named(client, dataset.id)


def change(client: EngineClient, dataset: Dataset, wanted: EditDataset) -> Dataset:
    """Make the next version, and say what it is and how to take it back."""
    job = client.post(f"/api/datasets/{dataset.id}/edits", wanted, Job)
    changed = made_by(client, job)
    note(f"{visible(changed.name)} is at version {changed.version}: {visible(changed.change)}.")
    note(f"To take it back: {way_back(dataset)}")
    return changed


def way_back(dataset: Dataset) -> str:
    """The command that makes this version the newest again."""
    return f"adapter-studio datasets restore {quoted(dataset.name)} {dataset.version}"


def quoted(name: str) -> str:
    """A name as a shell takes it."""
    return shlex.quote(visible(name))
