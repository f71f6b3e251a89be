"""Takes secrets out of what a provider said: some echo the key that they were sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_LOOKS_SECRET = re.compile(r"(?i)(\bbearer\s+)[^\s\"',;]{8,}|\b(sk|pk|rk|gsk|xai|hf|AIza)[-_]?[A-Za-z0-9_-]{20,}")
_SHORTEST = 8
"""Characters; a shorter value stands in ordinary words too."""
MASK = "[key]"


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Values of variables whose names say that they are secret, the longest first."""
    found = {value for name, value in environment.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST}
    return tuple(sorted(found, key=len, reverse=True))


def scrub(text: str, secrets: Iterable[str]) -> str:
    """`text` with each secret masked, also percent-encoded or in base64, and whatever looks like a key."""
    for secret in secrets:
        for form in {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}:
            if len(form) >= _SHORTEST:
                text = text.replace(form, MASK)
    return _LOOKS_SECRET.sub(lambda found: (found[1] or "") + MASK, text)
