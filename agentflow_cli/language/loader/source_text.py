"""A file's bytes to text that the YAML parser may see: bounded, UTF-8, no characters that hide."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.loader.source_map import Lines
from agentflow_cli.language.loader.tokens import without_tokens

LARGEST_FILE = 5_000_000
"""Bytes."""
MOST_BRACKETS = 400_000
"""Opening brackets, wherever they stand."""
_MANY_KEYS = re.compile(r"(?:\?[ \t]+){300}")
BYTE_ORDER_MARK = "\ufeff"
_TOO_LARGE = f"the file is larger than {LARGEST_FILE // 1_000_000} MB"
_SMALLER = "move data out of the workflow into files that steps read"
_FORBIDDEN_ASCII = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
"""Compiled when a text is not ASCII, for that takes five milliseconds."""


def read_source(path: Path, file: str, diagnostics: Diagnostics) -> str | None:
    """The text of `path`, not yet checked; None with a diagnostic that names `file`.

    Bytes that are no UTF-8 are reported, and stand in the text as U+FFFD, so that a frame can show their line.
    """

    def refuse(message: str, code: str = "AF100", hint: str | None = None) -> None:
        diagnostics.add(Diagnostic(code, message, file=file, help=hint))

    try:
        if path.is_dir():
            refuse("this is a directory, not a file", hint="name a file, or the files in it: `workflows/*.yaml`")
            return None
        if not path.exists():
            refuse("there is no such file")
            return None
        if not path.is_file():
            refuse("this is not a regular file", hint="save what it holds in a file")
            return None
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        refuse(f"the file cannot be read: {getattr(error, 'strerror', None) or 'its name is not usable'}")
        return None
    if len(data) > LARGEST_FILE:
        refuse(_TOO_LARGE, "AF103", _SMALLER)
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse("the file is UTF-16", "AF101", "save it as UTF-8")
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(BYTE_ORDER_MARK)
        line, column = Lines(before).place(len(before))
        message = f"the file is not UTF-8: byte 0x{data[error.start]:02x} does not belong here"
        span = Span(file, line, column, line, column + 1)
        diagnostics.add(Diagnostic("AF101", message, span, label="not UTF-8", help="save the file as UTF-8"))
        return data.decode("utf-8", "replace")


def check_text(text: str, file: str, diagnostics: Diagnostics) -> bool:
    """Whether the YAML parser may see `text`; False with a diagnostic about its size or its first bad character."""
    if len(text) > LARGEST_FILE:
        diagnostics.add(Diagnostic("AF103", _TOO_LARGE, file=file, help=_SMALLER))
        return False
    deep = _too_deep(text)
    if deep is not None:
        diagnostics.add(Diagnostic("AF103", f"the file has {deep}", file=file, help=_SMALLER))
        return False
    found = _FORBIDDEN_ASCII.search(text) if text.isascii() else re.search(_FORBIDDEN, text)
    if found is None:
        return True
    character = found.group()
    name = unicodedata.name(character, "a control character").lower()
    line, column = Lines(text).place(found.start())
    help_ = 'remove it, or write it as an escape inside double quotes, like `"\\x1b"`'
    diagnostics.add(
        Diagnostic(
            "AF102",
            f"the character U+{ord(character):04X} ({name}) is not allowed in YAML",
            Span(file, line, column, line, column + 1),
            label="not allowed",
            help=help_ if character != "\0" else "remove it",
        )
    )
    return False


def _too_deep(text: str) -> str | None:
    """Why the parser must not see `text`: it looks ahead before it can be stopped, and would take all there is."""
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        return f"more than {MOST_BRACKETS:,} opening brackets"
    if "? ? ? ?" in text and _MANY_KEYS.search(text):
        return "hundreds of `?` inside each other"
    return None


def without_mark(text: str) -> str:
    """`text` without a byte order mark, which editors hide and positions do not count."""
    return text.removeprefix(BYTE_ORDER_MARK)


def shown_text(data: bytes) -> str:
    """The bytes of a file as frames show them: what is no UTF-8 as U+FFFD, tokens as stars."""
    return without_tokens(without_mark(data.decode("utf-8", "replace")))
