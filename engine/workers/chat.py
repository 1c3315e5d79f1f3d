"""A long-lived worker that holds one base model and answers with any of its adapters."""

import sys

from engine.protocol.offline import go_offline
from engine.protocol.worker_messages import ServeRequest
from engine.workers.channel import Channel, run_worker


def main(channel: Channel[ServeRequest], content: bytes) -> None:
    """Serve the ServeChat task in `content` until end-of-file."""
    from engine.workers.chat_loop import serve  # imports torch: only once all is offline

    serve(channel, content)


if __name__ == "__main__":
    go_offline()
    sys.exit(run_worker(sys.argv, ServeRequest, main, leaves_with_engine=True))
