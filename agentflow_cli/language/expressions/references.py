"""What a tree reads: every chain that begins with a scoped name, with the place of each link."""

from __future__ import annotations

from typing import NamedTuple

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.calls import children
from agentflow_cli.language.expressions.problem import Problem
from agentflow_cli.language.expressions.scope import OPTIONAL_STEP_FIELDS


class Reference(NamedTuple):
    """One read. [start, end) are characters of the source string.

    `path` are the links after the root as far as they are literal; `segments` are the places of the root and of each
    of them. `optional`: it may be missing. `guarded`: a condition in the same expression has made sure of the step.
    """

    root: str
    path: tuple[str | int, ...]
    start: int
    end: int
    segments: tuple[tuple[int, int], ...]
    optional: bool = False
    guarded: bool = False

    @property
    def step(self) -> str | None:
        """The step that it reads, if it reads one."""
        if self.root == "steps" and self.path and isinstance(self.path[0], str):
            return self.path[0]
        return None


class Reader:
    """Collects the references and the problems of one template."""

    def __init__(self) -> None:
        self.references: list[Reference] = []
        self.problems: list[Problem] = []
        self._known: dict[tuple[int, bool], frozenset[str]] = {}

    def read(
        self,
        node: s.Node,
        local_names: frozenset[str] = frozenset(),
        guards: frozenset[str] = frozenset(),
        optional: bool = False,
    ) -> None:
        """Note what `node` reads. `guards` are steps known to have succeeded where it stands."""
        match node:
            case s.Name() | s.Access(target=s.Name()):
                self._read_chain(node, local_names, guards, optional)
            case s.Access():
                self.read(node.target, local_names, guards, optional)
            case s.Filter():
                self.read(node.value, local_names, guards, optional or node.name == "default")
            case s.Test():
                self.read(node.value, local_names, guards, node.name in ("defined", "undefined"))
            case s.Call():
                for argument in node.arguments:
                    self.read(argument, local_names, guards, True)
                return
            case s.Conditional():
                self.read(node.test, local_names, guards)
                self.read(node.then, local_names, guards | proven(node.test), optional)
                self.read(node.otherwise, local_names, guards | proven(node.test, False), optional)
                return
            case s.Logic():
                self.read(node.left, local_names, guards)
                self.read(node.right, local_names, guards | self._proven(node.left, node.operator == "and"))
                return
        first = node.target if isinstance(node, s.Access) else getattr(node, "value", None)
        handled = isinstance(node, (s.Access, s.Filter, s.Test))
        for child in children(node):
            if handled and child is first:
                continue
            fall_back = isinstance(node, s.Filter) and node.name == "default"
            self.read(child, local_names, guards, optional and fall_back)

    def _proven(self, test: s.Node, truth: bool) -> frozenset[str]:
        """`proven`, of each part of a long chain once."""
        if not isinstance(test, s.Logic):
            return proven(test, truth)
        key = (id(test), truth)
        if key not in self._known:
            left, right = self._proven(test.left, truth), self._proven(test.right, truth)
            self._known[key] = left | right if (test.operator == "and") is truth else left & right
        return self._known[key]

    def loosen(self, first: int) -> None:
        """The references from number `first` on may be missing."""
        self.references[first:] = [reference._replace(optional=True) for reference in self.references[first:]]

    def _read_chain(
        self, node: s.Name | s.Access, local_names: frozenset[str], guards: frozenset[str], optional: bool
    ) -> None:
        name = node if isinstance(node, s.Name) else node.target
        assert isinstance(name, s.Name)
        if name.name in local_names:
            return
        keys = node.keys if isinstance(node, s.Access) else ()
        literal = []
        for key in keys:
            if isinstance(key.value, s.Node):
                break
            literal.append(key)
        if name.name == "steps" and keys and (not literal or not isinstance(keys[0].value, str)):
            self.problems.append(
                Problem("AF411", "the name of a step cannot be computed", keys[0].start, keys[0].end,
                        "not a literal name", "which steps are read must be known before the run: write `steps.ID`")
            )  # fmt: skip
            return
        path = tuple(key.value for key in literal if not isinstance(key.value, s.Node))
        step = path[0] if name.name == "steps" and path else None
        if step is not None and len(path) > 1 and path[1] in OPTIONAL_STEP_FIELDS:
            optional = True
        self.references.append(
            Reference(
                name.name, path, node.start, node.end,
                ((name.start, name.end), *((key.start, key.end) for key in literal)),
                optional, step in guards,
            )
        )  # fmt: skip


def proven(test: s.Node, truth: bool = True) -> frozenset[str]:
    """Steps that have an output wherever `test` has been `truth`."""
    match test:
        case s.Not(value=value):
            return proven(value, not truth)
        case s.Logic(operator=operator, left=left, right=right):
            sides = proven(left, truth), proven(right, truth)
            return sides[0] | sides[1] if (operator == "and") is truth else sides[0] & sides[1]
        case s.Compare(first=first, rest=(("eq" | "ne" as operator, second),)) if (operator == "eq") is truth:
            for side, other in ((first, second), (second, first)):
                if isinstance(other, s.Literal) and other.value == "succeeded" and (step := _field(side, ("status",))):
                    return frozenset((step,))
        case s.Test(name="eq" | "ne" as name, value=value, arguments=(s.Literal(value="succeeded"),)) if (
            name == "eq"
        ) is truth:
            if step := _field(value, ("status",)):
                return frozenset((step,))
        case s.Test(name="defined" | "undefined" as name, value=value) if (name == "defined") is truth:
            if step := _field(value, _OF_A_SUCCESS):
                return frozenset((step,))
    return frozenset()


_OF_A_SUCCESS = ("output", "exit_code", "stderr")
"""Fields that only a step with an output has."""


def _field(node: s.Node, fields: tuple[str, ...]) -> str | None:
    """The step of `steps.ID.field…`."""
    match node:
        case s.Access(target=s.Name(name="steps"), keys=(s.Key(value=str(step)), s.Key(value=found), *_)):
            return step if found in fields else None
    return None
