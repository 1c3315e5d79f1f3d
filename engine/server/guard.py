"""The outermost ASGI wrapper: what every request must show before any route sees it."""

import hmac

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.protocol.problems import Problem, Refused

BODY_LIMIT = 16 * 1024 * 1024  # bytes; files are named by path, never sent
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Guard:
    """Checks token, Host, Origin, content type and body size for every path and method.

    It decides from the ASGI scope alone, so no route can be added outside of it. There are no
    CORS headers: a page in a browser is never a client, whatever it knows.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        self._app = app
        self._token = f"Bearer {token}".encode()
        self._hosts = {f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _answer(send, *refusal)
            return
        await self._pass_on(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, Problem] | None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]

        def all_of(name: bytes) -> list[bytes]:
            return [value for key, value in headers if key.lower() == name]

        hosts, tokens = all_of(b"host"), all_of(b"authorization")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, Problem("guard.host", "This Host is not served.", "Use 127.0.0.1.")
        if all_of(b"origin"):
            return 403, Problem("guard.origin", "Web pages are not served.", "Use the window.")
        if len(tokens) != 1 or not hmac.compare_digest(tokens[0], self._token):
            return 401, Problem(
                "guard.token",
                "The token is missing or wrong.",
                "`adapter-studio engine status` shows it.",
            )
        return _body_refusal(scope["method"], all_of(b"content-type"), all_of(b"content-length"))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a body that names no length; the application answers the Refused."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > BODY_LIMIT:
                raise Refused.from_problem(TOO_LARGE, status=413)
            return message

        await self._app(scope, counted, send)


TOO_LARGE = Problem("guard.body", "The request is too large.", "Send paths, not files.")


def _body_refusal(
    method: str, types: list[bytes], lengths: list[bytes]
) -> tuple[int, Problem] | None:
    if any(not length.isdigit() or int(length) > BODY_LIMIT for length in lengths):
        return 413, TOO_LARGE
    has_body = any(int(length) > 0 for length in lengths)
    kind = types[0].split(b";")[0].strip().lower() if len(types) == 1 else b""
    if method in WITH_BODY and has_body and kind != b"application/json":
        return 415, Problem("guard.type", "Only JSON is read.", "Send application/json.")
    return None


async def _answer(send: Send, status: int, problem: Problem) -> None:
    body = msgspec.json.encode(problem)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
