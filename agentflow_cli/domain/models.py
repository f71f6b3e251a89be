"""What a project calls its models: aliases, each a list of candidates in order of preference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

BUILT_IN = ("embedded", "scripted")
"""Names that a project cannot give to other models."""
ROUTES = ("fast", "smart")
"""Built-in names for what there is; a project may give them a meaning of its own."""


@dataclass(frozen=True, slots=True)
class ModelAlias:
    """An entry under `models:` as its author wrote it. The address and the key belong to the first name alone."""

    names: tuple[str, ...]
    """In order of preference: `provider/name`, a built-in name, or another alias."""
    temperature: float | None = None
    max_tokens: int | None = None
    base_url: str | None = None
    api_key: str | None = None
    """A reference: `env:NAME` or `store:NAME`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model that a name may mean, with what the project says about calls to it."""

    model: str
    """`provider/name`, or a built-in name."""
    alias: str = ""
    """The entry that names it; empty when it was named directly."""
    temperature: float | None = None
    max_tokens: int | None = None
    base_url: str | None = None
    api_key: str | None = None

    @property
    def bound(self) -> bool:
        """Whether the project says where a call goes, or which key it gets: then a person has to grant it first."""
        return self.base_url is not None or self.api_key is not None

    @property
    def provider(self) -> str:
        return self.model.partition("/")[0]


def is_address(url: str) -> bool:
    """Whether `url` can be a server's base URL: http or https, a host, no query, and no password in it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    named = parts.scheme in ("http", "https") and bool(parts.hostname)
    return plain and named and not parts.query and not parts.fragment and "@" not in parts.netloc


def expand(aliases: Mapping[str, ModelAlias]) -> dict[str, tuple[Candidate, ...]]:
    """Every alias with the models that it means in the end, each once. What is said nearer to the use wins."""
    return {name: tuple(dict.fromkeys(_expanded(aliases, name, ()))) for name in aliases}


def _expanded(aliases: Mapping[str, ModelAlias], name: str, above: tuple[str, ...]) -> Iterator[Candidate]:
    alias = aliases[name]
    for position, target in enumerate(alias.names):
        if target in aliases and target != name and target not in above:
            for inner in _expanded(aliases, target, (*above, name)):
                yield Candidate(
                    inner.model,
                    inner.alias,
                    inner.temperature if alias.temperature is None else alias.temperature,
                    inner.max_tokens if alias.max_tokens is None else alias.max_tokens,
                    inner.base_url,
                    inner.api_key,
                )
        elif target not in aliases or (target == name and target in ROUTES):
            own = position == 0
            yield Candidate(
                target,
                name,
                alias.temperature,
                alias.max_tokens,
                alias.base_url if own else None,
                alias.api_key if own else None,
            )


def circle(aliases: Mapping[str, ModelAlias], start: str) -> list[str] | None:
    """A way from `start` through other aliases back to it; None when there is none. A route may name the built-in one
    of its own name."""
    ways, seen = [[start]], set[str]()
    while ways:
        way = ways.pop()
        for target in aliases[way[-1]].names:
            if target == start and not (len(way) == 1 and start in ROUTES):
                return way
            if target in aliases and target not in seen and target != start:
                seen.add(target)
                ways.append([*way, target])
    return None
