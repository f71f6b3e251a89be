"""HTTP requests to hosts that others choose: checked addresses, own deadlines, capped bodies, one origin."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.ports.http import HttpReply, HttpRequest
from agentflow_cli.services.tools.addresses import ALLOW_VARIABLE, checked_targets
from agentflow_cli.services.tools.http_exchange import Limits, exchange
from agentflow_cli.services.tools.http_failures import failure_of, shown_url

MOST_REDIRECTS = 5

_PORTS = {"http": 80, "https": 443}
_METHOD = re.compile(r"[A-Z][A-Z-]{0,30}")
_OURS = frozenset({"connection", "content-length", "host", "transfer-encoding", "upgrade", "te", "trailer", "expect"})
_UNSAFE_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class HttpClient:
    """A ports.http.Http. No connection is kept, no cookie is stored, no proxy of the environment is used."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._near = (environment or {}).get(ALLOW_VARIABLE, "") not in ("", "0")
        self._clock = clock or SystemClock()
        self._limits = limits or Limits()

    async def send(self, request: HttpRequest) -> HttpReply:
        """See the port. Kinds: `http`, `denied`, `auth`, and the transient ones."""
        _check(request)
        try:
            async with asyncio.timeout(self._limits.total):
                return await self._follow(request)
        except TimeoutError as error:
            message = (
                f"{request.method} {shown_url(request.url)} did not end within {format_duration(self._limits.total)}"
            )
            raise StepFailure(Failure("timeout", message)) from error

    async def _follow(self, request: HttpRequest) -> HttpReply:
        url = normal_url(request.url)
        for _ in range(MOST_REDIRECTS + 1):
            port = url.port or _PORTS[url.scheme]
            targets = await checked_targets(url.hostname or "", port, near=request.near or self._near)
            reply = await exchange(request, url, targets, self._limits)
            if reply.status >= 400:
                raise StepFailure(failure_of(request.method, urlunsplit(url), reply, self._clock))
            location = reply.headers.get("location")
            if reply.status not in (301, 302, 303, 307, 308) or not location:
                return reply
            url = _redirected(request.method, url, location)
            if reply.status == 303 or (reply.status in (301, 302) and request.method == "POST"):
                headers = {name: value for name, value in request.headers.items() if not _of_body(name)}
                request = replace(
                    request, method="HEAD" if request.method == "HEAD" else "GET", body=None, headers=headers
                )
        said = f"{request.method} {shown_url(request.url)} redirects more than {MOST_REDIRECTS} times"
        raise StepFailure(Failure("http", said))


def normal_url(text: str) -> SplitResult:
    """`text` taken apart, in the form in which it is sent: ASCII, without a fragment. StepFailure when it is no URL."""
    text = text.strip()
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
        path, query = quote(url.path, safe="/%:@!$&'()*+,;=~-._"), quote(url.query, safe="/?%:@!$&'()*+,;=~-._[]")
    except UnicodeEncodeError as error:
        raise _refused(text, "holds half a surrogate pair, which is no text") from error
    except (ValueError, UnicodeError) as error:
        raise _refused(text, f"is no URL: {error}") from error
    if url.scheme not in _PORTS:
        raise _refused(text, "is no URL that begins with `http://` or `https://`")
    if not host:
        raise _refused(text, "names no host")
    if url.username is not None or url.password is not None:
        raise _refused(text, "holds a user name or password; send an `Authorization` header instead")
    if re.search(r"[^0-9a-z.:_%-]", host):
        raise _refused(text, f"names a host that cannot be: `{host[:80]}`")
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port is not None else "")
    return SplitResult(url.scheme, netloc, path, query, "")


def _redirected(method: str, url: SplitResult, location: str) -> SplitResult:
    """Where a redirect leads; only within the origin, so that no header and no body reaches anybody else."""
    try:
        target = normal_url(urljoin(urlunsplit(url), location))
    except (StepFailure, ValueError) as error:
        said = f"{method} {shown_url(urlunsplit(url))} redirects to what is no URL"
        raise StepFailure(Failure("http", said)) from error
    if (target.scheme, target.hostname, target.port) != (url.scheme, url.hostname, url.port):
        here, there = shown_url(urlunsplit(url)), f"{target.scheme}://{target.netloc}"
        said = f"{method} {here} redirects to another origin, {there}; that is not followed: name that address yourself"
        raise StepFailure(Failure("http", said))
    return target


def _check(request: HttpRequest) -> None:
    if not _METHOD.fullmatch(request.method):
        raise StepFailure(Failure("http", f"`{request.method}` is no HTTP method; write it like `GET` or `POST`"))
    for name, value in request.headers.items():
        if not _NAME.fullmatch(name):
            raise StepFailure(Failure("http", f"`{name[:60]}` is no name of a header"))
        if name.lower() in _OURS:
            raise StepFailure(Failure("http", f"the header `{name}` is set by agentflow; leave it out"))
        if _UNSAFE_IN_VALUE.search(value):
            raise StepFailure(Failure("http", f"the header `{name}` holds a line break or another control character"))
        if not value.isascii():
            raise StepFailure(Failure("http", f"the header `{name}` holds characters outside ASCII; encode them first"))


def _of_body(name: str) -> bool:
    return name.lower().startswith("content-") or name.lower() == "idempotency-key"


def _refused(url: str, why: str) -> StepFailure:
    url = url.encode("utf-8", "backslashreplace").decode()
    shown = shown_url(url) if "://" in url else f"`{url[:80]}`"
    return StepFailure(Failure("http", f"{shown} {why}"))
