"""The blocks of a workflow with the dependencies of their steps, computed once for all checks of control flow."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping, Sequence

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock, blocks_of
from agentflow_cli.language.compiler.dependencies import Dependencies, dependencies_of
from agentflow_cli.language.compiler.shapes import Shapes
from agentflow_cli.language.compiler.sites import Prompts
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.loader.load import Loaded

STATUSES = ("succeeded", "failed", "skipped", "cancelled")


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
        self._shapes = Shapes(loaded)
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

    def values(self, node: s.Node, block: StepBlock) -> Sequence[Json] | None:
        """All values that an expression of `block` can have; None when they cannot be listed."""
        match node:
            case s.Access(target=s.Name(name=root), keys=keys):
                path = [key.value for key in keys]
                if any(isinstance(key, s.Node) for key in path):
                    return None
                return self._of_chain(root, path, block)
        return None

    def _of_chain(self, root: str, path: Sequence[object], block: StepBlock) -> Sequence[Json] | None:
        match root, path:
            case "inputs", [str(name), *rest]:
                spec = self.loaded.workflow.inputs.get(name)
                return None if spec is None else _listed(spec.schema, rest)
            case "run", ["status"]:
                return ("succeeded", "failed", "cancelled")
            case "steps", [str(_), "status"]:
                return STATUSES
            case "steps", [str(name), "output", *rest]:
                found = block.find(name)
                if found is None or not found[0].whole:
                    return None
                return self._of_output(found[0], rest)
        return None

    def _of_output(self, step: Step, path: Sequence[object]) -> Sequence[Json] | None:
        if step.kind == "ask" and path == ["choice"] and step.foreach is None and step.on_error.action != "value":
            choices = step.settings.get("choices")
            return choices.value if choices is not None else None
        schema = self._shapes.output(step)
        return None if schema is None else _listed(schema, path)


def _listed(schema: object, path: Sequence[object]) -> Sequence[Json] | None:
    """The values that a schema allows at `path`, when they can be listed."""
    for key in path:
        properties = schema.get("properties") if isinstance(schema, Mapping) else None
        if not isinstance(properties, Mapping) or key not in properties:
            return None
        schema = properties[key]
    if not isinstance(schema, Mapping):
        return None
    options = schema.get("enum")
    if isinstance(options, list):
        return options
    if "const" in schema:
        return [schema["const"]]
    return (True, False) if schema.get("type") == "boolean" else None
