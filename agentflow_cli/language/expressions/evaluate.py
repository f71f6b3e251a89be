"""A tree to a function of the data. Each node becomes one closure; nothing is looked up by name in Python objects.

A value that is not there is an error where it is read, at its own characters. In a *lenient* position (under
`default`, `coalesce`, `is defined`) it is MISSING instead, and MISSING passes through fields, indexes and filters
until something takes it up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.absent import follow
from agentflow_cli.language.expressions.calls import NAMING
from agentflow_cli.language.expressions.functions import FILTERS, TESTS
from agentflow_cli.language.expressions.higher_order import naming_filter
from agentflow_cli.language.expressions.missing import MISSING
from agentflow_cli.language.expressions.operators import BINARY, COMPARISONS, a_type, negate, text_of
from agentflow_cli.language.expressions.problem import EvaluationError, FunctionError


class Frame:
    """The data of one evaluation, its loop variables, and the work that it may still do."""

    __slots__ = ("fuel", "locals", "scope")

    def __init__(self, scope: Mapping[str, Json]) -> None:
        self.scope = scope
        self.locals: dict[str, Json] = {}
        self.fuel = limits.FUEL

    def spend(self, amount: int) -> None:
        self.fuel -= amount
        if self.fuel < 0:
            raise FunctionError("the expression does too much work for these data")


Evaluator: TypeAlias = Callable[[Frame], Json]


def refuse(error: Exception, node: s.Node) -> NoReturn:
    """An error inside the evaluation of `node`, with its place."""
    if isinstance(error, EvaluationError):
        raise error
    if isinstance(error, FunctionError):
        message = str(error)
        if isinstance(node, s.Applied):
            message = f"`{node.name}`: {message}"
        raise EvaluationError(message, node.start, node.end) from None
    if isinstance(error, (RecursionError, MemoryError)):
        raise EvaluationError("the value is too deep or too large", node.start, node.end) from None
    raise EvaluationError(f"it cannot be evaluated: {error}", node.start, node.end) from None


FAULTS = (FunctionError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError)


class Compiler:
    """Compiles trees; `local_names` are the loop variables in force."""

    def __init__(self, local_names: frozenset[str] = frozenset()) -> None:
        self._locals = local_names

    def compile(self, node: s.Node, lenient: bool = False) -> Evaluator:
        match node:
            case s.Literal(value=value):
                return lambda frame: value
            case s.Name():
                return self._access(s.Access(node.start, node.end, node, ()), lenient)
            case s.Access():
                return self._access(node, lenient)
            case s.Filter():
                return self._filter(node, lenient)
            case s.Test():
                return self._test(node)
            case s.Call():
                return self._coalesce(node, lenient)
            case s.Conditional():
                return self._conditional(node, lenient)
            case s.Logic():
                return self._logic(node)
            case s.Not():
                value_of, place = self.compile(node.value), node.value
                return lambda frame: not boolean(value_of(frame), place, "`not`")
            case s.Compare():
                return self._compare(node)
            case s.Binary():
                return self._guarded(node, BINARY[node.operator], (node.left, node.right))
            case s.Negate():
                return self._guarded(node, negate, (node.value,))
            case s.Concat():
                return self._guarded(node, _concatenate, node.parts)
            case s.ListOf():
                return self._guarded(node, _build_list, node.items)
            case s.DictOf():
                return self._guarded(node, _build_object, tuple(part for pair in node.pairs for part in pair))
        raise AssertionError(node)

    def _access(self, node: s.Access, lenient: bool) -> Evaluator:
        target = node.target
        local = isinstance(target, s.Name) and target.name in self._locals
        if isinstance(target, s.Name) and not local:
            root, base = target.name, None
        else:
            root, base = "", (_local(target.name) if isinstance(target, s.Name) else self.compile(target, lenient))
        keys = [self._key(key) for key in node.keys]

        def fail(frame: Frame) -> Json:
            value = frame.scope if base is None else base(frame)
            chain = [root, *keys] if base is None else keys
            return follow(node, value, [key(frame) if callable(key) else key for key in chain], lenient)

        if base is not None or any(callable(key) for key in keys):
            return fail
        fixed = tuple(keys)

        def read(frame: Frame) -> Json:
            try:
                value = frame.scope[root]
                for key in fixed:
                    value = value[key]
                return value
            except (LookupError, TypeError):
                return fail(frame)

        return read

    def _key(self, key: s.Key) -> Any:
        if isinstance(key.value, s.Slice):
            lower = None if key.value.lower is None else self.compile(key.value.lower)
            upper = None if key.value.upper is None else self.compile(key.value.upper)
            return lambda frame: slice(lower and lower(frame), upper and upper(frame))
        return self.compile(key.value) if isinstance(key.value, s.Node) else key.value

    def _guarded(self, node: s.Node, function: Callable[..., Json], parts: tuple[s.Node, ...]) -> Evaluator:
        """`function` of the values of `parts`, its faults reported at `node`."""
        evaluators = [self.compile(part) for part in parts]

        def run(frame: Frame) -> Json:
            values = [evaluate(frame) for evaluate in evaluators]
            try:
                return function(*values)
            except FAULTS as error:
                return refuse(error, node)

        return run

    def _arguments(self, node: s.Applied) -> tuple[list[Evaluator], dict[str, Evaluator]]:
        return [self.compile(a) for a in node.arguments], {name: self.compile(a) for name, a in node.keywords}

    def _filter(self, node: s.Filter, lenient: bool) -> Evaluator:
        if node.name == "default":
            value_of = self.compile(node.value, lenient=True)
            fall_back = self.compile(node.arguments[0] if node.arguments else node.keywords[0][1], lenient)
            return lambda frame: fall_back(frame) if (value := value_of(frame)) is MISSING else value
        value_of = self.compile(node.value, lenient)
        positional, keywords = self._arguments(node)
        implementation = FILTERS[node.name].implementation
        if node.name in NAMING:
            implementation = naming_filter(node)
        assert implementation is not None

        def apply(frame: Frame) -> Json:
            value = value_of(frame)
            if value is MISSING:
                return MISSING
            arguments = [argument(frame) for argument in positional]
            named = {name: argument(frame) for name, argument in keywords.items()}
            try:
                frame.spend(limits.work(value) + sum(map(limits.work, arguments)))
                result = implementation(value, *arguments, **named)
                frame.spend(limits.work(result))
            except FAULTS as error:
                refuse(error, node)
            if result is MISSING and not lenient:
                raise EvaluationError(f"`{node.name}`: there are no elements", node.start, node.end,
                                      hint="give a fall-back with `| default(…)`")  # fmt: skip
            return result

        return apply

    def _test(self, node: s.Test) -> Evaluator:
        value_of = self.compile(node.value, lenient=node.name in ("defined", "undefined"))
        positional, keywords = self._arguments(node)
        implementation = TESTS[node.name].implementation
        assert implementation is not None

        def run(frame: Frame) -> Json:
            value = value_of(frame)
            arguments = [argument(frame) for argument in positional]
            try:
                return implementation(value, *arguments, **{n: argument(frame) for n, argument in keywords.items()})
            except FAULTS as error:
                return refuse(error, node)

        return run

    def _coalesce(self, node: s.Call, lenient: bool) -> Evaluator:
        options = [self.compile(argument, lenient=True) for argument in node.arguments]

        def run(frame: Frame) -> Json:
            result = MISSING
            for option in options:
                value = option(frame)
                if value is not MISSING:
                    result = value
                    if value is not None:
                        return value
            if result is MISSING and not lenient:
                raise EvaluationError("`coalesce`: every argument is missing", node.start, node.end,
                                      hint="end it with a value that is always there")  # fmt: skip
            return result

        return run

    def _conditional(self, node: s.Conditional, lenient: bool) -> Evaluator:
        test, place = self.compile(node.test), node.test
        then, otherwise = self.compile(node.then, lenient), self.compile(node.otherwise, lenient)
        return lambda frame: then(frame) if boolean(test(frame), place, "`if`") else otherwise(frame)

    def _logic(self, node: s.Logic) -> Evaluator:
        left, right, name = self.compile(node.left), self.compile(node.right), f"`{node.operator}`"
        if node.operator == "and":
            return lambda frame: boolean(left(frame), node.left, name) and boolean(right(frame), node.right, name)
        return lambda frame: boolean(left(frame), node.left, name) or boolean(right(frame), node.right, name)

    def _compare(self, node: s.Compare) -> Evaluator:
        first = self.compile(node.first)
        rest = [(COMPARISONS[operator], self.compile(operand)) for operator, operand in node.rest]

        def run(frame: Frame) -> Json:
            left = first(frame)
            for compare, operand in rest:
                right = operand(frame)
                try:
                    if not compare(left, right):
                        return False
                except FAULTS as error:
                    refuse(error, node)
                left = right
            return True

        return run


def boolean(value: Json, node: s.Node, what: str) -> bool:
    """`value`, which must be true or false: nothing is taken for true because it is not empty."""
    if value is True or value is False:
        return value
    hints = {str: "`… != ''`", list: "`… | length > 0`", dict: "`… | length > 0`", int: "`… != 0`"}
    hint = f"compare it, for example {hints[type(value)]}" if type(value) in hints else "say what is true: `… is none`"
    raise EvaluationError(f"{what} needs true or false, and this is {a_type(value)}", node.start, node.end, hint=hint)


def _local(name: str) -> Evaluator:
    return lambda frame: frame.locals[name]


def _concatenate(*values: Json) -> str:
    texts = [text_of(value) for value in values]
    limits.check_text_size(sum(map(len, texts)))
    return "".join(texts)


def _build_list(*values: Json) -> list[Json]:
    built = list(values)
    limits.check_built(built)
    return built


def _build_object(*parts: Json) -> dict[str, Json]:
    built = {}
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        if not isinstance(key, str):
            raise FunctionError(f"the keys of an object are strings, not {a_type(key)}")
        built[key] = value
    limits.check_built(built)
    return built
