"""`agentflow schema`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.options import Invocation


def command(
    ctx: typer.Context,
    output_file: Annotated[
        Path | None, typer.Option("--output-file", metavar="FILE", help="Write it there instead of to stdout.")
    ] = None,
) -> None:
    """Print the JSON Schema of workflow files. Editors complete and check with it:

    # yaml-language-server: $schema=./workflow.schema.json
    """
    from agentflow_cli.application.usecases.schemas import workflow_schema, write_schema

    invocation: Invocation = ctx.obj
    if output_file is None:
        invocation.console.raw(workflow_schema())
        return
    write_schema(output_file)
    invocation.console.say(f"wrote {output_file}")
    invocation.console.say(f"  first line of a workflow: # yaml-language-server: $schema={output_file}")
