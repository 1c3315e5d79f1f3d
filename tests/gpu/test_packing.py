import pytest
import torch
from torch.nn import functional

from engine.workers.packing import segmented_attention

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.mark.parametrize("window", [None, 16])
def test_the_flash_kernel_agrees_with_attention_in_every_segment(window: int | None) -> None:
    torch.manual_seed(0)
    shape = (1, 4, 300, 64)
    query, key, value = (torch.randn(shape, device="cuda", dtype=torch.bfloat16) for _ in range(3))
    bounds = torch.tensor([0, 100, 300], dtype=torch.int32, device="cuda")
    found, _ = segmented_attention(
        torch.nn.Identity(),
        query,
        key,
        value,
        None,
        cu_seq_lens_q=bounds,
        cu_seq_lens_k=bounds,
        max_length_q=200,
        sliding_window=window,
    )
    at = torch.arange(300, device="cuda")
    distance = at[:, None] - at[None, :]
    seen = (distance >= 0) & ((at >= 100)[:, None] == (at >= 100)[None, :])
    if window is not None:
        seen &= distance < window
    expected = functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
    torch.testing.assert_close(found, expected.transpose(1, 2), rtol=2e-2, atol=2e-2)
