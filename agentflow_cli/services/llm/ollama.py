"""An Ollama on the user's machine, or where OLLAMA_HOST says: whether it is there, and which models it has."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

HOST_VARIABLE = "OLLAMA_HOST"
_PORT = 11434
_SECONDS = 0.3
_MOST_BYTES = 1024 * 1024


def base_url(environment: Mapping[str, str]) -> str:
    """Where it listens: `http://127.0.0.1:11434` unless OLLAMA_HOST (`host`, `host:port` or an address) says else."""
    named = environment.get(HOST_VARIABLE, "").strip().rstrip("/")
    if not named:
        return f"http://127.0.0.1:{_PORT}"
    parts = urlsplit(named if "://" in named else f"http://{named}")
    host = parts.hostname or "127.0.0.1"
    if host in ("0.0.0.0", "::"):  # where a server listens, and nobody can go
        host = "127.0.0.1"
    try:
        port = parts.port
    except ValueError:
        port = None
    default = _PORT if "://" not in named else 443 if parts.scheme == "https" else 80
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{port or default}"


def installed(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """The names of its chat models, the last used first; None when there is no Ollama. Waits 0.3 s at the most for each
    step."""
    parts = urlsplit(base_url(environment))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/api/tags")
        response = connection.getresponse()
        if response.status != 200:
            return None
        models = json.loads(response.read(_MOST_BYTES)).get("models")
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return None
    finally:
        connection.close()
    if not isinstance(models, list):
        return None
    names = (model.get("name") for model in models if isinstance(model, dict))
    return tuple(name for name in names if isinstance(name, str) and name and "embed" not in name)
