"""The filters that name another filter or a test: `map`, `select`, `reject`, `selectattr`, `rejectattr`."""

from __future__ import annotations

from collections.abc import Callable

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.calls import NAMING
from agentflow_cli.language.expressions.filters_list import attribute_of, attributes, need_list
from agentflow_cli.language.expressions.filters_text import need_text
from agentflow_cli.language.expressions.functions import FILTERS, TESTS
from agentflow_cli.language.expressions.missing import MISSING
from agentflow_cli.language.expressions.operators import a_type
from agentflow_cli.language.expressions.problem import FunctionError


def naming_filter(node: s.Filter) -> Callable[..., Json]:
    """The implementation of one use of such a filter. Names and arguments have been checked."""
    position = NAMING[node.name]
    named = node.arguments[position] if len(node.arguments) > position else None
    name = named.value if isinstance(named, s.Literal) else None
    if node.name == "map":
        return _map_attribute if name is None else _map_filter(name)
    keep = node.name.startswith("select")
    test = None if name is None else TESTS[name].implementation
    if node.name.endswith("attr"):
        return _by_attribute(test, keep, lenient=name in ("defined", "undefined"))
    return _by_value(test, keep)


def _map_attribute(value: Json, attribute: Json, default: Json = MISSING) -> Json:
    return list(attributes(value, attribute, default))


def _map_filter(name: str) -> Callable[..., Json]:
    implementation = FILTERS[name].implementation
    assert implementation is not None

    def run(value: Json, _name: Json, *arguments: Json) -> Json:
        results = []
        for position, element in enumerate(need_list(value)):
            try:
                result = implementation(element, *arguments)
            except FunctionError as error:
                raise FunctionError(f"`{name}` of element {position}: {error}") from None
            if result is MISSING:
                raise FunctionError(f"`{name}` of element {position}: there are no elements")
            results.append(result)
        return results

    return run


def _passes(test: Callable[..., Json] | None, element: Json, arguments: tuple[Json, ...], where: int) -> bool:
    if test is not None:
        try:
            return bool(test(element, *arguments))
        except FunctionError as error:
            raise FunctionError(f"element {where}: {error}") from None
    if not isinstance(element, bool):
        raise FunctionError(f"element {where} gives {a_type(element)}, not true or false; name a test")
    return element


def _by_value(test: Callable[..., Json] | None, keep: bool) -> Callable[..., Json]:
    def run(value: Json, _name: Json = None, *arguments: Json) -> Json:
        found = enumerate(need_list(value))
        return [element for where, element in found if _passes(test, element, arguments, where) is keep]

    return run


def _by_attribute(test: Callable[..., Json] | None, keep: bool, lenient: bool) -> Callable[..., Json]:
    def run(value: Json, attribute: Json, _name: Json = None, *arguments: Json) -> Json:
        kept = []
        path = need_text(attribute)
        for where, element in enumerate(need_list(value)):
            found = attribute_of(element, path)
            if found is MISSING and not lenient:
                raise FunctionError(f"element {where} has no field `{path}`")
            if _passes(test, found, arguments, where) is keep:
                kept.append(element)
        return kept

    return run
