"""Whether a mutation was found, and where."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.diagnostics.diagnostic import Diagnostic
from tests.diagnostics.mutations.corpus import Valid, said


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mistake in a valid file."""

    kind: str
    valid: Valid
    text: str
    what: str
    lines: frozenset[int]
    """Where a finding is in the right place."""


def found(mutation: Mutation) -> list[Diagnostic]:
    """Everything that is said."""
    return list(said(mutation.valid, mutation.text))


def in_place(mutation: Mutation, findings: list[Diagnostic]) -> bool:
    """Whether a finding points at the right line with its first place or with another."""
    for finding in findings:
        spans = [finding.span, *(second.span for second in finding.secondary)]
        if any(span is not None and span.file == "x.yaml" and span.line in mutation.lines for span in spans):
            return True
    return False
