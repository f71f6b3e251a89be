"""`agentflow completion`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation, choose

SHELLS = ("bash", "zsh", "fish")
_INSTALL = {
    "bash": 'eval "$(agentflow completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(agentflow completion zsh)"    # in ~/.zshrc, after compinit',
    "fish": "agentflow completion fish > ~/.config/fish/completions/agentflow.fish",
}


def command(
    ctx: typer.Context, shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]
) -> None:
    """Print the script that makes a shell complete commands and options."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    from agentflow_cli.cli.handler import COMPLETION_VARIABLE

    invocation: Invocation = ctx.obj
    choose("SHELL", shell, SHELLS)
    script = get_completion_script(prog_name="agentflow", complete_var=COMPLETION_VARIABLE, shell=shell)
    invocation.console.raw(script.rstrip("\n") + "\n")
    invocation.console.say(f"  use it: {_INSTALL[shell]}")
