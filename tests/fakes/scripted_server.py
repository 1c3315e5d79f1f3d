"""An HTTP server that answers each path with bodies from a list, one a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import psutil

from engine.protocol.engine_file import EngineFile
from engine.protocol.events import PROTOCOL_VERSION

Script = dict[str, list[tuple[int, bytes]]]  # "GET /path": (status, body) of each request in turn
TOKEN = "0" * 64


@contextmanager
def scripted_engine(script: Script) -> Iterator[tuple[EngineFile, list[str]]]:
    """An engine file that leads to the server, and the requests that were made of it.

    The last answer of a path is given again and again; a path without any is answered 404.
    """
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            request = f"{self.command} {self.path}"
            seen.append(request)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answers = script.get(request, [(404, b"{}")])
            status, body = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: requests are in `seen`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        me = psutil.Process()
        yield (
            EngineFile(me.pid, me.create_time(), server.server_port, TOKEN, PROTOCOL_VERSION),
            seen,
        )
        server.shutdown()
