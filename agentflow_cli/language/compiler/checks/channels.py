"""`notify` names a channel that is there."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.project import BUILT_IN_CHANNELS
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.slips import value_slip
from agentflow_cli.language.loader.load import Loaded


def check_channels(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report channels that neither are built in nor stand in the project file."""
    known = (*BUILT_IN_CHANNELS, *loaded.project.channels)
    for step, _ in steps_with_blocks(loaded.workflow):
        if step.kind != "notify":
            continue
        located = step.settings["channel"]
        name = located.value
        if name not in known and "${{" not in name:
            near = closest(name, known)
            listed = "channels: " + ", ".join(f"`{channel}`" for channel in known)
            help = f"did you mean `{near}`?" if near else f"{listed}; others stand under `notify:` of agentflow.yaml"
            span = loaded.document.span(located.path)
            diagnostics.add(
                Diagnostic("AF373", f"there is no channel `{name}`", span, label="not a channel", help=help,
                           fix=value_slip(loaded.document, located.path, name, known))
            )  # fmt: skip
