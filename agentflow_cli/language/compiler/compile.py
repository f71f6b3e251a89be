"""A checked workflow to a frozen plan: dependencies resolved, files inlined or hashed, everything fingerprinted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics, InvalidWorkflowError
from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.models import expand
from agentflow_cli.domain.plan import Block, Plan, PlanAgent, PlanInput, PlanStep
from agentflow_cli.domain.workflow import InputSpec
from agentflow_cli.foundation.hashing import hash_bytes, hash_file, hash_json
from agentflow_cli.language.compiler.blocks import StepBlock, sections_of
from agentflow_cli.language.compiler.code_files import code_files
from agentflow_cli.language.compiler.dependencies import dependencies_of
from agentflow_cli.language.compiler.graph import order
from agentflow_cli.language.compiler.plan_agents import plan_agents
from agentflow_cli.language.compiler.plan_step import plan_step, values
from agentflow_cli.language.compiler.prompt_files import read_prompt_files
from agentflow_cli.language.compiler.sites import Prompts
from agentflow_cli.language.loader.load import Loaded


def compile_plan(loaded: Loaded, project: str | None = None) -> Plan:
    """The plan of a workflow in which `check_workflow` found no errors. `project` is the project's name.

    InvalidWorkflowError when a prompt file has gone since.
    """
    unit = _Unit(loaded)
    workflow = loaded.workflow
    sections = {block.section: block for block in sections_of(workflow)}
    main = sections["steps"]
    dependencies = dependencies_of(loaded.document, main, unit.prompts)
    waves, critical_path = order({step_id: found.all for step_id, found in dependencies.items()})
    plan = Plan(
        workflow=workflow.name,
        file=workflow.file,
        description=workflow.description,
        project=project if project is not None else loaded.project.name,
        inputs=_inputs(workflow.inputs),
        steps=unit.steps(main),
        outputs=values(workflow.outputs),
        waves=waves,
        critical_path=critical_path,
        timeout=workflow.timeout,
        files=dict(sorted(_file_hashes(unit))),
        code={file: hash_file(path) for file, path in sorted(_code(loaded).items())},
        finally_steps=unit.steps(sections["finally"]) if "finally" in sections else {},
        on_failure=unit.steps(sections["on_failure"]) if "on_failure" in sections else {},
        agents=_agents(loaded),
        models=expand(loaded.project.models),
        model=loaded.project.model,
    )
    return dataclasses.replace(plan, fingerprint=hash_json(to_json(plan)))


class _Unit:
    """One workflow file with its prompts; those that it calls are units of their own."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        problems = Diagnostics()
        self.prompts: Prompts = read_prompt_files(loaded, problems)
        if problems.has_errors:
            raise InvalidWorkflowError(problems, {loaded.document.file: loaded.document.text})
        self.called = {path: _Unit(called) for path, called in loaded.calls.items()}

    def steps(self, block: StepBlock) -> dict[str, PlanStep]:
        dependencies = dependencies_of(self.loaded.document, block, self.prompts)
        found = {}
        for step in block.steps.values():
            inner = None
            if step.kind == "steps":
                inner = Block(self.steps(block.inner(step)), values(step.outputs))
            elif step.kind == "workflow":
                inner = self.called[step.path].block()
            found[step.id] = plan_step(self.loaded, step, dependencies[step.id], self.prompts.get(step.path), inner)
        return found

    def block(self) -> Block:
        """The workflow as another one calls it."""
        workflow = self.loaded.workflow
        steps = self.steps(StepBlock(workflow.steps))
        return Block(steps, values(workflow.outputs), _inputs(workflow.inputs), workflow.name, workflow.file)

    def all(self) -> Iterator[_Unit]:
        yield self
        for unit in self.called.values():
            yield from unit.all()


def _inputs(inputs: Mapping[str, InputSpec]) -> dict[str, PlanInput]:
    return {
        spec.name: PlanInput(spec.name, spec.schema, spec.required, spec.default, spec.description)
        for spec in inputs.values()
    }


def _agents(loaded: Loaded) -> dict[str, PlanAgent]:
    found: dict[str, PlanAgent] = {}
    for called in loaded.calls.values():
        found.update(_agents(called))
    return {**found, **plan_agents(loaded)}


def _file_hashes(unit: _Unit) -> Iterator[tuple[str, Json]]:
    for part in unit.all():
        yield part.loaded.workflow.file, hash_bytes(part.loaded.document.text.encode())
        for prompt in part.prompts.values():
            yield prompt.file, hash_bytes(prompt.text.encode())
        for agent in part.loaded.agents.values():
            if agent is not None and not agent.inline:
                yield agent.file, hash_bytes(agent.document.text.encode())


def _code(loaded: Loaded) -> dict[str, Path]:
    found = code_files(loaded)
    for called in loaded.calls.values():
        found.update(_code(called))
    return found


def changed_code(plan: Plan, root: Path) -> list[str]:
    """The files of `plan.code` whose content is no longer what the plan was made from, or that are gone."""
    return [file for file, known in plan.code.items() if not (root / file).is_file() or hash_file(root / file) != known]
