"""What messages need to know of a document: where its values and keys stand."""

from __future__ import annotations

from typing import Protocol

from agentflow_cli.diagnostics.fix import Edit
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath


class Places(Protocol):
    def span(self, path: DocumentPath) -> Span:
        """The place of a value."""
        ...

    def key_span(self, path: DocumentPath) -> Span:
        """The place of the key of a value."""
        ...

    def key_edit(self, path: DocumentPath, new: str) -> Edit | None:
        """What renames the key of a value."""
        ...

    def value_edit(self, path: DocumentPath, new: str) -> Edit | None:
        """What writes the string `new` for a scalar."""
        ...

    def raw_value_edit(self, path: DocumentPath, raw: str) -> Edit | None:
        """What writes the characters `raw` for a scalar."""
        ...

    def insertion_before(self, path: DocumentPath, entry: str) -> Edit | None:
        """What writes the entry of a mapping before the one at `path`."""
        ...
