"""Reads YAML text for the tests of this folder."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.yaml_reader import read_yaml


def document(text: str) -> Document:
    """The document in `text`, about which nothing may be said."""
    diagnostics = Diagnostics()
    found = read_yaml(text, "x.yaml", diagnostics)
    assert found is not None and not diagnostics, list(diagnostics)
    return found


def data(text: str) -> Json:
    return document(text).data


def codes(text: str) -> list[tuple[str, int, int]]:
    """Code, line and column of everything that is said about `text`."""
    diagnostics = Diagnostics()
    read_yaml(text, "x.yaml", diagnostics)
    return [(d.code, d.place[1], d.place[2]) for d in diagnostics]
