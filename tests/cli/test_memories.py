"""`agentflow memory ingest` and `search`: what is not there."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.conftest import Called

Cli = Callable[..., Called]


def test_a_memory_that_nobody_filled_is_not_there_and_the_way_to_fill_it_is_said(cli: Cli) -> None:
    called = cli("memory", "search", "docs", "anything")
    assert (called.code, called.out) == (2, "")
    assert "`agentflow memory ingest docs 'docs/**/*.md'`" in called.err


def test_a_pattern_that_no_file_matches_is_as_an_unknown_file(cli: Cli) -> None:
    called = cli("memory", "ingest", "docs", "nowhere/*.md")
    assert (called.code, called.out) == (2, "")
    assert "matches `nowhere/*.md`" in called.err
