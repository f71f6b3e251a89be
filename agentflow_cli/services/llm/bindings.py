"""What a user lets a project decide about calls: where they go, and which key they get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agentflow_cli.domain.models import Candidate


@dataclass(frozen=True, slots=True)
class Bindings:
    granted: Callable[[Candidate], bool]
    """Whether the user has granted the address and the key of exactly this candidate."""
    key: Callable[[str], str | None]
    """The value of `env:NAME` or `store:NAME`; None when it is not set."""


NO_BINDINGS = Bindings(granted=lambda candidate: False, key=lambda reference: None)
"""Nothing is granted."""
