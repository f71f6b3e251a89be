"""The `.env` file of a project: fills variables that are not set, and can neither lead keys away nor change programs.

    KEY=value            up to the end of the line, without blanks around it; ` #` begins a comment
    export KEY=value
    KEY='as it is'
    KEY="with \\n, \\t, \\", \\\\ and \\$"      either kind of quotes may go over several lines

Nothing is expanded, and nothing of it is executed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.files import storage_error

NAME = ".env"
_MOST_BYTES = 256 * 1024
_MOST = 1_000
_BLANK = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n|[ \t]*#[^\n]*\Z|[ \t]+\Z)*")
_ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]{0,127})[ \t]*=[ \t]*")
_VALUE = re.compile(
    r"""(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|((?![ \t]*['"])(?:[^\s#]|(?<=[^\s=])#|[ \t]+(?![#\s]|\Z))*))"""
    r"[ \t]*(?:(?<=[ \t'\"=])#[^\n]*)?(?:\n|\Z)",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`"}
_SETTINGS = frozenset(
    f"AGENTFLOW_{name}" for name in ("MODEL", "MAX_PARALLEL", "NO_INPUT", "PROGRESS", "COLOR", "API_KEY", "NO_MODELS")
)
"""Of our own variables, those that a project may fill: the others say where things are, or what is allowed."""
_NEVER = re.compile(
    r"_?AGENTFLOW_.*|.*_BASE_URL|.*_API_BASE|.*_?PROXY|OLLAMA_.*|LITELLM.*|.*_ENDPOINT(_URL)?(_.*)?"
    r"|PATH|CLASSPATH|HOME|USER|LOGNAME|SHELL|ENV|BASH_.*|IFS|CDPATH|PS4|TMPDIR|TEMP|TMP|TERM|LANG|LC_.*|CI|XDG_.*"
    r"|PYTHON.*|LD_.*|DYLD_.*|MALLOC_.*|GLIBC_.*|GCONV_.*|NODE_.*|NPM_.*|PERL.*|RUBY.*|_?JAVA_.*|JDK_.*|GIT_.*|SSH_.*"
    r"|SSL.*|.*_CA_(BUNDLE|FILE|PATH|CERTS?)|CURL_.*|REQUESTS_.*|OPENSSL.*|EDITOR|VISUAL|PAGER|LESS.*"
)
"""Where things are, what programs load, whom they believe: that is for the user to say, and not for a repository."""


@dataclass(frozen=True, slots=True)
class DotEnv:
    values: dict[str, str] = field(default_factory=dict)
    """What a project may set, the last of each name."""
    refused: tuple[str, ...] = ()
    """Names in it that it may not."""


def may_fill(name: str) -> bool:
    """Whether `.env` may give this variable a value."""
    return name in _SETTINGS or _NEVER.fullmatch(name.upper()) is None


def read_dotenv(root: Path) -> DotEnv:
    """What the `.env` of the project at `root` says; nothing where there is none.

    UsageError with the line when it is not such a file, is too large, or leads out of the project.
    """
    path = root / NAME
    text = _text(path)
    if text is None:
        return DotEnv()
    values, refused = dict[str, str](), dict[str, None]()
    for name, value in parse(text, str(path)):
        if may_fill(name):
            values[name] = value
        else:
            refused[name] = None
    return DotEnv(values, tuple(refused))


def filled(environment: Mapping[str, str], dotenv: DotEnv) -> dict[str, str]:
    """`environment`, and what `dotenv` says where it is silent. A variable that is set to nothing stays so."""
    return {**dotenv.values, **environment}


def parse(text: str, where: str) -> list[tuple[str, str]]:
    """The assignments in `text`, in order. UsageError names the line, and never what stands in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: list[tuple[str, str]] = []
    at = 0

    def refuse(what: str, hint: str | None = None) -> UsageError:
        return UsageError(f"{where}, line {text.count(chr(10), 0, at) + 1}: {what}", hint=hint)

    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank is not None and blank.end() > at:
            at = blank.end()
            continue
        head = _ASSIGNMENT.match(text, at)
        if head is None:
            raise refuse("this is no assignment", "write `NAME=value`, or begin the line with `#`")
        value = _VALUE.match(text, head.end())
        if value is None:
            unclosed = text[head.end() : head.end() + 1] in ("'", '"') and not _closed(text, head.end())
            raise refuse("the quotation mark is never closed" if unclosed else "something follows the quotation mark")
        single, double, plain = value.groups()
        if double is not None:
            double = re.sub(r"\\(.)", _unescaped, double, flags=re.DOTALL)
        found.append((head[1], next(each for each in (single, double, plain) if each is not None)))
        at = value.end()
        if len(found) > _MOST:
            raise UsageError(f"{where} has more than {_MOST:,} variables")
    return found


def _closed(text: str, start: int) -> bool:
    return re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL).match(text, start) is not None


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[0])


def _text(path: Path) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise storage_error(error, f"cannot read {path}") from error
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None  # a virtual environment of that name
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise UsageError(f"{path} is not a file")
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise UsageError(f"{path} leads out of the project", hint="it is read only as a file of the project itself")
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{path} is larger than {_MOST_BYTES // 1024} KiB")
    if b"\0" in data:
        raise UsageError(f"{path} holds NUL: it is no text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8") from None
