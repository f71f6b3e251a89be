"""Of the rules that one value breaks, those that an author needs to hear."""

from __future__ import annotations

from agentflow_cli.language.schema.validator import Violation


def told_once(found: list[Violation]) -> list[Violation]:
    """Without what a wrong type breaks besides: a number is none of the words that are allowed, either."""
    mistyped = {violation.path for violation in found if violation.keyword == "type"}
    return [violation for violation in found if violation.keyword == "type" or violation.path not in mistyped]
