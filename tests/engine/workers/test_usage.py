import time

import pytest
import torch

from engine.workers.usage import Usage


def busy(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_the_share_is_that_of_the_time_since_the_reading_before() -> None:
    watched = Usage()
    busy(0.05)
    first = watched.read()
    assert first.processor_share is not None
    assert 0 < first.processor_share <= 1
    assert first.memory_bytes is not None
    assert first.memory_bytes > 10e6


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_nothing_is_made_up() -> None:
    reading = Usage().read()
    assert (reading.gpu_share, reading.gpu_memory_bytes) == (None, None)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_cannot_be_asked_leaves_its_share_unknown() -> None:
    """Torch asks the driver's library, which is not there: its own kind of error comes through."""
    watched = Usage()
    assert watched._gpu(time.perf_counter()) is None
    assert watched._gpu_asked == float("inf")
    assert watched._gpu(time.perf_counter()) is None
