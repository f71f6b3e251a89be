"""What a Python function gives that can never be JSON, as far as its type hint says, and what it could give instead.

`services/tools/python_worker.py` refuses such values when they come; this says the same of types.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from agentflow_cli.language.compiler.definitions import Source, follow
from agentflow_cli.language.compiler.hints import (
    MAPPINGS,
    SPECIAL_MAPPINGS,
    Definition,
    OwnNames,
    is_endless,
    is_usual,
    marker_of,
    name_of,
    unquoted,
)
from agentflow_cli.language.compiler.python_source import Parameters

_DEEPEST = 12
_LIST = "return `list(…)` of it"
_SORTED = "return `sorted(…)` of it, a list"
_TEXT = "return `str(…)` of it"
_ISO = "return its `.isoformat()`"
_BUILT_IN: Mapping[str, str] = {
    "set": _SORTED, "frozenset": _SORTED, "Set": _SORTED, "FrozenSet": _SORTED, "AbstractSet": _SORTED,
    "bytes": "return its `.decode()`", "bytearray": "return its `.decode()`", "complex": _TEXT, "range": _LIST,
    "Iterator": _LIST, "Generator": _LIST, "deque": _LIST, "Deque": _LIST,
    "AsyncIterator": "return a list of all", "AsyncGenerator": "return a list of all",
}  # fmt: skip
_IMPORTED: Mapping[tuple[str, str], str] = {
    ("datetime", "datetime"): _ISO, ("datetime", "date"): _ISO, ("datetime", "time"): _ISO,
    ("datetime", "timedelta"): "return its `.total_seconds()`", ("decimal", "Decimal"): _TEXT,
    ("fractions", "Fraction"): _TEXT, ("pathlib", "Path"): _TEXT, ("pathlib", "PurePath"): _TEXT,
    ("uuid", "UUID"): _TEXT,
    ("pydantic", "BaseModel"): "return its `.model_dump(mode='json')`", ("re", "Match"): "return its `.group()`",
    ("collections.abc", "Iterator"): _LIST, ("collections.abc", "Generator"): _LIST,
}  # fmt: skip
_ONE = frozenset({"Annotated", "Required", "Final", "ReadOnly"})
_ARRAYS = frozenset({"list", "List", "Sequence"})
_NO_TEXT = frozenset({"int", "float", "bool", "tuple", "Tuple", "None", "bytes"})
_KINDS: Mapping[str, tuple[str, str]] = {
    "data": (", a dataclass", "return `dataclasses.asdict(…)` of it"),
    "model": (", a model of pydantic", "return its `.model_dump(mode='json')`"),
    "enum": (", an enum", "return its `.value`"),
    "plain": (", an object", "return a dict of what is in it"),
}
"""What objects of a class are, and what gives the same as JSON."""
_DATACLASSES = frozenset({("dataclasses", "dataclass"), ("pydantic.dataclasses", "dataclass")})
_QUIET = frozenset({("functools", "total_ordering"), ("typing", "final"), ("enum", "unique")})
_BASES: Mapping[tuple[str, str], str] = {
    ("pydantic", "BaseModel"): "model", ("enum", "Enum"): "enum", ("enum", "Flag"): "enum", ("abc", "ABC"): "plain",
}  # fmt: skip


class NoJson(NamedTuple):
    """`what` is given, and `instead` could be. `always`: not even an empty list of it, or None, comes."""

    what: str
    instead: str
    always: bool = True
    line: int = 0
    """Of the type hint, or of the function."""


def no_json(function: Parameters, root: Path) -> NoJson | None:
    """Why what `function`, of a project at `root`, gives is no JSON; None where it may be."""
    if function.source is None:
        return None
    if function.yields:
        return NoJson("a generator", "collect the values in a list, and return that")
    if function.returns is None:
        return None
    found = _Judge(function.source, root).of(function.returns)
    return found and found._replace(line=function.returns.lineno)


def takes_no_json(function: Parameters, parameter: str, root: Path) -> NoJson | None:
    """The type of `parameter`, where nothing that JSON gives is of that type; `instead` has no meaning. None else, and
    where a list does just as well, as for a set."""
    if function.source is None or parameter not in function.hints:
        return None
    found = _Judge(function.source, root).of(function.hints[parameter])
    return None if found is None or found.instead.endswith((_LIST, _SORTED)) else found


class _Judge:
    def __init__(self, source: Source, root: Path) -> None:
        self._source = source
        self._own: OwnNames = source.own
        self._root = root
        self._open: set[str] = set()

    def of(self, hint: ast.expr, depth: int = 0) -> NoJson | None:
        if depth > _DEEPEST:
            return None
        match hint:
            case ast.Constant(value=str() as text):
                quoted = unquoted(text)
                return None if quoted is None else self.of(quoted, depth + 1)
            case ast.BinOp(op=ast.BitOr()):
                return self._one_of([hint.left, hint.right], depth)
            case ast.Name() | ast.Attribute():
                return self._named(hint, depth)
            case ast.Subscript(slice=inner):
                arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return self._generic(hint, arguments, depth)
        return None

    def _generic(self, hint: ast.Subscript, arguments: list[ast.expr], depth: int) -> NoJson | None:
        name = name_of(hint.value)
        if not arguments or not is_usual(hint.value, self._own):
            return self._named(hint.value, depth)
        if name in _ONE:
            return self.of(arguments[0], depth + 1)
        if name in ("Optional", "Union"):
            return self._one_of([*arguments, *([ast.Constant(None)] if name == "Optional" else [])], depth)
        if name in _ARRAYS:
            found = self.of(arguments[0], depth + 1)
            return found and NoJson(f"a list of {_several(found.what)}", _in_each(found.instead), False)
        if name in ("tuple", "Tuple"):
            parts = [found for argument in arguments if (found := self.of(argument, depth + 1)) is not None]
            return parts[0]._replace(always=parts[0].always and not is_endless(arguments)) if parts else None
        if name in MAPPINGS | SPECIAL_MAPPINGS and len(arguments) == 2:
            if self._is_no_key(arguments[0], depth):
                what = f"a dict whose keys are `{ast.unparse(arguments[0])}`"
                return NoJson(what, "make its keys texts: `{str(key): …}`", False)
            found = self.of(arguments[1], depth + 1)
            return found and NoJson(f"a dict of {_several(found.what)}", _in_each(found.instead), False)
        return self._named(hint.value, depth)

    def _one_of(self, options: list[ast.expr], depth: int) -> NoJson | None:
        """What is none in each of its options; None, which is JSON, is not what such a function is for."""
        found = []
        for option in options:
            if isinstance(option, ast.Constant) and option.value is None:
                continue
            this = self.of(option, depth + 1)
            if this is None:
                return None
            found.append(this)
        without_none = len(found) == len(options)
        return found[0]._replace(always=without_none and all(one.always for one in found)) if found else None

    def _named(self, hint: ast.expr, depth: int) -> NoJson | None:
        name = name_of(hint)
        if is_usual(hint, self._own):
            return NoJson(_a(name), _BUILT_IN[name]) if name in _BUILT_IN else None
        instead = _IMPORTED.get(self._origin(hint))
        if instead is not None:
            return NoJson(_a(name), instead)
        if not isinstance(hint, ast.Name) or name in self._open:
            return None
        found = self._defined(name)
        if found is None:
            return None
        definition, judge = found
        judge._open = self._open | {name}
        try:
            if isinstance(definition, ast.ClassDef):
                return judge._class(definition, depth + 1)
            return judge.of(definition, depth + 1)
        finally:
            judge._open = judge._open - {name}

    def _defined(self, name: str) -> tuple[Definition, _Judge] | None:
        """What `name` stands for, and who judges the file that says so: of the project, this one or another."""
        definition = self._own.get(name)
        if definition is not None:
            return definition, self
        found = follow(self._source, name, self._root)
        return None if found is None else (found[0], _Judge(found[1], self._root))

    def _is_no_key(self, hint: ast.expr, depth: int) -> bool:
        plain = hint.value if isinstance(hint, ast.Subscript) else hint
        if is_usual(plain, self._own) and name_of(plain) in _NO_TEXT:
            return True
        found = self.of(hint, depth + 1)
        return found is not None and found.always

    def _origin(self, hint: ast.expr) -> tuple[str, str]:
        """The module and the name that `hint` has there; empty where it is from none, or from the project itself."""
        parts: list[str] = []
        while isinstance(hint, ast.Attribute):
            parts.insert(0, hint.attr)
            hint = hint.value
        imported = self._source.imports.get(hint.id) if isinstance(hint, ast.Name) else None
        if imported is None or imported.level:
            return "", ""
        names = [*imported.module.split("."), *filter(None, [imported.name]), *parts]
        return ".".join(names[:-1]), names[-1]

    # Classes

    def _class(self, definition: ast.ClassDef, depth: int) -> NoJson | None:
        kind = self._kind(definition, frozenset())
        if kind == "typed":
            return self._field(definition, depth)
        return NoJson(_a(definition.name) + _KINDS[kind][0], _KINDS[kind][1]) if kind in _KINDS else None

    def _field(self, definition: ast.ClassDef, depth: int) -> NoJson | None:
        """A field of a TypedDict that can never be JSON."""
        for line in definition.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                found = self.of(line.annotation, depth + 1)
                if found is not None:
                    always = found.always and marker_of(line.annotation) != "NotRequired" and not definition.keywords
                    return NoJson(f"{found.what} as `{line.target.id}` of `{definition.name}`", found.instead, always)
        return None

    def _kind(self, definition: ast.ClassDef, inside: frozenset[str]) -> str:
        """A key of `_KINDS`, or `typed` for a TypedDict; empty for a class whose objects may be JSON."""
        own = [self._decorator(node) for node in definition.decorator_list]
        bases = [self._base(base, inside | {definition.name}) for base in definition.bases]
        if "" in own or "" in bases or any(keyword.arg == "metaclass" for keyword in definition.keywords):
            return ""
        if _makes_others(definition) or _has_a_kin(definition.name, self._source):
            return ""
        return next((kind for kind in ("typed", "model", "enum", "data") if kind in (*own, *bases)), "plain")

    def _decorator(self, node: ast.expr) -> str:
        called = node.func if isinstance(node, ast.Call) else node
        if self._origin(called) in _DATACLASSES:
            return "data"
        return "plain" if self._origin(called) in _QUIET else ""

    def _base(self, base: ast.expr, inside: frozenset[str]) -> str:
        plain = base.value if isinstance(base, ast.Subscript) else base
        name = name_of(plain)
        if is_usual(plain, self._own):
            return {"TypedDict": "typed", "object": "plain", "Generic": "plain"}.get(name, "")
        origin = self._origin(plain)
        if origin in _BASES:
            return _BASES[origin]
        if not isinstance(plain, ast.Name) or name in inside:
            return ""
        found = self._defined(name)
        return found[1]._kind(found[0], inside) if found is not None and isinstance(found[0], ast.ClassDef) else ""


def _makes_others(definition: ast.ClassDef) -> bool:
    """Whether calling the class may give something else than an object of it."""
    return any(isinstance(line, ast.FunctionDef) and line.name == "__new__" for line in definition.body)


def _has_a_kin(name: str, source: Source) -> bool:
    """Whether the file has a class below the class `name` that is something else too: a dict, for example."""
    classes = [node for line in source.body for node in ast.walk(line) if isinstance(node, ast.ClassDef)]
    below = {name}
    while found := {other.name for other in classes if below & set(map(name_of, other.bases))} - below:
        below |= found
    return any(below & set(map(name_of, other.bases)) and len(other.bases) > 1 for other in classes)


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} `{name}`"


def _several(what: str) -> str:
    return what.removeprefix("a ").removeprefix("an ")


def _in_each(instead: str) -> str:
    return instead if instead.startswith("for each") else f"for each, {instead}"
