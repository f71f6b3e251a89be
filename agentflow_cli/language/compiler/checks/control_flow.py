"""The checks of control flow, over one analysis: which steps can run at all, and what is done for nothing."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.checks.conditions import check_conditions
from agentflow_cli.language.compiler.checks.cycles import check_cycles
from agentflow_cli.language.compiler.checks.reachability import check_reachability
from agentflow_cli.language.compiler.flow import Flow
from agentflow_cli.language.compiler.reachability import Reachability
from agentflow_cli.language.compiler.sites import Prompts
from agentflow_cli.language.loader.load import Loaded


def check_control_flow(loaded: Loaded, prompts: Prompts, diagnostics: Diagnostics) -> None:
    """Report circles, conditions that decide nothing, and steps that never run."""
    flow = Flow(loaded, prompts)
    check_cycles(flow, diagnostics)
    check_conditions(flow, diagnostics)
    check_reachability(flow, Reachability(flow), diagnostics)
