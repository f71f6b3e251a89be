"""`http`: one request to a server."""

from __future__ import annotations

import json
import re
from email.message import Message
from urllib.parse import urlencode, urlsplit

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json, type_name
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_text
from agentflow_cli.foundation.strict_json import read_json
from agentflow_cli.ports.http import HttpReply, HttpRequest

_HOST = re.compile(r"https?://(?:\[([^\]]*)\]|([^/?#@:\[\s]+))(?=[/?#:]|$)", re.IGNORECASE)
_READS = ("GET", "HEAD")


async def execute(call: Call) -> Outcome:
    method = call.setting("method", "GET")
    url = as_text("url", call.templates["url"]).strip()
    headers = {name: as_text(f"headers.{name}", value) for name, value in _mapping("headers", call.templates).items()}
    body = _body(call.templates, headers)
    if method not in _READS and "idempotency-key" not in {name.lower() for name in headers}:
        headers["Idempotency-Key"] = call.key
    request = HttpRequest(
        method, _with_query(url, _mapping("query", call.templates)), headers, body, near=_author_chose(call, url)
    )
    reply = await call.services.http.send(request)
    return Outcome({"status": reply.status, "headers": reply.headers, "body": _read(reply)})


def _author_chose(call: Call, url: str) -> bool:
    """Whether the host stands in the workflow itself, and no template could have put another in its place."""
    written = _HOST.match(str(call.step.templates["url"]).strip().partition("${{")[0])
    try:
        return written is not None and (written[1] or written[2]).lower() == (urlsplit(url).hostname or "")
    except ValueError:
        return False


def _mapping(name: str, templates: dict[str, Json]) -> dict[str, Json]:
    value = templates.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise StepFailure(Failure("expression", f"`{name}` must be an object, not {type_name(value)}"))
    return value


def _with_query(url: str, query: dict[str, Json]) -> str:
    """`url` with the pairs of `query` behind it; a list gives one pair an element, null gives none."""
    pairs = [
        (name, as_text(f"query.{name}", element))
        for name, value in query.items()
        for element in (value if isinstance(value, list) else [value])
        if element is not None
    ]
    if not pairs:
        return url
    address, mark, fragment = url.partition("#")
    return address + ("&" if "?" in address else "?") + urlencode(pairs) + mark + fragment


def _body(templates: dict[str, Json], headers: dict[str, str]) -> bytes | None:
    if "json" in templates and "body" in templates:
        raise StepFailure(Failure("expression", "a request has `json` or `body`, not both"))
    if "json" in templates:
        content_type, text = "application/json", json.dumps(templates["json"], ensure_ascii=False)
    elif templates.get("body") is not None:
        content_type, text = "text/plain; charset=utf-8", as_text("body", templates["body"])
    else:
        return None
    if "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = content_type
    return text.encode("utf-8", "replace")


def _read(reply: HttpReply) -> Json:
    """The body as JSON where the server says that it is, else as text. StepFailure `invalid_output`."""
    declared = Message()
    declared["content-type"] = reply.headers.get("content-type", "")
    kind = declared.get_content_type() if reply.headers.get("content-type") else ""
    if not reply.body:
        return None if _is_json(kind) else ""
    if _is_json(kind):
        try:
            return read_json(reply.body, distinct_keys=False)
        except ValueError as error:
            raise StepFailure(Failure("invalid_output", f"the server says that it sends JSON: {error}")) from error
    try:
        return reply.body.decode(declared.get_content_charset() or "utf-8")
    except (UnicodeDecodeError, LookupError):
        if kind.startswith("text/"):
            return reply.body.decode("utf-8", "replace")
    size = f"{len(reply.body):,} bytes"
    message = f"the body is neither text nor JSON ({kind or 'of no declared type'}, {size}); fetch it with `run`"
    raise StepFailure(Failure("invalid_output", message))


def _is_json(content_type: str) -> bool:
    return content_type == "application/json" or content_type.endswith("+json")
