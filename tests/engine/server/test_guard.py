"""The guard, asked over every route of the real application with everything a stranger may try."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from engine.server import app as application
from engine.server.engine import Engine
from engine.server.guard import BODY_LIMIT

TOKEN, PORT = "a" * 64, 4711
HOST = f"127.0.0.1:{PORT}"
GOOD = {"host": HOST, "authorization": f"Bearer {TOKEN}"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")
STRANGERS: dict[str, list[tuple[str, str]]] = {
    "no token": [("host", HOST)],
    "wrong token": [("host", HOST), ("authorization", "Bearer " + "b" * 64)],
    "half a token": [("host", HOST), ("authorization", f"Bearer {TOKEN[:32]}")],
    "basic": [("host", HOST), ("authorization", f"Basic {TOKEN}")],
    "two tokens": [*GOOD.items(), ("authorization", "Bearer x")],
    "rebound name": [("host", f"evil.example:{PORT}"), ("authorization", f"Bearer {TOKEN}")],
    "no port": [("host", "127.0.0.1"), ("authorization", f"Bearer {TOKEN}")],
    "suffix": [("host", f"{HOST}.evil.example"), ("authorization", f"Bearer {TOKEN}")],
    "user part": [("host", f"x@{HOST}"), ("authorization", f"Bearer {TOKEN}")],
    "two hosts": [*GOOD.items(), ("host", HOST)],
    "origin": [*GOOD.items(), ("origin", "https://evil.example")],
    "null origin": [*GOOD.items(), ("origin", "null")],
    "own origin": [*GOOD.items(), ("origin", f"http://{HOST}")],
}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path)
    yield made
    made.catalog.close()


@pytest.fixture
def client(engine: Engine) -> httpx.AsyncClient:
    app = application.build_app(engine, token=TOKEN, port=PORT, stop=lambda: None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}")


def paths() -> list[str]:
    """Every path of the application, parameters filled in; a new route is here by itself."""
    return sorted(
        {route.path.replace(":int", "").format_map(Filled()) for route in application.ROUTES}
    )


class Filled(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "1" if "number" in name else "0" * 32


async def ask(
    client: httpx.AsyncClient, method: str, path: str, headers: list[tuple[str, str]]
) -> int:
    request = httpx.Request(method, f"http://{HOST}{path}", headers=headers)
    if not any(name == "host" for name, _ in headers):
        del request.headers["host"]
    return (await client.send(request)).status_code


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_no_route_answers_a_stranger(client: httpx.AsyncClient, stranger: str) -> None:
    asked = 0
    for path in [*paths(), "/", "/docs", "/nowhere", "/v1/nowhere"]:
        for method in METHODS:
            assert await ask(client, method, path, STRANGERS[stranger]) in (401, 403, 421)
            asked += 1
    assert asked > 150


async def test_without_the_guard_the_same_questions_are_answered(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the test above must be able to fail."""
    monkeypatch.setattr(application, "Guard", lambda app, **_: app)
    app = application.build_app(engine, token=TOKEN, port=PORT, stop=lambda: None)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}")
    assert await ask(client, "GET", "/api/state", STRANGERS["no token"]) == 200


async def test_the_owner_is_answered_and_no_page_is_invited(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/state", headers=GOOD)
    assert response.status_code == 200
    assert not [name for name in response.headers if name.startswith("access-control")]


async def test_only_json_is_read(client: httpx.AsyncClient) -> None:
    headers = {**GOOD, "content-type": "text/plain"}
    response = await client.post("/api/runs", content=b'{"base": "x"}', headers=headers)
    assert response.status_code == 415


async def test_a_large_body_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    headers = {**GOOD, "content-type": "application/json", "content-length": str(BODY_LIMIT + 1)}
    response = await client.post("/api/runs", content=b"x", headers=headers)
    assert response.status_code == 413


async def test_a_body_without_a_length_is_counted_while_it_comes(
    client: httpx.AsyncClient,
) -> None:
    async def chunks() -> object:
        for _ in range(BODY_LIMIT // 2**20 + 2):
            yield b"x" * 2**20

    headers = {**GOOD, "content-type": "application/json"}
    response = await client.post("/api/runs", content=chunks(), headers=headers)  # type: ignore[arg-type]
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/runs", b"{", 422),
        ("POST", "/api/runs", b'{"base": "x", "dataset": "y", "rank": 1}', 422),
        ("POST", "/api/runs", b'{"base": "x", "dataset": "y"}', 404),
        ("POST", "/api/imports", b'{"path": "/nowhere/at/all"}', 404),
        ("POST", "/api/imports", b'{"path": "a\\u0000b"}', 404),
        ("GET", "/api/events?after=-1", b"", 422),
        ("GET", "/api/events?after=NaN", b"", 422),
        ("GET", "/api/nonsense/1", b"", 404),
        ("POST", "/api/trash/..%2F..%2Fetc/restore", b"", 404),
        ("DELETE", "/api/models/none", b"", 404),
        ("POST", "/api/jobs/none/cancel", b"", 404),
        ("PUT", "/api/state", b"", 405),
    ],
)
async def test_nonsense_is_answered_with_a_problem(
    client: httpx.AsyncClient, method: str, path: str, body: bytes, status: int
) -> None:
    headers = {**GOOD, "content-type": "application/json"} if body else GOOD
    response = await client.request(method, path, content=body, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"code", "message", "hint", "needs_bytes"}


def test_every_route_of_the_application_is_a_plain_one() -> None:
    """Mounts and websockets would need their own place in the tests above."""
    assert all(isinstance(route, Route) for route in application.ROUTES)
