"""What a server's refusal means: its status decides the kind, and the first words of its body say why."""

from __future__ import annotations

import contextlib
import json
import math
import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.ports.http import HttpReply

_KINDS = {
    401: "auth",
    403: "auth",
    407: "auth",
    408: "timeout",
    425: "unavailable",
    429: "rate_limit",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}
"""Every other status of 400 and above is kind `http`: another attempt would get the same."""
_MOST_SAID = 300
_MOST_KEPT = 8_000


def failure_of(method: str, url: str, reply: HttpReply, clock: Clock) -> Failure:
    """The failure for a reply of status 400 or more. `data` holds `status`, `headers` and the first 8,000 characters
    of the `body`."""
    status = reply.status
    text = reply.body[: 4 * _MOST_KEPT].decode("utf-8", "replace")
    said = _said(text, reply.headers.get("content-type", ""))
    message = f"{method} {shown_url(url)} answered {status}{_phrase(status)}" + (f": {said}" if said else "")
    data: dict[str, Json] = {"status": status, "headers": _kept(reply.headers), "body": text[:_MOST_KEPT]}
    return Failure(_KINDS.get(status, "http"), message, retry_after(reply.headers, clock.now()), data)


def shown_url(url: str) -> str:
    """`url` as messages show it: a query may hold a key, and so may a user before the host."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(a malformed URL)"
    return f"{parts.scheme}://{host}{parts.path}" + ("?…" if parts.query else "")


def retry_after(headers: dict[str, str], now: float) -> float | None:
    """Seconds that the server asks to wait; it may say them as a number or as a date."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _kept(headers: dict[str, str]) -> dict[str, Json]:
    return {name: value for name, value in headers.items() if name != "set-cookie"}


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _said(text: str, content_type: str) -> str:
    """The reason in a body: its `message` or `error` when it is JSON, its title when it is a page, else a line."""
    if "html" in content_type.lower():
        title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
        text = title[1] if title else ""
    else:
        with contextlib.suppress(ValueError, RecursionError):
            text = _reason(json.loads(text)) or text
    line = next((line.strip() for line in clean(text).splitlines() if line.strip()), "")
    return line if len(line) <= _MOST_SAID else line[: _MOST_SAID - 1] + "…"


def _reason(value: Json) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        for name in ("message", "detail", "error_description", "error", "title"):
            if found := _reason(value.get(name)):
                return found
    return None
