"""One HTTP request and its reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HttpRequest:
    method: str
    url: str
    """`http` or `https`, without a user and password in it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    near: bool = False
    """Somebody trusted wrote the host: it may be this machine or its private network."""


@dataclass(frozen=True, slots=True)
class HttpReply:
    status: int
    headers: dict[str, str]
    """Names in lower case; values of one name are joined by `, `."""
    body: bytes
    """Without its content encoding."""


class Http(Protocol):
    async def send(self, request: HttpRequest) -> HttpReply:
        """The reply, of a status below 400. Raises StepFailure for every other end; its message shows no secret.

        Redirects are followed within one origin only. Safe to call many times at once.
        """
        ...
