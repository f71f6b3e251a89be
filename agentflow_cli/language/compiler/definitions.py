"""What a Python file and those of its project that it imports from define. Nothing is executed."""

from __future__ import annotations

import ast
import functools
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from agentflow_cli.language.compiler.hints import Definition, Elsewhere, OwnNames, name_of
from agentflow_cli.language.loader.files import is_file
from agentflow_cli.language.loader.uses import looked_at

_TYPING = frozenset({"typing", "typing_extensions", "collections", "builtins", "__future__"})
"""Modules from which a type hint has the meaning that it has everywhere."""
_MARKS = frozenset(
    {"Any", "Literal", "Optional", "Union", "Annotated", "Required", "NotRequired", "TypedDict", "Final"}
)
"""Names that mean the same from whatever module they come."""
_HINTS = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.Call)
"""What can stand behind `Rows =` where that names a type."""
_LARGEST = 2_000_000
"""Bytes."""
_FARTHEST = 5
"""Files through which one name is handed on."""


class UnreadableSourceError(ValueError):
    """A file that is not Python; the message is a sentence about it. `line` is where Python stopped, from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Imported(NamedTuple):
    """`from module import name`; with `name` empty `import module`. `level` counts the dots before it."""

    module: str
    name: str
    level: int = 0


class Source:
    """One file. `own` says what its names mean in type hints; `imports`, of the names that it binds once, what it has
    from other modules."""

    __slots__ = ("body", "data", "imports", "own", "path")

    def __init__(self, path: Path, data: bytes, body: list[ast.stmt]) -> None:
        self.path = path
        self.data = data
        self.body = body
        self.own: OwnNames = own_names(body)
        self.imports: Mapping[str, Imported] = _imports(body)


def source_of(path: Path) -> Source:
    """The file at `path`, parsed once for each of its versions. UnreadableSourceError."""
    try:
        status = path.stat()
    except (ValueError, OSError) as error:
        raise UnreadableSourceError(str(error)) from None
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, and a device has no end
        raise UnreadableSourceError("it is not a regular file")
    found = _source(path, status.st_mtime_ns, status.st_size)
    if isinstance(found, UnreadableSourceError):
        raise found.with_traceback(None)  # it is kept: the frames of those who asked are not
    return found


@functools.lru_cache(maxsize=64)
def _source(path: Path, modified: int, size: int) -> Source | UnreadableSourceError:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise UnreadableSourceError("it is too large")
        body = ast.parse(data).body
        return Source(path, data, body)
    except UnreadableSourceError as error:
        return error.with_traceback(None)
    except SyntaxError as error:
        return UnreadableSourceError(f"{error.msg} (line {error.lineno})", error.lineno)
    except (ValueError, RecursionError, MemoryError, OSError) as error:
        return UnreadableSourceError(str(error) or type(error).__name__)


def follow(source: Source, name: str, root: Path, left: int = _FARTHEST) -> tuple[Definition, Source] | None:
    """What `name` is that `source` imports from another file of the project at `root`, and the file that defines it."""
    found = source.imports.get(name)
    path = None if found is None or not found.name or not left else _file_of(found, source.path, root)
    if found is None or path is None:
        return None
    try:
        other = source_of(path)
    except UnreadableSourceError:
        return None
    definition = other.own.get(found.name)
    return follow(other, found.name, root, left - 1) if definition is None else (definition, other)


def elsewhere(source: Source, root: Path) -> Elsewhere:
    """Finds what `source` imports from other files of the project at `root`."""

    def find(name: str) -> tuple[Definition, OwnNames, Elsewhere] | None:
        found = follow(source, name, root)
        return None if found is None else (found[0], found[1].own, elsewhere(found[1], root))

    return find


def _file_of(found: Imported, importer: Path, root: Path) -> Path | None:
    """The file of the project that an import reads; None for what is installed."""
    if not found.level:
        return None if found.module.partition(".")[0] in sys.stdlib_module_names else locate_module(root, found.module)
    base = importer.parent
    for _ in range(found.level - 1):
        base = base.parent
    return locate_module(base, found.module) if found.module and base.is_relative_to(root) else None


def locate_module(root: Path, dotted: str) -> Path | None:
    """The file of module `dotted` when it lies in the project; None for one that is installed, or not there."""
    base = root.joinpath(*dotted.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        looked_at(candidate)
        if is_file(candidate):
            return candidate
    return None


def own_names(body: Iterable[ast.stmt]) -> dict[str, Definition | None]:
    """What a file gives a meaning of its own: its classes and type aliases, and None for its other names, but not for
    typing's."""
    found: dict[str, Definition | None] = {}
    for statement in statements(body):
        match statement:
            case ast.ClassDef(name=name):
                found[name] = None if name in found else statement
            case ast.ImportFrom(module=str(module), level=0) if module.partition(".")[0] in _TYPING:
                pass
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                usual = isinstance(statement, ast.Import)
                for alias in aliases:
                    name = alias.asname or alias.name.partition(".")[0]
                    if name not in _MARKS and not (usual and alias.name.partition(".")[0] in _TYPING):
                        found[name] = None
            case ast.AnnAssign(ast.Name(id=name), hint, ast.Constant(value=str()) as text) if (
                name_of(hint) == "TypeAlias"
            ):
                found[name] = None if name in found else text
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if name not in _MARKS:
                found[name] = None if name in found or not isinstance(value, _HINTS) else value
            case _:
                found.update((name, None) for name in stored(statement) if name not in _MARKS)
    return found


def _imports(body: Iterable[ast.stmt]) -> dict[str, Imported]:
    found: dict[str, Imported | None] = {}
    for statement in statements(body):
        match statement:
            case ast.Import(names=aliases):
                for alias in aliases:
                    module = alias.name if alias.asname else alias.name.partition(".")[0]
                    _bind(found, alias.asname or module, Imported(module, ""))
            case ast.ImportFrom(module=module, names=aliases, level=level):
                for alias in aliases:
                    _bind(found, alias.asname or alias.name, Imported(module or "", alias.name, level))
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                _bind(found, name, None)
            case _:
                for name in stored(statement):
                    _bind(found, name, None)
    return {name: what for name, what in found.items() if what is not None}


def _bind(found: dict[str, Imported | None], name: str, what: Imported | None) -> None:
    found[name] = what if found.get(name, what) == what else None


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of `body` and of the branches in it, not those inside of definitions."""
    waiting = list(body)
    while waiting:
        statement = waiting.pop()
        yield statement
        waiting += (inner for branch in branches(statement) for inner in branch)


def branches(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of a statement that is not a definition, of which each may be executed or not."""
    if isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While | ast.Match | ast.TryStar):
        for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            for field in ("body", "orelse", "finalbody"):
                if block := getattr(part, field, None):
                    yield block


def stored(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement itself gives values to, not the blocks in it."""
    match statement:
        case ast.Assign(targets=parts):
            pass
        case ast.AnnAssign(target=part) | ast.For(target=part) | ast.Expr(value=part) | ast.If(test=part):
            parts = [part]
        case ast.With(items=items):
            parts = [item.optional_vars for item in items if item.optional_vars is not None]
        case _:
            return
    for part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
