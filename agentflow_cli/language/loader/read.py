"""One YAML file from disk to a document, with its text kept for frames."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.files import Files
from agentflow_cli.language.loader.source_text import check_text, read_source, without_mark
from agentflow_cli.language.loader.tokens import tokens_in, without_tokens
from agentflow_cli.language.loader.uses import looked_at
from agentflow_cli.language.loader.yaml_reader import read_yaml


def read_document(path: Path, file: str, found: Diagnostics, files: Files, text: str | None = None) -> Document | None:
    """The file at `path`, or `text` in its place; `file` is its name in spans. None, with diagnostics, if it is no
    YAML.

    It is read once for the same `files`; what is wrong with its text is told each time.
    """
    looked_at(path)
    key = files.identity(path), file
    if key not in files.documents:
        problems = Diagnostics()
        files.documents[key] = (_read(path, file, problems, files, files.overlay.get(key[0], text)), problems)
    document, problems = files.documents[key]
    found.extend(problems)
    return document


def _read(path: Path, file: str, found: Diagnostics, files: Files, text: str | None) -> Document | None:
    text = read_source(path, file, found) if text is None else text
    if text is None:
        return None
    text = without_mark(text)
    files.sources[file] = without_tokens(text)
    if found.has_errors or not check_text(text, file, found):
        return None
    found.extend(tokens_in(text, file))
    return read_yaml(text, file, found)
