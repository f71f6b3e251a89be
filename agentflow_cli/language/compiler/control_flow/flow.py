"""The blocks of a workflow with the dependencies of their steps, computed once for all checks of control flow."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping, Sequence

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock, blocks_of
from agentflow_cli.language.compiler.control_flow.contradictions import Bounds
from agentflow_cli.language.compiler.dependencies import Dependencies, dependencies_of
from agentflow_cli.language.compiler.schema_parts import is_plain
from agentflow_cli.language.compiler.sites import Prompts
from agentflow_cli.language.compiler.types.workflow_types import types_of
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.types.lattice import Scalar, options
from agentflow_cli.language.loader.load import Loaded

_ROOTS = ("inputs", "steps", "run")
"""Names that mean the same all over a block."""

_LIMITS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
"""Words of schemas that bound a number, as relations to theirs."""


class Flow:
    """Of one workflow file."""

    def __init__(self, loaded: Loaded, prompts: Prompts) -> None:
        self.loaded = loaded
        self.prompts = prompts
        self.blocks = list(blocks_of(loaded.workflow))
        """A group's after the one in which it stands."""
        self.dependencies: Mapping[StepBlock, Mapping[str, Dependencies]] = {
            block: dependencies_of(loaded.document, block, prompts) for block in self.blocks
        }
        self._orders: dict[StepBlock, Sequence[Step]] = {}

    def in_order(self, block: StepBlock) -> Sequence[Step]:
        """The steps of `block`, each after those that it waits for; none when they wait for each other."""
        if block not in self._orders:
            graph = {step_id: found.all for step_id, found in self.dependencies[block].items()}
            try:
                order = list(graphlib.TopologicalSorter(graph).static_order())
            except graphlib.CycleError:
                order = []
            self._orders[block] = [block.steps[step_id] for step_id in order]
        return self._orders[block]

    def steps(self) -> Iterator[tuple[Step, StepBlock]]:
        """Every step whose shape is right, with its block."""
        for block in self.blocks:
            for step in block.steps.values():
                if step.whole:
                    yield step, block

    def values(self, node: s.Node, block: StepBlock) -> Sequence[Json] | Bounds | None:
        """All values that an expression of `block` can have, or between which they lie; None when neither is known."""
        if not isinstance(node, s.Access) or not isinstance(node.target, s.Name) or node.target.name not in _ROOTS:
            return None
        listed: list[Json] = []
        for option in options(types_of(self.loaded).chain(node, block)):
            if not isinstance(option, Scalar) or (option.values is None and option.kind != "boolean"):
                return self._bounds(node.target.name, [key.value for key in node.keys], block)
            listed += (True, False) if option.values is None else option.values
        return listed

    def _bounds(self, root: str, keys: Sequence[object], block: StepBlock) -> Bounds | None:
        """Between which numbers the declared schema of an input, or of a step's output, holds a value."""
        schema: Json = None
        if root == "inputs" and keys and keys[0] in self.loaded.workflow.inputs:
            schema, keys = self.loaded.workflow.inputs[str(keys[0])].schema, keys[1:]
        elif root == "steps" and keys[1:2] == ["output"]:
            found = block.find(str(keys[0]))
            step = found[0] if found is not None else None
            if step is not None and step.output is not None and step.foreach is None and step.on_error.value is None:
                schema, keys = step.output.value, keys[2:]
        for key in keys:
            inner = schema.get("properties") if is_plain(schema) else None
            schema = inner.get(key) if isinstance(inner, Mapping) else None
        if not is_plain(schema) or schema.get("type") not in ("integer", "number"):
            return None
        limits = [(sign, schema[word]) for word, sign in _LIMITS.items() if isinstance(schema.get(word), int | float)]
        return Bounds(tuple(limits), schema["type"] == "integer") if limits else None
