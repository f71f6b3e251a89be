"""All the classes, and the mutations of the whole corpus, the same on every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.diagnostics.mutations.corpus import corpus
from tests.diagnostics.mutations.document import Document
from tests.diagnostics.mutations.expressions import (
    misspell_a_filter,
    misspell_a_step,
    misspell_an_input,
    misspell_an_output_field,
)
from tests.diagnostics.mutations.graphs import make_a_cycle
from tests.diagnostics.mutations.judge import Mutation
from tests.diagnostics.mutations.keys import change_a_type, drop_a_required_key, duplicate_a_key, misspell_a_key
from tests.diagnostics.mutations.templates import break_a_template

CLASSES: dict[str, Callable[[Document, random.Random], Iterator[Mutation]]] = {
    "misspell a key": misspell_a_key,
    "misspell a step": misspell_a_step,
    "misspell an input": misspell_an_input,
    "misspell an output field": misspell_an_output_field,
    "misspell a filter": misspell_a_filter,
    "drop a required key": drop_a_required_key,
    "change a type": change_a_type,
    "make a cycle": make_a_cycle,
    "duplicate a key": duplicate_a_key,
    "break a template": break_a_template,
}


def mutations(kind: str, rounds: int = 1) -> list[Mutation]:
    """Each place of the class in each file, once a round; texts that came before are left out."""
    found: dict[tuple[str, str], Mutation] = {}
    for valid in corpus():
        document = Document(valid)
        for number in range(rounds):
            for mutation in CLASSES[kind](document, random.Random(f"{kind} {valid.name} {number}")):
                found.setdefault((valid.name, mutation.text), mutation)
    return list(found.values())
