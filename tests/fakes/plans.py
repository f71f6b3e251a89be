"""Builds small frozen plans by hand."""

from __future__ import annotations

from typing import Any

from agentflow_cli.domain.plan import Plan, PlanForeach, PlanStep


def plan_of(*steps: PlanStep, outputs: dict[str, Any] | None = None, timeout: float | None = None) -> Plan:
    return Plan(
        workflow="test",
        file="workflows/test.yaml",
        description="",
        project="tests",
        inputs={},
        steps={step.id: step for step in steps},
        outputs=outputs or {},
        waves=(),
        critical_path=(),
        timeout=timeout,
    )


def set_step(step_id: str, values: dict[str, Any], **rest: Any) -> PlanStep:
    return PlanStep(step_id, "set", {"set": values}, **rest)


def python_step(step_id: str, function: str, arguments: dict[str, Any] | None = None, **rest: Any) -> PlanStep:
    return PlanStep(step_id, "python", {"with": arguments or {}}, {"python": function}, **rest)


def ask_step(step_id: str, message: str = "sure?", **settings: Any) -> PlanStep:
    return PlanStep(step_id, "ask", {"message": message}, settings)


def each(expression: str, **rest: Any) -> PlanForeach:
    return PlanForeach(
        **{"expression": expression, "items": None, "as_name": "item", "max_parallel": None, "fail_fast": False, **rest}
    )
