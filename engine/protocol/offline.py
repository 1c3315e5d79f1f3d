"""Settings that keep every process offline, made before any import that could care."""

import os

SETTINGS = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "OLIVE_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def go_offline() -> None:
    """Set them for this process and its children; a person's environment cannot switch them off."""
    os.environ.update(SETTINGS)
