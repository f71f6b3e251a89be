"""Checks a generated workflow, and runs it with random inputs, answers, prints and results."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.load import Loaded, load_workflow
from agentflow_cli.ports.commands import CommandResult
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, OnDelta, OnPassed
from tests.diagnostics.generated.values import value
from tests.diagnostics.generated.workflows import FUNCTIONS, SOURCE, Generated
from tests.engine.driving import drive
from tests.fakes.services import FakeCommands, FakeModel, fake_services


def checked(made: Generated, root: Path) -> tuple[Loaded | None, Diagnostics]:
    """The workflow as a file of the project at `root`."""
    (root / "functions.py").write_text(SOURCE)
    path = root / "made.yaml"
    path.write_text(yaml.safe_dump(made.data, sort_keys=False, allow_unicode=True, width=10_000))
    diagnostics = Diagnostics()
    loaded = load_workflow(path, root, diagnostics)
    if loaded is not None:
        check_workflow(loaded, diagnostics)
    return loaded, diagnostics


async def ran(made: Generated, plan: Any, chance: random.Random) -> RunState:
    """One run. A step that may fail does so half of the time."""

    def given(step: str) -> Any:
        return value(made.gives[step], chance)

    def fails(step: str) -> bool:
        return step in made.flaky and chance.random() < 0.5

    def behave(argv: Sequence[str], env: Mapping[str, str]) -> CommandResult:
        printed = json.dumps(given(argv[1])) if argv[0] == "json" else argv[2]
        return CommandResult(int(fails(argv[1])), printed.encode(), b"")

    def function(name: str) -> Callable[..., Any]:
        return lambda **arguments: value(FUNCTIONS[name][1], chance)

    class Model(FakeModel):
        async def complete(
            self, request: ModelRequest, on_delta: OnDelta | None = None, on_passed: OnPassed | None = None
        ) -> ModelReply:
            step = request.messages[-1].content.split()[0]
            if fails(step):
                raise ModelFailure(Failure("model", "it is down"))
            answer = given(step)
            return ModelReply(answer if isinstance(answer, str) else json.dumps(answer), "fake/model", value=answer)

    services = fake_services(
        model=Model(),
        commands=FakeCommands(behave),
        functions={f"functions.py:{name}": function(name) for name in FUNCTIONS},
    )
    inputs = {name: value(kind, chance) for name, kind in made.inputs.items()}
    return await drive(plan, services, inputs=inputs, no_input=True)
