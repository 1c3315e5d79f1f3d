"""How models are described in a few words."""

from desktop.core import formatting
from desktop.core.store import Store
from engine.protocol.jobs import Job
from engine.protocol.records import BaseModel, ModelStatus

SOURCES = {"built-in": "Built in", "folder": "Folder, used in place", "gguf": "Made from a GGUF"}


def name_of(store: Store, id: str) -> str:
    model = store.models.get(id)
    return model.name if model is not None else "Model"


def in_short(model: BaseModel) -> str:
    """ "134.5 M · llama · Apache-2.0"; what is not known yet is left out."""
    parameters = formatting.parameters(model.parameters) if model.parameters else ""
    return " · ".join(part for part in (parameters, model.architecture, model.licence) if part)


def state_of(model: BaseModel, job: Job | None) -> str:
    """A sentence on what stands in the way, or nothing."""
    if model.status is ModelStatus.MISSING:
        return "Its folder is not where it was."
    if model.status is ModelStatus.PREPARING:
        if job is None:
            return "It is not prepared yet."
        return f"Preparing: {job.detail.lower()}" if job.detail else "Preparing"
    return ""


def job_of(store: Store, model_id: str) -> Job | None:
    """The job that makes this model, while it goes on."""
    jobs = (job for job in store.jobs.values() if job.subject == model_id and job.active)
    return next(jobs, None)
