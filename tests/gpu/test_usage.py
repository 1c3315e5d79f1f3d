import pytest
import torch

from engine.workers.usage import Usage

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here"),
]


def test_a_gpu_tells_how_busy_it_is_and_what_is_held() -> None:
    held = torch.ones(1, device="cuda")
    reading = Usage().read()
    assert reading.gpu_memory_bytes is not None
    assert reading.gpu_memory_bytes >= held.element_size()
    assert reading.gpu_share is None or 0 <= reading.gpu_share <= 1
