"""The yaml-language-server that editors use, spoken to as an editor does: JSON-RPC over its standard streams."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAIT = 60.0
"""The longest wait for an answer, in seconds; a machine under load is slow."""

_CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown", "plaintext"]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True, "workspaceFolders": True},
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Lines and columns from 0, as the protocol counts."""

    message: str
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a completion list."""

    label: str
    text: str
    about: str
    snippet: bool


class LanguageServer:
    """One server for the workspace `root`, with the `yaml` settings that the editor would send."""

    def __init__(self, script: Path, root: Path, settings: dict[str, Any]) -> None:
        self._root, self._settings = root, settings
        self._process = subprocess.Popen(
            ["node", str(script), "--stdio"],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "NODE_OPTIONS": ""},
        )
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._number = 0
        self._opened = 0
        folder = {"uri": root.as_uri(), "name": root.name}
        self._request(
            "initialize",
            {"processId": os.getpid(), "rootUri": folder["uri"], "workspaceFolders": [folder],
             "capabilities": _CAPABILITIES},
        )  # fmt: skip
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": {"yaml": settings}})

    def wait_for_settings(self, name: str) -> None:
        """Come back when the settings are in force: an unknown field in the file `name` is found."""
        uri = self._open(name, "wrong: 1\n")
        while not self._published(uri):
            pass

    def problems(self, name: str, text: str, *, in_place: bool = False) -> list[Problem]:
        """What is underlined in the file `name` of the workspace when it holds `text`; `in_place` once for a name."""
        return self._published(self._open(name, text, in_place=in_place))

    def offers(self, name: str, text: str) -> list[Offer]:
        """What is offered where `text` has a `|`."""
        at = self._at(name, text)
        answer = self._request("textDocument/completion", at) or {"items": []}
        items = answer if isinstance(answer, list) else answer["items"]
        return [
            Offer(
                item["label"],
                item.get("textEdit", {}).get("newText") or item.get("insertText", ""),
                _text(item.get("documentation") or ""),
                item.get("insertTextFormat") == 2,
            )
            for item in items
        ]

    def hover(self, name: str, text: str) -> str:
        """What is shown for the word at the `|` in `text`."""
        answer = self._request("textDocument/hover", self._at(name, text))
        return _text(answer["contents"]) if answer else ""

    def close(self) -> None:
        """End the server."""
        self._request("shutdown", None)
        self._notify("exit", None)
        try:
            self._process.wait(WAIT)
        finally:
            self._process.kill()
            self._process.communicate()

    def _published(self, uri: str) -> list[Problem]:
        """The next list of problems that the server sends for a file."""
        while True:
            message = self._next()
            found = message.get("params", {})
            if message.get("method") == "textDocument/publishDiagnostics" and found.get("uri") == uri:
                return [
                    Problem(p["message"], _place(p["range"]["start"]), _place(p["range"]["end"]))
                    for p in found["diagnostics"]
                ]

    def _at(self, name: str, text: str) -> dict[str, Any]:
        before, bar, after = text.partition("|>")
        assert bar, "mark the cursor with |>"
        uri = self._open(name, before + after)
        line = before.count("\n")
        column = len(before) - (before.rfind("\n") + 1)
        return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}

    def _open(self, name: str, text: str, *, in_place: bool = False) -> str:
        """Open it in a directory of its own unless `in_place`, so that no answer is about what it held before."""
        self._opened += 1
        uri = (self._root / ("" if in_place else str(self._opened)) / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def _request(self, method: str, params: Any) -> Any:
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def _notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _next(self) -> dict[str, Any]:
        """The next message; what the server asks of the editor is answered on the way."""
        while True:
            message = self._messages.get(timeout=WAIT)
            assert message is not None, "the language server has ended"
            if "method" not in message or "id" not in message:
                return message
            result: Any = None
            if message["method"] == "workspace/configuration":
                result = [{"yaml": self._settings}.get(item.get("section"), {}) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                self._messages.put(None)
                return
            self._messages.put(json.loads(stream.read(length)))


def _place(position: dict[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]


def _text(content: Any) -> str:
    """Markdown or plain text, however the protocol wraps it."""
    if isinstance(content, dict):
        return str(content["value"])
    return "\n".join(_text(part) for part in content) if isinstance(content, list) else str(content)
