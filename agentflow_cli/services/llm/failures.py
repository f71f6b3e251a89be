"""What a provider's refusal means: one table from status and body to kinds of failure, for every path to a provider.

A status is believed before the words beside it. The words are kept, cleaned, cut and without secrets.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.services.llm.scrub import scrub

_MOST_QUOTED = 300
_KIND_BY_STATUS = {
    401: "auth",
    402: "limit",
    403: "auth",
    408: "timeout",
    409: "unavailable",  # another request under the same key is under way, or a lock is held
    425: "unavailable",
    429: "rate_limit",
    503: "unavailable",
    504: "timeout",
    529: "overloaded",
}
"""Beside these: 5xx may heal (`unavailable`); every other 4xx will not (`model`)."""
_KIND_BY_WORD = (
    (r"insufficient_quota|quota_exceeded_error|billing|credit balance|payment_required", "limit"),
    (r"rate_limit|too_many_requests|resource_exhausted", "rate_limit"),
    (r"overloaded|engine_overloaded", "overloaded"),
    (r"authentication|invalid_api_key|permission|unauthori[sz]ed|unauthenticated", "auth"),
    (r"timeout|deadline_exceeded", "timeout"),
    (r"server_error|api_error|internal|unavailable|service_unavailable", "unavailable"),
)
"""For an error that comes without a status, in the middle of a stream: words of its type and code."""
_QUOTA = re.compile(r"insufficient_quota|billing_hard_limit|billing_not_active|credit balance", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context_length|context length|context window|prompt is too long|too many tokens", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FailureReader:
    """Makes failures for one provider: `who` is named in them, `secrets` never are."""

    who: str
    clock: Clock
    secrets: tuple[str, ...] = ()
    key_variable: str | None = None

    def by_status(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        """For an answer other than 200. `headers` have lower-case names; `body` may be cut off."""
        if 300 <= status < 400:
            target = re.sub(r"^(\w+://[^/?#]*).*$", r"\1", headers.get("location", "elsewhere"), flags=re.DOTALL)
            said = (
                f"{self.who} redirects to {self._shown(target)}, and redirects are not followed: configure that address"
            )
            return Failure("model", said, data={"status": status})
        value = _json(body)
        error = _error_object(value)
        words = _words(error)
        kind = _KIND_BY_STATUS.get(status) or ("unavailable" if status >= 500 else "model")
        if kind == "rate_limit" and _QUOTA.search(words):
            kind = "limit"
        if status == 503 and "overload" in words.lower():
            kind = "overloaded"
        reason = _reason(error) if value is not None else _plain_reason(body)
        message = f"{self.who} answered {status}{_phrase(status)}" + (f": {self._shown(reason)}" if reason else "")
        data: dict[str, Json] = {"status": status}
        if code := _code(error):
            data["code"] = self._shown(code)
        wait = _retry_after(headers, error, self.clock.now()) if kind != "limit" else None
        return Failure(kind, message + self._advice(kind, status, words), wait, data)

    def by_error(self, value: Json) -> Failure:
        """For an error object that came where a reply should: in the middle of a stream, or with status 200."""
        error = _error_object(value)
        words = _words(error)
        status = error.get("status_code", error.get("code")) if isinstance(error, dict) else None
        if isinstance(status, str) and status.isdigit():
            status = int(status)
        if isinstance(status, int) and not isinstance(status, bool) and 400 <= status < 600:
            return self.by_status(status, {}, json.dumps(value).encode())
        kind = next(
            (kind for pattern, kind in _KIND_BY_WORD if re.search(pattern, words, re.IGNORECASE)), "unavailable"
        )
        if _TOO_LONG.search(words) or "invalid_request" in words:
            kind = "model"
        reason = self._shown(_reason(error)) or "it gave no reason"
        return Failure(kind, f"{self.who} broke off with an error: {reason}{self._advice(kind, 0, words)}")

    def connection(self, what: str) -> Failure:
        """For a connection that was not there or broke: another attempt may find it whole."""
        return Failure("unavailable", f"{self.who} {self._shown(what)}")

    def cut_off(self) -> Failure:
        """For a stream that ended and gave no reason to finish."""
        return self.connection("ended its answer without saying that it was finished")

    def not_a_stream(self, body: bytes) -> Failure:
        """For what came, with status 200, in place of a stream."""
        value = _json(body)
        if isinstance(value, dict) and value.get("error"):
            return self.by_error(value)
        if value is not None:
            return self.nonsense("was asked to stream, and answered with JSON in one piece")
        return self.not_a_reply(body)

    def not_a_reply(self, body: bytes) -> Failure:
        """For a body that is not JSON."""
        text = body[:4096].strip()
        if not text:
            return self.nonsense("answered with nothing at all")
        if text[:1] == b"<":
            return self.nonsense(f"answered with {_plain_reason(text)}, as a proxy or a log-in page does")
        return self.nonsense("answered with something that is not JSON")

    def nonsense(self, what: str) -> Failure:
        """For an answer that is none, as proxies and login pages give it."""
        return Failure("unavailable", f"{self.who} {self._shown(what)}")

    def _shown(self, text: str) -> str:
        text = clean(scrub(text, self.secrets), keep_newlines=False).strip()
        return text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 1] + "…"

    def _advice(self, kind: str, status: int, words: str) -> str:
        if kind == "auth" and self.key_variable:
            return f"; check {self.key_variable}"
        if kind == "limit":
            return "; the account's balance or quota is used up"
        if kind == "model" and (status == 413 or _TOO_LONG.search(words)):
            return "; the prompt is too long for this model"
        return ""


def unreachable(origin: str, error: OSError | None) -> str:
    """Completes `the provider …`; `error` is what the system said, if it said anything."""
    code = error.errno if error is not None else None
    reason = os.strerror(code) if code is not None and code > 0 else error.strerror if error is not None else None
    return f"cannot be reached at {origin}: {reason or 'no connection'}"


def _json(body: bytes) -> Json:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _error_object(value: Json) -> Json:
    """The innermost thing that says what went wrong."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict) and value.get("error"):
        return value["error"]
    return value


def _words(error: Json) -> str:
    if isinstance(error, dict):
        return " ".join(str(error.get(key, "")) for key in ("type", "code", "status", "message"))
    return str(error or "")


def _reason(error: Json) -> str:
    if isinstance(error, dict):
        for key in ("message", "detail", "error", "title", "type"):
            if isinstance(error.get(key), str) and error[key].strip():
                return str(error[key])
        return json.dumps(error)[:_MOST_QUOTED] if error else ""
    return str(error or "")


def _plain_reason(body: bytes) -> str:
    text = body[:4096].decode("utf-8", "replace").strip()
    if text[:1] == "<":
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        return f"a web page, “{title[1].strip()}”" if title and title[1].strip() else "a web page"
    return text


def _code(error: Json) -> str:
    code = (error.get("code") or error.get("type")) if isinstance(error, dict) else None
    return code[:64] if isinstance(code, str) else ""


def _phrase(status: int) -> str:
    try:
        return " " + HTTPStatus(status).phrase
    except ValueError:
        return " Overloaded" if status == 529 else ""


def _retry_after(headers: Mapping[str, str], error: Json, now: float) -> float | None:
    """Seconds to wait, from whichever header or field says so; None when nothing usable does."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    if text:
        seconds = _number(text)
        if seconds is not None:
            return seconds
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - now)
        except (ValueError, TypeError, OverflowError):
            return None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("retryDelay"), str):
            return _number(detail["retryDelay"].removesuffix("s"))
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
