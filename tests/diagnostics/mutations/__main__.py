"""Figures for each class, and every miss."""

from __future__ import annotations

import sys
from collections import Counter

from tests.diagnostics.mutations.classes import CLASSES, mutations
from tests.diagnostics.mutations.judge import found, in_place


def main(chosen: list[str], rounds: int = 1) -> None:
    total: Counter[str] = Counter()
    for kind in chosen or CLASSES:
        missed, elsewhere = [], []
        every = mutations(kind, rounds)
        for mutation in every:
            findings = found(mutation)
            if not findings:
                missed.append((mutation, findings))
            elif not in_place(mutation, findings):
                elsewhere.append((mutation, findings))
        for what, group in (("not found", missed), ("elsewhere", elsewhere)):
            for mutation, findings in group:
                said = [f"{f.code} {f.span and f.span.line} {f.message}" for f in findings[:3]]
                print(f"  {what}: {mutation.valid.name}:{min(mutation.lines)} {mutation.what}  {said or ''}")
        right = len(every) - len(missed) - len(elsewhere)
        print(f"{kind:26} {len(every):6} files  {right:6} at the right line  {right / max(1, len(every)):7.2%}")
        total.update(files=len(every), right=right)
    print(f"{'together':26} {total['files']:6} files  {total['right']:6} at the right line")


main(sys.argv[1:])
