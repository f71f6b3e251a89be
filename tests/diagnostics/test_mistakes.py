"""Mistakes of ten named classes, made in valid files, are found at the right line.

`python -m tests.diagnostics.mutations` prints the figures and what was missed.
"""

from __future__ import annotations

import random

import pytest

from tests.diagnostics.mutations.classes import CLASSES, mutations
from tests.diagnostics.mutations.corpus import corpus, said
from tests.diagnostics.mutations.judge import Mutation, found, in_place

A_DAY = 50
"""Of each class, in the everyday suite."""


def missed(mistakes: list[Mutation]) -> list[str]:
    return [f"{m.valid.name}:{sorted(m.lines)} {m.what}" for m in mistakes if not in_place(m, found(m))]


def test_nothing_is_said_about_the_files_that_are_made_wrong() -> None:
    assert len(corpus()) > 100
    wrong = {valid.name: list(said(valid, valid.text)) for valid in corpus() if valid.name != "ignored_findings.yaml"}
    assert {name for name, findings in wrong.items() if findings} == set()


@pytest.mark.parametrize("kind", CLASSES)
def test_some_mistakes_of_each_class_are_found_at_the_right_line(kind: str) -> None:
    everyone = mutations(kind)
    assert len(everyone) > 150
    assert missed(random.Random(kind).sample(everyone, A_DAY)) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", CLASSES)
def test_nearly_all_mistakes_of_each_class_are_found_at_the_right_line(kind: str) -> None:
    everyone = mutations(kind, rounds=3)
    wrong = missed(everyone)
    assert len(wrong) <= len(everyone) // 100, wrong
