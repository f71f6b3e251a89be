"""HTTP requests against a real server on loopback that misbehaves."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.ports.http import HttpReply, HttpRequest
from agentflow_cli.services.tools.http import HttpClient, normal_url
from agentflow_cli.services.tools.http_exchange import Limits
from tests.fakes.http_server import WebServer
from tests.fakes.services import FakeClock

SHORT = Limits(connect=5, first_byte=0.1, idle=0.1, total=10)


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


async def send(
    server: WebServer, path: str, method: str = "GET", limits: Limits | None = None, **rest: Any
) -> HttpReply:
    client = HttpClient(clock=FakeClock(), limits=limits)
    return await client.send(HttpRequest(method, f"{server.url}/{path}", near=True, **rest))


async def failure(server: WebServer, path: str, method: str = "GET", **rest: Any) -> Failure:
    with pytest.raises(StepFailure) as caught:
        await send(server, path, method, **rest)
    assert server.fired[path.partition("?")[0]], "the fault was not played"
    return caught.value.failure


async def test_a_request_arrives_as_it_was_made_and_its_reply_comes_back(server: WebServer) -> None:
    reply = await send(server, "echo?a=b%20c", "POST", headers={"X-Own": "1", "Accept": "text/x"}, body=b'{"x": 1}')
    seen = json.loads(reply.body)
    assert (seen["method"], seen["target"], seen["body"]) == ("POST", "/echo?a=b%20c", '{"x": 1}')
    assert seen["headers"]["host"] == f"127.0.0.1:{server.port}"
    assert (seen["headers"]["x-own"], seen["headers"]["accept"]) == ("1", "text/x")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("gzip", b"packed"),
        ("chunked", b"abcde"),
        ("until-closed", b"old style"),
        ("early-hints", b"ok"),
        ("no-content", b""),
    ],
)
async def test_every_way_of_sending_a_body_is_read(server: WebServer, path: str, body: bytes) -> None:
    assert (await send(server, path)).body == body


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("status/400", "http"),
        ("status/401", "auth"),
        ("status/403", "auth"),
        ("status/404", "http"),
        ("status/408", "timeout"),
        ("status/429", "rate_limit"),
        ("status/500", "http"),
        ("status/502", "unavailable"),
        ("status/503", "unavailable"),
        ("status/504", "unavailable"),
    ],
)
async def test_a_refusal_has_the_kind_of_its_status(server: WebServer, path: str, kind: str) -> None:
    found = await failure(server, path)
    assert found.kind == kind
    assert found.data["status"] == int(path[-3:])
    assert f"GET {server.url}/{path} answered {path[-3:]}" in found.message and found.message.endswith(": said so")


async def test_a_refusal_says_the_reason_in_the_body_and_never_the_query(server: WebServer) -> None:
    found = await failure(server, "json-error?api_key=hunter2hunter2")
    assert found.message.endswith(f"/json-error?… answered 422 {HTTPStatus(422).phrase}: title is too long")
    assert (await failure(server, "html-error")).message.endswith("Internal Server Error: Oh no")


async def test_retry_after_is_read_as_seconds_and_as_a_date(server: WebServer) -> None:
    assert (await failure(server, "slow-down")).retry_after == 7
    assert (await failure(server, "slow-down-date")).retry_after == 30


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("reset", "unavailable", "closed the connection"),
        ("close", "unavailable", "closed the connection"),
        ("truncated", "unavailable", "closed the connection"),
        ("garbage", "http", "does not speak HTTP"),
        ("long-header", "http", "does not speak HTTP"),
        ("bomb", "http", "more than 16 MiB"),
        ("endless", "http", "more than 16 MiB"),
        ("brotli", "http", "`br`, which was not asked for"),
        ("not-gzip", "http", "not gzip"),
    ],
)
async def test_a_reply_that_cannot_be_used_is_refused(server: WebServer, path: str, kind: str, said: str) -> None:
    found = await failure(server, path)
    assert (found.kind, said in found.message) == (kind, True), found


@pytest.mark.parametrize(
    ("path", "said"),
    [("hang", "did not begin"), ("slow-headers", "did not begin"), ("drip", "fell silent in its body")],
)
async def test_silence_ends_at_a_deadline_of_our_own(server: WebServer, path: str, said: str) -> None:
    found = await failure(server, path, limits=SHORT)
    assert (found.kind, said in found.message) == ("timeout", True), found


async def test_the_whole_request_has_a_deadline_too(server: WebServer) -> None:
    found = await failure(server, "hang", limits=Limits(total=0.1))
    assert (found.kind, "did not end within 0.1s" in found.message) == ("timeout", True)


async def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(StepFailure) as caught:
            await HttpClient().send(HttpRequest("GET", url, near=True))
    assert caught.value.failure.kind == "unavailable"


async def test_a_redirect_within_the_origin_is_followed_and_a_post_becomes_a_get(server: WebServer) -> None:
    seen = json.loads((await send(server, "redirect", "POST", body=b"x", headers={"Content-Type": "t/x"})).body)
    assert (seen["method"], seen["target"], seen["body"]) == ("GET", "/echo?x=1", "")
    assert "content-type" not in seen["headers"]
    seen = json.loads((await send(server, "redirect-307", "POST", body=b"x")).body)
    assert (seen["method"], seen["body"]) == ("POST", "x")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("redirect-away", "redirects to another origin, http://localhost:1"),
        ("redirect-loop", "more than 5 times"),
        ("redirect-nonsense", "redirects to what is no URL"),
    ],
)
async def test_a_redirect_that_leads_away_is_not_followed(server: WebServer, path: str, said: str) -> None:
    found = await failure(server, path, headers={"Authorization": "Bearer secret"})
    assert (found.kind, said in found.message) == ("http", True), found
    assert all(got.target == f"/{path}" for got in server.got)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "１２７.0.0.1", "0.0.0.0"],
)
async def test_this_machine_in_any_spelling_is_refused_to_who_is_not_trusted(server: WebServer, host: str) -> None:
    request = HttpRequest("GET", f"http://{host}:{server.port}/echo")
    with pytest.raises(StepFailure) as caught:
        await HttpClient().send(request)
    assert caught.value.failure.kind == "denied", caught.value.failure
    assert not server.got
    allowed = HttpClient({"AGENTFLOW_ALLOW_PRIVATE": "1"})
    if "[" not in host:  # where a mapped address connects depends on the system
        assert (await allowed.send(request)).status == 200


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "2852039166"])
async def test_where_clouds_keep_credentials_is_never_called(host: str) -> None:
    client = HttpClient({"AGENTFLOW_ALLOW_PRIVATE": "1"})
    with pytest.raises(StepFailure) as caught:
        await client.send(HttpRequest("GET", f"http://{host}/latest", near=True))
    assert caught.value.failure.kind == "denied"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "file:///etc/passwd",
        "http://",
        "http://a b/",
        "http://user:pw@x/",
        "http://x:99999/",
        "http://[::1/",
        "x",
        "http://x/\ud800",
        "http://x\ud800/",
    ],
)
def test_what_is_no_url_of_the_web_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(StepFailure) as caught:
        normal_url(url)
    assert caught.value.failure.kind == "http"
    assert "pw" not in caught.value.failure.message
    caught.value.failure.message.encode()  # it can be stored


@pytest.mark.parametrize("headers", [{"X": "a\r\nEvil: 1"}, {"Bad Name": "x"}, {"Host": "x"}, {"X": "ü"}])
async def test_headers_that_would_say_something_else_are_refused(server: WebServer, headers: dict[str, str]) -> None:
    with pytest.raises(StepFailure):
        await send(server, "echo", headers=headers)
    assert not server.got
