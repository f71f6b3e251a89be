"""Filters over lists and objects. An attribute is a dotted path: `'user.name'`, `'scores.0'`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions.filters_text import need_count, need_text
from agentflow_cli.language.expressions.missing import MISSING
from agentflow_cli.language.expressions.operators import a_type, add, contains, is_number, text_of
from agentflow_cli.language.expressions.problem import FunctionError


def need_list(value: Json) -> list[Json]:
    if not isinstance(value, (list, tuple)):
        hint = "; `| items` gives its pairs" if isinstance(value, Mapping) else ""
        raise FunctionError(f"it needs an array, not {a_type(value)}{hint}")
    return value  # type: ignore[return-value]


def need_object(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise FunctionError(f"it needs an object, not {a_type(value)}")
    return value


def attribute_of(value: Json, path: str) -> Json:
    """What stands at a dotted path, or MISSING."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part, MISSING)
        elif isinstance(value, (list, tuple)) and part.isdecimal() and len(part) < 10 and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def attributes(values: Json, path: Json, default: Json = MISSING) -> Iterable[Json]:
    """The attribute of each element; FunctionError names the first element that has none."""
    need_text(path)
    for position, value in enumerate(need_list(values)):
        found = attribute_of(value, path)
        if found is MISSING:
            if default is MISSING:
                raise FunctionError(f"element {position} has no field `{path}`")
            found = default
        yield found


def keyed(values: Json, attribute: Json, case_sensitive: Json = True) -> list[Json]:
    """What to compare of each element."""
    found = list(need_list(values)) if attribute is None else list(attributes(values, attribute))
    return found if case_sensitive is True else [v.lower() if isinstance(v, str) else v for v in found]


def _ordered(keys: list[Json]) -> None:
    if not (all(isinstance(key, str) for key in keys) or all(is_number(key) for key in keys)):
        types = sorted({a_type(key) for key in keys})
        raise FunctionError(f"only numbers or only strings have an order, not {' and '.join(types)}")


def length(value: Json) -> int:
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value)
    raise FunctionError(f"{a_type(value)} has no length")


def to_list(value: Json) -> list[Json]:
    if isinstance(value, (str, list, tuple, Mapping)):
        return list(value)
    raise FunctionError(f"{a_type(value)} cannot become an array")


def items(value: Json) -> list[Json]:
    return [{"key": key, "value": element} for key, element in need_object(value).items()]


def keys(value: Json) -> list[Json]:
    return list(need_object(value))


def values(value: Json) -> list[Json]:
    return list(need_object(value).values())


def join(value: Json, separator: Json = "", attribute: Json = None) -> str:
    between = need_text(separator)
    parts = []
    total = 0
    for element in keyed(value, attribute):
        parts.append(text_of(element))
        total += len(parts[-1]) + len(between)
        limits.check_text_size(total)
    return between.join(parts)


def sort(value: Json, reverse: Json = False, case_sensitive: Json = False, attribute: Json = None) -> list[Json]:
    found = keyed(value, attribute, case_sensitive)
    _ordered(found)
    order = sorted(range(len(found)), key=found.__getitem__, reverse=reverse is True)
    return [value[position] for position in order]


def unique(value: Json, case_sensitive: Json = False, attribute: Json = None) -> list[Json]:
    seen: list[Json] = []
    scalars: set[tuple[bool, Json]] = set()
    kept = []
    for element, key in zip(need_list(value), keyed(value, attribute, case_sensitive), strict=True):
        if isinstance(key, (list, dict)):
            if contains(seen, key):
                continue
            seen.append(key)
            if len(seen) > 2_000:
                raise FunctionError("more than 2,000 different arrays or objects; give an `attribute` to compare by")
        else:
            mark = (isinstance(key, bool), key)
            if mark in scalars:
                continue
            scalars.add(mark)
        kept.append(element)
    return kept


def first(value: Json) -> Json:
    found = value if isinstance(value, str) else need_list(value)
    return found[0] if found else MISSING


def last(value: Json) -> Json:
    found = value if isinstance(value, str) else need_list(value)
    return found[-1] if found else MISSING


def _extreme(pick: Callable[..., int], value: Json, case_sensitive: Json, attribute: Json) -> Json:
    found = keyed(value, attribute, case_sensitive)
    if not found:
        return MISSING
    _ordered(found)
    return value[pick(range(len(found)), key=found.__getitem__)]


def smallest(value: Json, case_sensitive: Json = False, attribute: Json = None) -> Json:
    return _extreme(min, value, case_sensitive, attribute)


def largest(value: Json, case_sensitive: Json = False, attribute: Json = None) -> Json:
    return _extreme(max, value, case_sensitive, attribute)


def total(value: Json, attribute: Json = None, start: Json = 0) -> Json:
    for element in keyed(value, attribute):
        if not is_number(element):
            raise FunctionError(f"only numbers have a sum, not {a_type(element)}")
        start = add(start, element)
    return start


def reverse(value: Json) -> Json:
    return value[::-1] if isinstance(value, str) else list(reversed(need_list(value)))


def batch(value: Json, size: Json, fill: Json = MISSING) -> list[Json]:
    size = need_count(size, 1)
    found = list(need_list(value))
    groups = [found[at : at + size] for at in range(0, len(found), size)]
    if fill is not MISSING and groups:
        groups[-1] = groups[-1] + [fill] * (size - len(groups[-1]))
    return groups


def flatten(value: Json, depth: Json = 1) -> list[Json]:
    found = list(need_list(value))
    for _ in range(min(need_count(depth), 100)):
        if not any(isinstance(element, (list, tuple)) for element in found):
            break
        flat: list[Json] = []
        for element in found:
            if isinstance(element, (list, tuple)):
                flat.extend(element)
            else:
                flat.append(element)
            if len(flat) > limits.MAX_ELEMENTS:
                raise FunctionError(f"the array would hold more than {limits.MAX_ELEMENTS:,} elements")
        found = flat
    return found


def groupby(value: Json, attribute: Json, default: Json = MISSING) -> list[Json]:
    found = list(attributes(value, attribute, default))
    _ordered(found)
    groups: dict[Json, list[Json]] = {}
    for element, key in zip(value, found, strict=True):
        groups.setdefault(key, []).append(element)
    return [{"grouper": key, "list": groups[key]} for key in sorted(groups)]
