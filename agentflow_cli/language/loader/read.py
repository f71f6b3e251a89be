"""One YAML file from disk to a document, with its text kept for frames."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.source_text import check_text, read_source, without_mark
from agentflow_cli.language.loader.yaml_reader import read_yaml


def read_document(
    path: Path, file: str, found: Diagnostics, text: str | None, sources: dict[str, str] | None
) -> Document | None:
    """The file at `path`, or `text` in its place; `file` is its name in spans. None, with diagnostics, if it is not
    YAML. `found` holds nothing but what is said about this file."""
    text = read_source(path, file, found) if text is None else text
    if text is None:
        return None
    text = without_mark(text)
    if sources is not None:
        sources[file] = text
    if found.has_errors or not check_text(text, file, found):
        return None
    return read_yaml(text, file, found)
