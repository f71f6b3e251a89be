"""A checked workflow to a frozen plan: dependencies resolved, files inlined or hashed, everything fingerprinted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics, InvalidWorkflowError
from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan, PlanForeach, PlanInput, PlanStep
from agentflow_cli.domain.workflow import Foreach, Located, Step
from agentflow_cli.foundation.hashing import hash_bytes, hash_file, hash_json
from agentflow_cli.language.compiler.code_files import code_files
from agentflow_cli.language.compiler.dependencies import Dependencies, dependencies_of
from agentflow_cli.language.compiler.graph import order
from agentflow_cli.language.compiler.paths import project_pattern
from agentflow_cli.language.compiler.prompt_files import PromptFile, read_prompt_files
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.project import project_name, resolve_inside


def compile_plan(loaded: Loaded, project: str | None = None) -> Plan:
    """The plan of a workflow in which `check_workflow` found no errors. `project` is the project's name.

    InvalidWorkflowError when a prompt file has gone since.
    """
    workflow = loaded.workflow
    problems = Diagnostics()
    prompts = read_prompt_files(loaded, problems)
    if problems.has_errors:
        raise InvalidWorkflowError(problems, {loaded.document.file: loaded.document.text})
    dependencies = dependencies_of(loaded, prompts)
    waves, critical_path = order({step_id: found.all for step_id, found in dependencies.items()})
    plan = Plan(
        workflow=workflow.name,
        file=workflow.file,
        description=workflow.description,
        project=project if project is not None else project_name(loaded.root),
        inputs={
            spec.name: PlanInput(spec.name, spec.schema, spec.required, spec.default, spec.description)
            for spec in workflow.inputs.values()
        },
        steps={
            step.id: _step(loaded, step, dependencies[step.id], prompts.get(step.id))
            for step in workflow.steps.values()
        },
        outputs=_values(workflow.outputs),
        waves=waves,
        critical_path=critical_path,
        timeout=workflow.timeout,
        files=_file_hashes(loaded, prompts),
        code={file: hash_file(path) for file, path in sorted(code_files(loaded).items())},
    )
    return dataclasses.replace(plan, fingerprint=hash_json(to_json(plan)))


def _step(loaded: Loaded, step: Step, dependencies: Dependencies, prompt: PromptFile | None) -> PlanStep:
    templates, settings = _values(step.templates), _values(step.settings)
    if prompt is not None:
        templates["prompt"] = prompt.text
        settings["prompt.file"] = prompt.file
    if step.kind == "python":
        settings["python"] = _function(loaded, settings["python"])
    if step.kind == "remember" and "files" in settings:
        settings["files"] = [project_pattern(loaded.workflow.file, pattern) for pattern in settings["files"]]
    return PlanStep(
        id=step.id,
        kind=step.kind,
        templates=templates,
        settings=settings,
        env=_values(step.env),
        name=step.name,
        when=None if step.when is None else _bare(step.when.value),
        foreach=None if step.foreach is None else _foreach(step.foreach),
        retry=step.retry,
        timeout=step.timeout,
        on_error=step.on_error.action,
        on_error_value=None if step.on_error.value is None else step.on_error.value.value,
        output=None if step.output is None else step.output.value,
        reads=tuple(dependencies.reads),
        needs=tuple(dependencies.needs),
        optional=tuple(dependencies.optional),
        line=loaded.document.key_span(step.path).line,
    )


def _values(located: dict[str, Located]) -> dict[str, Json]:
    return {name: value.value for name, value in located.items()}


def _bare(value: Json) -> str:
    """`when: true` is the expression `true`."""
    return value if isinstance(value, str) else "true" if value else "false"


def _foreach(foreach: Foreach) -> PlanForeach:
    value = foreach.items.value
    expression, items = (value, None) if isinstance(value, str) else (None, value)
    return PlanForeach(expression, items, foreach.as_name, foreach.max_parallel, foreach.fail_fast)


def _function(loaded: Loaded, written: str) -> str:
    """`path.py:name` with its path from the project's root; a module stays as it is."""
    module, _, name = written.rpartition(":")
    if not module.endswith(".py"):
        return written
    path = resolve_inside(loaded.root, loaded.path.absolute().parent, module)
    return f"{path.relative_to(loaded.root.resolve()).as_posix()}:{name}"


def _file_hashes(loaded: Loaded, prompts: dict[str, PromptFile]) -> dict[str, str]:
    hashes = {loaded.workflow.file: hash_bytes(loaded.document.text.encode())}
    for prompt in prompts.values():
        hashes[prompt.file] = hash_bytes(prompt.text.encode())
    return hashes


def changed_code(plan: Plan, root: Path) -> list[str]:
    """The files of `plan.code` whose content is no longer what the plan was made from, or that are gone."""
    return [file for file, known in plan.code.items() if not (root / file).is_file() or hash_file(root / file) != known]
