"""A workflow whose every effect leaves a line in a file, and how to count them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

WORKFLOW = """apiVersion: agentflow/v1
name: effects
inputs:
  children: {type: integer, default: 12}
steps:
  first:
    run: echo first >> effects.log; echo one
  numbers:
    run: [seq, "${{ inputs.children }}"]
    format: lines
  each:
    foreach: steps.numbers.output
    max_parallel: 3
    run: echo "each-$N" >> effects.log; echo "$N"
    env: {N: "${{ item }}"}
  calls:
    foreach: steps.numbers.output
    max_parallel: 2
    python: work.py:work
    with: {name: "call-${{ item }}"}
  pure:
    foreach: steps.numbers.output
    set: {n: "${{ item }}"}
  maybe:
    when: steps.first.output == 'two'
    run: echo never >> effects.log
  sure:
    needs: [first]
    ask: {message: "go on?", choices: ["yes", "no"], ci: "yes"}
  last:
    needs: [sure]
    run: echo last >> effects.log; echo "$TEXT"
    env:
      TEXT: ${{ steps.each.output | join('-') }} ${{ steps.calls.output | length }} ${{ steps.pure.output | length }}
outputs:
  text: ${{ steps.last.output }}
"""

WORK = """import os

def work(name):
    with open("effects.log", "a") as log:
        log.write(name + "\\n")
    return name
"""


def write_project(directory: Path) -> Path:
    """The workflow and its Python file below `directory`; returns the workflow's path."""
    (directory / "work.py").write_text(WORK)
    path = directory / "effects.yaml"
    path.write_text(WORKFLOW)
    return path


def effects(directory: Path) -> Counter[str]:
    """How often each effect happened."""
    log = directory / "effects.log"
    return Counter(log.read_text().split()) if log.exists() else Counter()


def expected(children: int = 12) -> set[str]:
    numbers = range(1, children + 1)
    return {"first", "last", *(f"each-{n}" for n in numbers), *(f"call-{n}" for n in numbers)}
