"""The types of a whole string: of what it gives, of its branches, and of the valid parts of one that is not valid."""

from __future__ import annotations

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem
from agentflow_cli.language.expressions.template import Template, expression_alone
from agentflow_cli.language.expressions.types.inference import Inference
from agentflow_cli.language.expressions.types.lattice import STRING, Type
from agentflow_cli.language.expressions.types.names import Names
from agentflow_cli.language.expressions.types.signatures import Kinds
from agentflow_cli.language.expressions.types.ways import never


def infer(template: Template, names: Names) -> tuple[Type, tuple[Problem, ...]]:
    """The type of what a compiled string gives, and what is wrong in it, at characters of its source."""
    inference = Inference(names, template.source)
    if template.expression is None:
        inference.body(template.body)
        return STRING, tuple(inference.problems)
    return inference.type_of(template.expression), tuple(inference.problems)


def problems_beside(errors: ExpressionErrors, source: str, names: Names) -> tuple[Problem, ...]:
    """What is wrong with the types in the parts of `source` that could be understood, beside `errors`."""
    inference = Inference(names, source, frozenset(problem.start for problem in errors.problems))
    alone = expression_alone(errors.body)
    if alone is None:
        inference.body(errors.body)
    else:
        inference.type_of(alone)
    return tuple(inference.problems)


def never_fitting(template: Template, names: Names, wanted: Kinds) -> tuple[tuple[s.Node, Type], ...]:
    """The branches of a compiled expression that never give one of the kinds `wanted`, with what they give."""
    if template.expression is None:
        return ()
    inference = Inference(names, template.source)
    return tuple(never(inference, template.expression, inference.silently(template.expression), wanted))
