"""Which base model the window works with."""

from desktop.core.selection import Selection
from desktop.core.store import Store
from engine.protocol.records import BaseModel, ModelStatus


def base_at_hand(store: Store, selection: Selection) -> BaseModel | None:
    """The one selected last if it is ready, else a ready one, else any, else none."""
    chosen = selection.model
    models = sorted(store.models.values(), key=lambda each: (each.created_at, each.id))
    if chosen is not None:
        models.insert(0, chosen)
    ready = (model for model in models if model.status is ModelStatus.READY)
    return next(ready, models[0] if models else None)
