"""Takes secret values out of what is kept or shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

MASK = "***"
SHORTEST = 8
"""Characters; a shorter value stands in ordinary words too, and is not masked."""


def forms_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """The disguises in which the secrets are looked for: as they are, line by line, percent-encoded, base64, hex."""
    forms: set[str] = set()
    for secret in secrets:
        data = secret.encode("utf-8", "surrogateescape")
        forms |= {secret, *secret.split("\n"), quote(secret, safe=""), data.hex(), base64.b64encode(data).decode()}
    return tuple(sorted((form for form in forms if len(form) >= SHORTEST), key=len, reverse=True))


def mask(value: Any, forms: tuple[str, ...]) -> Any:
    """The JSON value with every form masked, in keys too; the value itself when there is nothing to mask."""
    if not forms:
        return value
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, MASK)
        return value
    if isinstance(value, list):
        return [mask(element, forms) for element in value]
    if isinstance(value, dict):
        return {mask(key, forms): mask(element, forms) for key, element in value.items()}
    return value
