"""`http` steps whose request can never be sent: an address that is none, a header that nobody may name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.schema.wording import shown

_SCHEMES = ("https://", "http://")
_TEMPLATE = r"(?s)\$\{\{.*?(?:\}\}|\Z)"
_BEGUN = r"\$\{\{|\{%"
_WITH_PASSWORD = r"(?i)https?://([^/?#@]*:[^/?#@]*@)"
_HEADER = frozenset("!#$%&'*+.^_`|~-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Characters of the name of a header."""

_OURS = ("connection", "content-length", "host", "transfer-encoding", "upgrade", "te", "trailer", "expect")
"""Headers that say how a message is framed and routed."""


def check_requests(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report them; of an address with expressions, what stands before the first one."""
    for step, _ in steps_with_blocks(loaded.workflow):
        if diagnostics.is_full:
            return
        if step.kind == "http":
            url = step.templates["url"]
            diagnostics.extend(_address(loaded.document, url.value, url.path))
            diagnostics.extend(_headers(loaded.document, step))
        elif step.kind == "tool" and step.settings["tool"].value == "http_get" and "with" in step.templates:
            given = step.templates["with"]
            if isinstance(given.value.get("url"), str):
                diagnostics.extend(_address(loaded.document, given.value["url"], (*given.path, "url")))


def _address(document: Document, text: str, path: DocumentPath) -> Iterator[Diagnostic]:
    known, *template = re.split(_BEGUN, text, maxsplit=1)
    start = known.lstrip().lower()
    begun = any(start.startswith(scheme) or (template and scheme.startswith(start)) for scheme in _SCHEMES)
    if not begun:
        host = re.match(r"[\w.-]+(?::\d+)?(?=/|\?|$)", start)
        near = f"write `https://{known.strip()}{'…' if template else ''}`" if host else None
        yield Diagnostic("AF346", "a request goes to an address that begins with `https://` or `http://`",
                         document.within(path, 0, len(known.rstrip()) or len(text)), label="not an address",
                         help=near)  # fmt: skip
        return
    if "@" not in text or "{%" in text:
        return
    password = re.match(_WITH_PASSWORD, re.sub(_TEMPLATE, lambda found: "x" * len(found.group()), text.lstrip()))
    if password is not None:
        left = len(text) - len(text.lstrip())
        yield Diagnostic("AF346", "an address holds no user name and no password: it is shown, logged and kept",
                         document.within(path, *(left + place for place in password.span(1))), label="not sent",
                         help="send a header: `headers: {Authorization: \"Basic ${{ secrets.NAME }}\"}`")  # fmt: skip


def _headers(document: Document, step: Step) -> Iterator[Diagnostic]:
    headers = step.templates.get("headers")
    if headers is None or not isinstance(headers.value, dict):
        return
    for name in headers.value:
        if "${{" in name:
            continue  # said of the key
        if name.lower() in _OURS:
            yield Diagnostic("AF346", f"the header `{name}` is set by agentflow",
                             document.key_span((*headers.path, name)), label="cannot be sent",
                             help="leave it out")  # fmt: skip
        elif not name or not _HEADER.issuperset(name):
            usual = re.sub(r"[\s_:]+", "-", name.strip(" :"))
            yield Diagnostic("AF346", f"{shown(name)} is no name of a header",
                             document.key_span((*headers.path, name)), label="cannot be sent",
                             help=f"write `{usual}`" if usual and _HEADER.issuperset(usual) else None)  # fmt: skip
