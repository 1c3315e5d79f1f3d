"""The training worker with a model that takes a lot of memory for every token it learns from.

HUNGRY_ROOM: how many bytes it may take for that, by a real limit on its address space. With
HUNGRY_GROUP, a folder of cgroups that has such a limit, it joins that group instead, and the
system ends it.
"""

import os
import resource
import sys
from pathlib import Path
from typing import Any

import psutil
import torch

from engine.protocol.offline import go_offline
from engine.protocol.worker_messages import JobCommand
from engine.workers import packing, trainer
from engine.workers.channel import run_worker
from engine.workers.train import main

BYTES_PER_TOKEN = 4_000_000
limited = False


def limit() -> None:
    global limited
    limited = True
    group = os.environ.get("HUNGRY_GROUP")
    if group:
        (Path(group) / "cgroup.procs").write_text(str(os.getpid()))
    elif room := os.environ.get("HUNGRY_ROOM"):
        most = psutil.Process().memory_info().vms + int(room)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def hungry_loss(model: Any, batch: Any, *, packed: bool) -> Any:
    if not limited:
        limit()
    eaten = torch.empty(batch["input_ids"].numel() * BYTES_PER_TOKEN, dtype=torch.uint8)
    if "HUNGRY_GROUP" in os.environ:
        eaten.fill_(1)  # what is only promised does not count there
    loss = packing.loss_sum(model, batch, packed=packed)
    del eaten
    return loss


if __name__ == "__main__":
    go_offline()
    vars(trainer)["loss_sum"] = hungry_loss
    sys.exit(run_worker(sys.argv, JobCommand, main))
