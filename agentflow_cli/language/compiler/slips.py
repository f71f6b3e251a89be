"""Names that are misspelt, and the one name that each can be a slip of: the fix that writes it."""

from __future__ import annotations

from collections.abc import Iterable

from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.domain.json_value import DocumentPath
from agentflow_cli.foundation.closest import only_close
from agentflow_cli.language.loader.document import Document


def value_slip(document: Document, path: DocumentPath, name: str, known: Iterable[str]) -> Fix | None:
    """The string `name` at `path` becomes the one of `known` that it can be a slip of; None when there is a choice."""
    near = only_close(name, known)
    return None if near is None else _fix(near, document.value_edit(path, near))


def key_slip(document: Document, path: DocumentPath, known: Iterable[str]) -> Fix | None:
    """The key at `path` becomes the one of `known` that it can be a slip of, unless that is there too."""
    near = only_close(str(path[-1]), known)
    return None if near is None else _fix(near, document.key_edit(path, near))


def _fix(near: str, edit: Edit | None) -> Fix | None:
    return None if edit is None else Fix(f"write `{near}`", (edit,))
