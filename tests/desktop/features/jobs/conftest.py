"""The same window as for runs."""

from tests.desktop.features.training.conftest import fake, studio, waiting

__all__ = ["fake", "studio", "waiting"]
