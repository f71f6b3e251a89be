"""The checks of control flow, over one analysis: which steps can run at all, and what is done for nothing."""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.checks.control_flow.conditions import check_conditions
from agentflow_cli.language.compiler.checks.control_flow.cycles import check_cycles
from agentflow_cli.language.compiler.checks.control_flow.decided_tests import check_decided_tests
from agentflow_cli.language.compiler.checks.control_flow.first_round import check_first_round
from agentflow_cli.language.compiler.checks.control_flow.missing_reads import check_missing_reads
from agentflow_cli.language.compiler.checks.control_flow.questions import check_questions
from agentflow_cli.language.compiler.checks.control_flow.reachability import check_reachability
from agentflow_cli.language.compiler.checks.control_flow.retries import check_retries
from agentflow_cli.language.compiler.checks.control_flow.timeouts import check_timeouts
from agentflow_cli.language.compiler.checks.control_flow.unread import check_unread
from agentflow_cli.language.compiler.checks.control_flow.until import check_until
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.control_flow.reachability import Reachability
from agentflow_cli.language.compiler.sites import Prompts, Site
from agentflow_cli.language.loader.load import Loaded


def check_control_flow(loaded: Loaded, prompts: Prompts, sites: Sequence[Site], diagnostics: Diagnostics) -> None:
    """Report circles, conditions that decide nothing, and steps that never run."""
    flow = Flow(loaded, prompts)
    check_cycles(flow, diagnostics)
    check_conditions(flow, diagnostics)
    reachability = Reachability(flow)
    check_reachability(flow, reachability, diagnostics)
    check_missing_reads(flow, reachability, sites, diagnostics)
    check_decided_tests(flow, sites, diagnostics)
    check_unread(flow, sites, diagnostics)
    check_until(sites, diagnostics)
    check_first_round(flow, sites, diagnostics)
    check_questions(flow, diagnostics)
    check_timeouts(flow, diagnostics)
    check_retries(flow, diagnostics)
