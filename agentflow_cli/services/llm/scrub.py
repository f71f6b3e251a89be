"""Takes secrets out of what a provider said: some echo the key that they were sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agentflow_cli.foundation.redaction import MASK, SHORTEST, forms_of, mask

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_LOOKS_SECRET = re.compile(r"(?i)(\bbearer\s+)[^\s\"',;]{8,}|\b(sk|pk|rk|gsk|xai|hf|AIza)[-_]?[A-Za-z0-9_-]{20,}")


def secrets_of(environment: Mapping[str, str], *others: str | None) -> tuple[str, ...]:
    """Values of variables whose names say that they are secret, and the `others`, the longest first."""
    named = (value for name, value in environment.items() if _SECRET_NAME.search(name))
    found = {value for value in (*named, *others) if value is not None and len(value) >= SHORTEST}
    return tuple(sorted(found, key=len, reverse=True))


def scrub(text: str, secrets: Iterable[str]) -> str:
    """`text` with each secret masked, in every disguise that is known, and whatever looks like a key."""
    masked: str = mask(text, forms_of(secrets))
    return _LOOKS_SECRET.sub(lambda found: (found[1] or "") + MASK, masked)
