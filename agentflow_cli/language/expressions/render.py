"""The parts of a mixed text to one string."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.evaluate import FAULTS, Compiler, Evaluator, Frame, boolean, refuse
from agentflow_cli.language.expressions.operators import a_type, text_of
from agentflow_cli.language.expressions.problem import EvaluationError, FunctionError


class _Text:
    """What has been written so far, and how much that is."""

    __slots__ = ("pieces", "size")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.size = 0

    def write(self, piece: str) -> None:
        self.size += len(piece)
        if self.size > limits.MAX_TEXT:
            limits.check_text_size(self.size)
        self.pieces.append(piece)


_Writer: TypeAlias = Callable[[Frame, _Text], None]


def render_body(body: s.Body) -> Callable[[Frame], Json]:
    """A function that renders `body` for the data of a frame."""
    write = _body(body, frozenset())

    def run(frame: Frame) -> Json:
        text = _Text()
        try:
            write(frame, text)
        except FunctionError as error:
            raise EvaluationError(str(error)) from None
        return "".join(text.pieces)

    return run


def _body(body: s.Body, local_names: frozenset[str]) -> _Writer:
    writers = [_part(part, local_names) for part in body]

    def write(frame: Frame, text: _Text) -> None:
        for writer in writers:
            writer(frame, text)

    return write


def _part(part: s.Part, local_names: frozenset[str]) -> _Writer:
    if isinstance(part, str):
        return lambda frame, text: text.write(part)
    if isinstance(part, s.If):
        return _if(part, local_names)
    if isinstance(part, s.For):
        return _for(part, local_names)
    evaluate = Compiler(local_names).compile(part)

    def write(frame: Frame, text: _Text) -> None:
        value = evaluate(frame)
        try:
            text.write(text_of(value))
        except FAULTS as error:
            refuse(FunctionError(str(error)), s.Node(part.start, part.end))

    return write


def _if(part: s.If, local_names: frozenset[str]) -> _Writer:
    compiler = Compiler(local_names)
    branches = [(compiler.compile(test), test, _body(body, local_names)) for test, body in part.branches]
    otherwise = _body(part.otherwise, local_names)

    def write(frame: Frame, text: _Text) -> None:
        for test, node, body in branches:
            if boolean(test(frame), node, "`if`"):
                body(frame, text)
                return
        otherwise(frame, text)

    return write


def _for(part: s.For, local_names: frozenset[str]) -> _Writer:
    items: Evaluator = Compiler(local_names).compile(part.items)
    body = _body(part.body, local_names | {part.name, "loop"})
    otherwise = _body(part.otherwise, local_names)

    def write(frame: Frame, text: _Text) -> None:
        values = items(frame)
        if not isinstance(values, (list, tuple)):
            hint = "write `… | items` for the pairs of an object" if isinstance(values, dict) else None
            raise EvaluationError(f"`for` needs an array, not {a_type(values)}", part.items.start, part.items.end,
                                  hint=hint)  # fmt: skip
        if not values:
            otherwise(frame, text)
            return
        outer = frame.locals
        count = len(values)
        for index, value in enumerate(values):
            frame.spend(limits.ITERATION_COST)
            loop = {"index": index + 1, "index0": index, "first": index == 0, "last": index == count - 1,
                    "length": count}  # fmt: skip
            frame.locals = {**outer, part.name: value, "loop": loop}
            body(frame, text)
        frame.locals = outer

    return write
