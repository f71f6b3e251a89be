"""The door of this room: compile a string once, ask what it reads, evaluate it as often as needed.

    template = compile_template("Hello ${{ inputs.name }}")
    template.references                       # what it reads, and where
    template.evaluate({"inputs": {"name": "you"}})

A string that is one expression alone keeps the type of its value; text with expressions in it is always a string.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions import environment
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.blocks import parse_template
from agentflow_cli.language.expressions.calls import check_calls
from agentflow_cli.language.expressions.evaluate import Compiler, Frame, boolean
from agentflow_cli.language.expressions.lexer import has_markup
from agentflow_cli.language.expressions.problem import EvaluationError, ExpressionErrors, Problem
from agentflow_cli.language.expressions.references import Reader, Reference, proven
from agentflow_cli.language.expressions.render import render_body

__all__ = [
    "EvaluationError",
    "Expression",
    "ExpressionErrors",
    "Reference",
    "Template",
    "compile_bare",
    "compile_expression",
    "compile_template",
    "evaluate_condition",
    "render_tree",
]

_WHOLE = re.compile(r"\s*\$\{\{")


class Template:
    """A compiled string. `references` are its reads; `expression` is its tree when it is one expression alone."""

    __slots__ = ("_compiled", "_run", "body", "expression", "references", "source")

    def __init__(
        self,
        source: str,
        references: tuple[Reference, ...],
        compiled: Callable[[], Callable[[Frame], Json]],
        expression: s.Node | None,
        body: s.Body = (),
    ) -> None:
        self.source = source
        self.references = references
        self.expression = expression
        self.body = body
        """The parts of a mixed text; empty where it is one expression."""
        self._compiled = compiled
        self._run: Callable[[Frame], Json] | None = None
        """Made when it is evaluated first: to check a text it is not needed."""

    def evaluate(self, scope: Mapping[str, Json]) -> Json:
        """Its value for the data in `scope`; EvaluationError, with the place in the source, when there is none."""
        try:
            if self._run is None:
                self._run = self._compiled()
            return self._run(Frame(scope))
        except EvaluationError:
            raise
        except (RecursionError, MemoryError):
            raise EvaluationError("the value is too deep or too large", 0, len(self.source)) from None

    @property
    def parts(self) -> s.Body:
        """All of it, be it one expression or more."""
        return self.body if self.expression is None else (self.expression,)

    @property
    def guards(self) -> frozenset[str]:
        """Steps that have succeeded whenever it is true."""
        return frozenset() if self.expression is None else proven(self.expression)


Expression = Template
"""A bare expression is a template that is one expression alone."""


def _kept(work: Callable[[str], Template]) -> Callable[[str], Template]:
    """What was made of a text, or is wrong with it, is kept: every check asks again."""

    @functools.lru_cache(maxsize=32_768)
    def known(text: str) -> Template | ExpressionErrors:
        try:
            return work(text)
        except ExpressionErrors as errors:
            return errors

    @functools.wraps(work)
    def compiled(text: str) -> Template:
        found = known(text)
        if isinstance(found, ExpressionErrors):
            raise found.with_traceback(None)
        return found

    return compiled


@_kept
def compile_template(text: str) -> Template:
    """The template in `text`. ExpressionErrors holds every problem, with offsets in `text`."""
    if not has_markup(text):
        return Template(text, (), lambda: lambda frame: text, s.Literal(0, len(text), text))
    body, problems = parse_template(text)
    reader = Reader()
    problems.extend(_check_body(body, reader, frozenset(), frozenset()))
    problems.extend(reader.problems)
    if problems:
        raise ExpressionErrors(problems, reader.references, body)
    references = tuple(reader.references)
    alone = expression_alone(body)
    if alone is not None:
        return _of_tree(text, references, alone)
    return Template(text, references, functools.partial(render_body, body), None, body)


def expression_alone(body: s.Body) -> s.Node | None:
    """The one expression that a text is; None where it is more than that."""
    parts = [part for part in body if not isinstance(part, str) or part.strip()]
    if len(parts) == 1 and isinstance(parts[0], s.Node) and not isinstance(parts[0], (s.If, s.For)):
        return parts[0]
    return None


@_kept
def compile_expression(text: str) -> Expression:
    """The expression that `text` is, without `${{ }}`. ExpressionErrors holds every problem."""
    return _compile_source(text, 0, text)


@_kept
def compile_bare(text: str) -> Expression:
    """The expression of `when` or `foreach`: bare, or wrapped as a whole in `${{ }}`."""
    if not _WHOLE.match(text):
        begin = text.find("${{")
        if begin >= 0 and not _is_literal(text, begin):
            raise ExpressionErrors([_partly_wrapped(text, begin, begin + 3)])
        return compile_expression(text)
    begin = text.index("${{")
    end = len(text.rstrip())
    if not text.rstrip().endswith("}}") or "${{" in text[begin + 3 :]:
        template = compile_template(text)  # says if it is not closed
        closing = text.find("}}", begin)
        if template.expression is None or closing + 2 < end:
            raise ExpressionErrors([_partly_wrapped(text, closing + 2, end)])
    return _compile_source(text[begin + 3 : end - 2], begin + 3, text)


def _is_literal(text: str, begin: int) -> bool:
    """Whether the `${{` at `begin` are characters of a string: nothing closes them, and it is an expression so."""
    if "}}" in text[begin:]:
        return False
    try:
        compile_expression(text)
    except ExpressionErrors:
        return False
    return True


def _partly_wrapped(text: str, start: int, end: int) -> Problem:
    from agentflow_cli.language.expressions.mending import without_braces

    unquoted = re.sub(r"(['\"])\$\{\{\s*([^{}]*?)\s*\}\}\1", r"\2", text)
    bare = " ".join(re.sub(r"\$\{\{\s*(.*?)\s*\}\}", r"\1", unquoted, flags=re.DOTALL).split())
    edits = without_braces(text, environment.tree)
    return Problem("AF412", "`${{ }}` wraps a part of this expression", start, end, "wrap all of it or nothing",
                   f"it is an expression already: write `{bare}`", tuple(edits or ()))  # fmt: skip


def _compile_source(source: str, offset: int, text: str) -> Expression:
    node = environment.parse(source, offset)
    reader = Reader()
    reader.read(node)
    problems = [*check_calls(node), *reader.problems]
    if problems:
        raise ExpressionErrors(problems, reader.references, (node,))
    return _of_tree(text, tuple(reader.references), node)


def _of_tree(text: str, references: tuple[Reference, ...], node: s.Node) -> Expression:
    return Template(text, references, lambda: Compiler().compile(node), node)


def _check_body(body: s.Body, reader: Reader, local_names: frozenset[str], guards: frozenset[str]) -> Iterable[Problem]:
    """The problems of filters and tests in `body`; its reads go to `reader`."""
    for part in body:
        match part:
            case s.If():
                here, first = guards, None
                for test, branch in part.branches:
                    reader.read(test, local_names, here)
                    wrong = list(check_calls(test))
                    yield from wrong
                    if first is None and (wrong or isinstance(test, s.Unread)):
                        first = len(reader.references)
                    yield from _check_body(branch, reader, local_names, here | proven(test))
                    here |= proven(test, False)
                yield from _check_body(part.otherwise, reader, local_names, here)
                if first is not None:  # the test may make sure of anything that is read from there on
                    reader.loosen(first)
            case s.For():
                reader.read(part.items, local_names, guards)
                yield from check_calls(part.items)
                yield from _check_body(part.body, reader, local_names | {part.name, "loop"}, guards)
                yield from _check_body(part.otherwise, reader, local_names, guards)
            case s.Node():
                reader.read(part, local_names, guards)
                yield from check_calls(part)


def evaluate_condition(text: str, scope: Mapping[str, Json]) -> bool:
    """Whether the bare expression `text` is true. EvaluationError when it is neither true nor false."""
    expression = compile_bare(text)
    value = expression.evaluate(scope)
    node = expression.expression
    assert node is not None
    return boolean(value, node, "a condition")


def render_tree(value: Json, scope: Mapping[str, Json]) -> Json:
    """`value` with every string in it, at any depth, evaluated as a template. Keys stay as they are."""
    if isinstance(value, str):
        return compile_template(value).evaluate(scope) if has_markup(value) else value
    if isinstance(value, (list, tuple)):
        return [render_tree(element, scope) for element in value]
    if isinstance(value, dict):
        return {key: render_tree(element, scope) for key, element in value.items()}
    return value
