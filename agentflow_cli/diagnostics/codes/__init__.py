"""Every diagnostic code with its explanation: `agentflow explain AF106`.

AF1xx  yaml.py         the file as text and as YAML
AF2xx  shape.py        the file's shape: fields, types, names
AF3xx  names.py        what expressions and `needs` refer to
AF38x  models.py       which model a name means
AF39x  modifiers.py    what a step or an agent says about how it runs
AF4xx  expressions.py  expressions and templates themselves
AF43x  types.py        values of the wrong type (and AF44x)
AF50x  flow.py         what runs when, what never does, and what is done for nothing
AF53x  contracts.py    schemas, what calls are given, what agents may do
AF60x  project.py      what is wrong between the files of a project
AF90x  ignoring.py     comments that silence findings
"""

from __future__ import annotations

from agentflow_cli.diagnostics.codes import (
    contracts,
    expressions,
    flow,
    ignoring,
    models,
    modifiers,
    names,
    project,
    shape,
    types,
    yaml,
)
from agentflow_cli.diagnostics.codes.code import Code

CODES: dict[str, Code] = {
    entry.code: entry
    for family in (yaml, shape, names, models, modifiers, expressions, types, flow, contracts, project, ignoring)
    for entry in sorted(family.CODES, key=lambda c: c.code)
}


def explain(code: str) -> str:
    """The page for `code` as plain text; KeyError when there is no such code."""
    entry = CODES[code.upper()]
    parts = [f"{entry.severity.value}[{entry.code}]: {entry.title}", entry.why]
    if entry.wrong:
        parts.append("Wrong:\n\n" + _indented(entry.wrong))
    if entry.right:
        parts.append("Right:\n\n" + _indented(entry.right))
    return "\n\n".join(parts) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.strip("\n").splitlines())


__all__ = ["CODES", "Code", "explain"]
