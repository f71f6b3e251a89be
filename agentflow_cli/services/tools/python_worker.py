"""The other side of python_functions.py: a process that calls the user's functions, one at a time.

Run by file, with the standard library alone: nothing of agentflow is imported here. A frame is four bytes of length
(big-endian) and JSON: a request is `[number, function, arguments, env]`, a reply is
`[number, "ok", value]` or `[number, "error", kind, message, data]`.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import signal
import socket
import struct
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

_HEADER = struct.Struct("!I")
_LIMIT = 64 * 1024 * 1024
_DEEPEST = 200
_FRAMES = 20

_files: dict[str, tuple[tuple[int, int], types.ModuleType]] = {}


class Refusal(Exception):
    """What is wrong with a call or its result; no fault of the function's own code."""


def main() -> None:
    """`python_worker.py CHANNEL LIFELINE ROOT`: two descriptors and the project's root."""
    channel, lifeline, root = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
    sys.argv[:] = [""]
    sys.path.insert(0, root)
    threading.Thread(target=_die_with_parent, args=(lifeline,), daemon=True).start()
    faulthandler.enable(all_threads=False)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    itself, directory = os.getpid(), os.getcwd()  # noqa: PTH109
    while (request := _receive(channel)) is not None:
        number, function, arguments, env = json.loads(request)
        reply = _reply(root, number, function, arguments, env)
        if os.getpid() != itself:
            os._exit(0)  # a child that the function forked came back here: the answer is its parent's to give
        with contextlib.suppress(OSError):
            os.chdir(directory)  # the next call starts where this one did
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        channel.sendall(_HEADER.pack(len(reply)) + reply)


def _die_with_parent(lifeline: int) -> None:
    """The parent alone holds the other end, so its end is the end of this process and of what it started."""
    while os.read(lifeline, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _receive(channel: socket.socket) -> bytes | None:
    header = channel.recv(_HEADER.size, socket.MSG_WAITALL)
    if len(header) < _HEADER.size:
        return None
    (length,) = _HEADER.unpack(header)
    body = bytearray()
    while len(body) < length:
        piece = channel.recv(length - len(body))
        if not piece:
            return None
        body += piece
    return bytes(body)


def _reply(root: str, number: int, function: str, arguments: dict[str, Any], env: dict[str, str]) -> bytes:
    def failed(kind: str, message: str, traceback: list[str] | None = None) -> bytes:
        return _failed(number, kind, message, traceback)

    try:
        called = _function(root, function)
        with _environment_of_call(env):  # what importing the module has set stays, as the module does
            value = _call(function, called, arguments)
        _check(value, "", 0)
        encoded = json.dumps([number, "ok", value], ensure_ascii=False, allow_nan=False).encode()
        if len(encoded) > _LIMIT:
            raise Refusal(f"`{function}` returned {len(encoded):,} bytes of JSON; {_LIMIT:,} is the most")
        return encoded
    except Refusal as error:
        return failed("exception", str(error))
    except UnicodeEncodeError:
        return failed("exception", f"`{function}` returned text with half a surrogate pair, which JSON cannot hold")
    except SystemExit as error:
        return failed("crashed", f"`{function}` ended the process (sys.exit({error.code!r})); return a value, or raise")
    except BaseException as error:
        return failed("exception", *_described(root, error))


def _failed(number: int, kind: str, message: str, traceback: list[str] | None) -> bytes:
    data = {"traceback": [_text(line) for line in traceback]} if traceback else {}
    text = json.dumps([number, "error", kind, _text(message[:20_000]), data], ensure_ascii=True)
    return text.encode("ascii")


def _text(words: str) -> str:
    """`words` without halves of surrogate pairs, which could not be stored."""
    return words.encode("utf-8", "backslashreplace").decode()


@contextlib.contextmanager
def _environment_of_call(env: dict[str, str]) -> Iterator[None]:
    """The variables of one call; whatever it does to the environment, the next call finds it as it was."""
    before = dict(os.environ)
    try:
        os.environ.update(env)
        yield
    finally:
        if dict(os.environ) != before:
            os.environ.clear()
            os.environ.update(before)


def _function(root: str, name: str) -> Callable[..., Any]:
    """The function that `path.py:name` or `pkg.mod:name` names."""
    place, _, attribute = name.rpartition(":")
    module = _file_module(root, place) if place.endswith(".py") else _named_module(place)
    function = getattr(module, attribute, None)
    if function is None:
        raise Refusal(f"`{place}` has no function `{attribute}`{_suggestion(attribute, vars(module))}")
    if not callable(function):
        raise Refusal(f"`{attribute}` in `{place}` is a {type(function).__name__}, not a function")
    return function  # type: ignore[no-any-return]


def _file_module(root: str, place: str) -> types.ModuleType:
    """The module of a file below the root, executed again when the file has changed."""
    path = os.path.realpath(os.path.join(root, place))  # noqa: PTH118 - pathlib costs this process 5 ms at its start
    if os.path.commonpath([path, os.path.realpath(root)]) != os.path.realpath(root):
        raise Refusal(f"`{place}` is outside the project")
    try:
        status = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        raise Refusal(f"the file `{place}` is not there") from None
    stamp = (status.st_mtime_ns, status.st_size)
    if path in _files and _files[path][0] == stamp:
        return _files[path][1]
    # Compiled from the source itself: a cached .pyc is told apart by whole seconds only.
    with open(path, "rb") as stream:  # noqa: PTH123
        code = compile(stream.read(), path, "exec", dont_inherit=True)
    name = "agentflow_file_" + "".join(c if c.isalnum() else "_" for c in place.removesuffix(".py"))
    module = types.ModuleType(name)
    module.__file__ = path
    sys.modules[name] = module  # dataclasses and typing look their module up
    try:
        exec(code, vars(module))
    except BaseException:
        del sys.modules[name]
        raise
    _files[path] = (stamp, module)
    return module


def _named_module(place: str) -> types.ModuleType:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name is not None and (place == error.name or place.startswith(error.name + ".")):
            raise Refusal(
                f"there is no module `{place}` for {sys.executable}; it is looked for in the project's root "
                "and among the installed packages"
            ) from None
        raise


def _call(name: str, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        value = function(**arguments)
    except TypeError as error:
        # Raised in the call itself, not by the function's own code.
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            raise Refusal(_mismatch(name, function, arguments, error)) from None
        raise
    if hasattr(value, "__await__"):
        import asyncio

        async def wait() -> Any:
            return await value

        return asyncio.run(wait())
    return value


def _mismatch(name: str, function: Callable[..., Any], arguments: dict[str, Any], error: TypeError) -> str:
    """Which arguments are missing and which are not known."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return f"`{name}` cannot be called with these arguments: {error}"
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters)
    missing = [p.name for p in named if p.default is p.empty and p.name not in arguments]
    unknown = [key for key in arguments if not open_ended and key not in {p.name for p in named}]
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.default is p.empty]
    problems = [f"`with` does not give `{key}`, which it needs" for key in missing]
    problems += [f"it has no parameter `{key}`{_suggestion(key, [p.name for p in named])}" for key in unknown]
    problems += [f"its parameter `{key}` cannot be given by name" for key in positional]
    return f"`{name}`: " + ("; ".join(problems) or str(error))


def _suggestion(word: str, candidates: Any) -> str:
    import difflib

    public = [candidate for candidate in candidates if not candidate.startswith("__")]
    close = difflib.get_close_matches(word, public, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _check(value: Any, key: str, depth: int) -> None:
    """Refuse what is not JSON, naming its type and where it stands; json.dumps alone would change keys silently."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return
    place = f"at `{key.removeprefix('.')}`" if key else "as its value"
    if depth > _DEEPEST:
        raise Refusal(f"the function returned something more than {_DEEPEST} levels deep, or that contains itself")
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise Refusal(f"the function returned {value} {place}, which JSON cannot hold; return None instead")
    elif isinstance(value, dict):
        for name, element in value.items():
            if not isinstance(name, str):
                raise Refusal(f"the function returned a mapping {place} with the key {name!r}; keys must be strings")
            _check(element, f"{key}.{name}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, element in enumerate(value):
            _check(element, f"{key}[{index}]", depth + 1)
    elif not isinstance(value, str | int):
        raise Refusal(
            f"the function returned a {kind.__module__}.{kind.__qualname__} {place}, which is not JSON; ".replace(
                "builtins.", ""
            )
            + _instead(value)
        )


def _instead(value: Any) -> str:
    """What gives the same as JSON."""
    if hasattr(value, "__dataclass_fields__"):
        return "return `dataclasses.asdict(…)` of it"
    if callable(getattr(value, "model_dump", None)):
        return "return its `.model_dump(mode='json')`"
    if isinstance(value, set | frozenset):
        return "return `sorted(…)` of it, a list"
    return "return text, numbers, booleans, None, lists and dicts of them"


def _described(root: str, error: BaseException) -> tuple[str, list[str]]:
    """`ValueError: bad row (etl.py:12)`, and the frames of the user's own code, the innermost last."""
    import traceback

    root = os.path.realpath(root) + os.sep
    frames = []
    for frame in traceback.extract_tb(error.__traceback__):
        file = os.path.realpath(frame.filename)
        if file.startswith(root) and "site-packages" not in file and file != os.path.realpath(__file__):
            frames.append((f"{file.removeprefix(root)}:{frame.lineno}", frame.name, frame.line or ""))
    with contextlib.suppress(Exception):  # the exception's own __str__ may fail
        text = str(error).strip()
        message = f"{type(error).__name__}: {text}" if text else type(error).__name__
        if isinstance(error, SyntaxError) and error.filename:
            file = os.path.realpath(error.filename).removeprefix(root)
            message, frames = f"{type(error).__name__}: {error.msg} ({file}:{error.lineno})", []
        elif isinstance(error, ModuleNotFoundError):
            message += f" (it is not installed for {sys.executable})"
        if frames:
            message += f" ({frames[-1][0]})"
        return message, [f"{place} in {name}: {line}".rstrip(": ") for place, name, line in frames[-_FRAMES:]]
    return type(error).__name__, []


if __name__ == "__main__":
    main()
