"""Meaning, checked before anything runs: one rule a file, every finding at its exact place, all of them at once."""

from __future__ import annotations

from collections.abc import Callable

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.checks.agents import check_agents
from agentflow_cli.language.compiler.checks.amount import check_amount
from agentflow_cli.language.compiler.checks.calls import check_calls
from agentflow_cli.language.compiler.checks.channels import check_channels
from agentflow_cli.language.compiler.checks.control_flow.check import check_control_flow
from agentflow_cli.language.compiler.checks.conversations import check_conversations
from agentflow_cli.language.compiler.checks.declared_outputs import check_declared_outputs
from agentflow_cli.language.compiler.checks.expressions import check_expressions
from agentflow_cli.language.compiler.checks.files import check_files
from agentflow_cli.language.compiler.checks.forgotten_braces import check_forgotten_braces
from agentflow_cli.language.compiler.checks.forms import check_forms
from agentflow_cli.language.compiler.checks.literals import check_literals
from agentflow_cli.language.compiler.checks.models import check_models
from agentflow_cli.language.compiler.checks.modifiers import check_modifiers
from agentflow_cli.language.compiler.checks.needs import check_needs
from agentflow_cli.language.compiler.checks.programs import check_programs
from agentflow_cli.language.compiler.checks.references import check_references
from agentflow_cli.language.compiler.checks.requests import check_requests
from agentflow_cli.language.compiler.checks.schemas import check_schemas
from agentflow_cli.language.compiler.checks.shadowing import check_shadowing
from agentflow_cli.language.compiler.checks.types import check_types
from agentflow_cli.language.compiler.prompt_files import read_prompt_files
from agentflow_cli.language.compiler.sites import sites_of
from agentflow_cli.language.loader.files import add_used
from agentflow_cli.language.loader.load import Loaded


def check_workflow(loaded: Loaded, diagnostics: Diagnostics, sources: dict[str, str] | None = None) -> None:
    """Add everything that is wrong with the meaning of a workflow and of those that it calls. Nothing is executed.

    What was checked once among the same `files` is not checked again. `sources`, when given, receives the text of
    each prompt file by its name in spans, so that frames can show it.
    """
    key = loaded.files.identity(loaded.path)
    if key in loaded.files.checked:
        return
    loaded.files.checked.add(key)
    for path, called in loaded.calls.items():
        found = Diagnostics()
        check_workflow(called, found, sources)
        add_used(found, loaded.document.span((*path, "workflow")), "called here", diagnostics)
    prompts = read_prompt_files(loaded, diagnostics)
    if sources is not None:
        sources.update((prompt.display, prompt.text) for prompt in prompts.values())
    sites = list(sites_of(loaded, prompts))
    if not check_amount(sites, diagnostics):
        return
    whole = [site for site in sites if site.whole]
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_expressions(sites, diagnostics),
        lambda: check_forgotten_braces(loaded, sites, diagnostics),
        lambda: check_references(loaded, sites, diagnostics),
        lambda: check_types(loaded, sites, diagnostics),
        lambda: check_needs(loaded, diagnostics),
        lambda: check_shadowing(loaded, diagnostics),
        lambda: check_calls(loaded, diagnostics),
        lambda: check_agents(loaded, diagnostics),
        lambda: _check_code(loaded, diagnostics),
        lambda: check_requests(loaded, diagnostics),
        lambda: check_programs(loaded, diagnostics),
        lambda: check_channels(loaded, diagnostics),
        lambda: check_models(loaded, diagnostics),
        lambda: check_control_flow(loaded, prompts, whole, diagnostics),
        lambda: check_literals(loaded, diagnostics),
        lambda: check_schemas(loaded, diagnostics),
        lambda: check_declared_outputs(loaded, diagnostics),
        lambda: check_files(loaded, diagnostics),
        lambda: check_modifiers(loaded, diagnostics),
        lambda: check_conversations(loaded, diagnostics),
        lambda: check_forms(loaded, diagnostics),
    )
    for check in checks:
        if diagnostics.is_full:
            return  # nobody would be told
        check()


def _check_code(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Tools and functions; what reads Python is loaded only for a workflow that calls some."""
    if any(
        step.kind in ("python", "tool") or "tools" in step.settings for step, _ in steps_with_blocks(loaded.workflow)
    ):
        from agentflow_cli.language.compiler.checks.functions import check_functions
        from agentflow_cli.language.compiler.checks.tools import check_tools

        check_tools(loaded, diagnostics)
        check_functions(loaded, diagnostics)
