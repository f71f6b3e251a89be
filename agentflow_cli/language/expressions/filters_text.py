"""Filters over text. Each takes the value first; FunctionError says what it cannot use."""

from __future__ import annotations

import binascii
import re
import unicodedata

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions.operators import a_type
from agentflow_cli.language.expressions.problem import FunctionError


def need_text(value: Json) -> str:
    if not isinstance(value, str):
        raise FunctionError(f"it needs a string, not {a_type(value)}")
    return value


def need_count(value: Json, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= limits.MAX_ELEMENTS:
        raise FunctionError(f"it needs a whole number from {least} to {limits.MAX_ELEMENTS:,}")
    return value


def lower(value: Json) -> str:
    return need_text(value).lower()


def upper(value: Json) -> str:
    return need_text(value).upper()


def capitalize(value: Json) -> str:
    return need_text(value).capitalize()


_WORD_START = re.compile(r"(^|[-\s({\[<])([^-\s({\[<])([^-\s({\[<]*)")


def title(value: Json) -> str:
    return _WORD_START.sub(lambda m: m[1] + m[2].upper() + m[3].lower(), need_text(value))


def trim(value: Json, chars: Json = None) -> str:
    return need_text(value).strip(None if chars is None else need_text(chars))


def replace(value: Json, old: Json, new: Json, count: Json = None) -> str:
    text, old, new = need_text(value), need_text(old), need_text(new)
    found = text.count(old) if old else len(text) + 1
    limit = found if count is None else min(found, need_count(count))
    limits.check_text_size(len(text) + limit * (len(new) - len(old)))
    return text.replace(old, new, limit)


def split(value: Json, separator: Json = None) -> list[Json]:
    text = need_text(value)
    if separator is None:
        return list(text.split())
    if not need_text(separator):
        raise FunctionError("the separator is empty; `| list` gives the characters")
    return list(text.split(separator))


def lines(value: Json) -> list[Json]:
    return list(need_text(value).splitlines())


def truncate(value: Json, length: Json = 255, end: Json = "…") -> str:
    text, length, end = need_text(value), need_count(length), need_text(end)
    return text if len(text) <= length else text[: max(length - len(end), 0)] + end


def indent(value: Json, width: Json = 4, first: Json = False) -> str:
    text, pad = need_text(value), " " * need_count(width)
    limits.check_text_size(len(text) + (text.count("\n") + 1) * len(pad))
    pieces = text.split("\n")
    padded = [pieces[0], *(pad + line if line.strip() else line for line in pieces[1:])]
    return (pad if first is True else "") + "\n".join(padded)


def slugify(value: Json) -> str:
    plain = unicodedata.normalize("NFKD", need_text(value)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def b64encode(value: Json) -> str:
    import base64

    return base64.b64encode(need_text(value).encode("utf-8", "surrogatepass")).decode()


def b64decode(value: Json) -> str:
    import base64

    try:
        return base64.b64decode(need_text(value), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise FunctionError("it is not base64 of UTF-8 text") from None
