"""What models cost: nothing on this machine, else what LiteLLM's list says, which is read as a file and not imported.

A price is that of the provider itself: at an address of one's own nobody knows what a token costs.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentflow_cli.domain.models import Candidate
from agentflow_cli.foundation.strict_json import read_json
from agentflow_cli.ports.model import Price
from agentflow_cli.services.llm.make_provider import address_variable
from agentflow_cli.services.llm.routes import EMBEDDED, ENDPOINT, OLLAMA, SCRIPTED

_FILE = "model_prices_and_context_window_backup.json"
_LONG = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


def price_of(resolved: str, candidate: Candidate, environment: Mapping[str, str]) -> Price | None:
    """The price of `resolved` (`provider/name`), which `candidate` means; None when nobody knows."""
    provider, _, model = resolved.partition("/")
    if resolved in (EMBEDDED, SCRIPTED) or resolved.startswith("file:") or provider == OLLAMA:
        return Price()
    if candidate.base_url is not None or provider == ENDPOINT or address_variable(provider, environment):
        return None
    return _listed(provider, model)


@functools.cache
def _listed(provider: str, model: str) -> Price | None:
    entries = _entries()
    found = entries.get(f"{provider}/{model}")
    if found is None:
        found = entries.get(model)
        if not isinstance(found, dict) or found.get("litellm_provider") != provider:
            return None
    return _read(found)


def _read(entry: Any) -> Price | None:
    """The price of an entry; None when it is not by tokens alone."""
    if not isinstance(entry, dict):
        return None
    price_in, price_out = _dollars(entry, "input_cost_per_token"), _dollars(entry, "output_cost_per_token")
    if price_in is None or price_out is None:
        return None
    cached = _dollars(entry, "cache_read_input_token_cost")
    steps = sorted(int(found[1]) for key in entry if (found := _LONG.fullmatch(key)))
    if not steps:
        return Price(price_in, price_out, cached)
    suffix = f"_above_{steps[0]}k_tokens"
    long = Price(
        _dollars(entry, f"input_cost_per_token{suffix}") or price_in,
        _dollars(entry, f"output_cost_per_token{suffix}") or price_out,
        _dollars(entry, f"cache_read_input_token_cost{suffix}"),
    )
    return Price(price_in, price_out, cached, steps[0] * 1000, long)


def _dollars(entry: Mapping[str, Any], key: str) -> float | None:
    value = entry.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


@functools.cache
def _entries() -> Mapping[str, Any]:
    """LiteLLM's list of models; empty where LiteLLM is not installed, or keeps it elsewhere."""
    package = importlib.util.find_spec("litellm")
    for place in (package.submodule_search_locations or ()) if package is not None else ():
        try:
            entries = read_json((Path(place) / _FILE).read_bytes(), distinct_keys=False)
        except (OSError, ValueError):
            continue
        if isinstance(entries, dict):
            return entries
    return {}
