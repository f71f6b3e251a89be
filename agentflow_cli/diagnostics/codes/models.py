"""AF38x: which model a name means."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.codes.whole_projects import project_file

_HEAD = "apiVersion: agentflow/v1\nsteps:\n  show:\n    prompt: Say hello.\n    model: "

CODES = (
    Code(
        "AF381",
        "a model that is not there",
        "A name without a provider is `embedded`, `scripted`, `fast`, `smart`, or one under `models:` of"
        " `agentflow.yaml`. Any other model is written as `provider/name`.",
        _HEAD + "fastt\n",
        _HEAD + "fast\n",
    ),
    Code(
        "AF382",
        "a provider that is not there",
        "What stands before the first `/` of a model's name is its provider. This one is a slip for another that is"
        " known; a provider that is like no other is left for the run to find.",
        _HEAD + "antropic/claude-haiku-4-5\n",
        _HEAD + "anthropic/claude-haiku-4-5\n",
    ),
    Code(
        "AF383",
        "models that name each other in a circle",
        "A name under `models:` of `agentflow.yaml` may stand for another name there. In a circle no model would ever"
        " be reached.",
        project_file("models:\n  writer: critic\n  critic: [openai/gpt-5-mini, writer]\n"),
        project_file("models:\n  writer: critic\n  critic: [openai/gpt-5-mini, fast]\n"),
    ),
    Code(
        "AF384",
        "an address or a key that a model cannot be given",
        "`base_url` is an http or https address without a query and without a password. It and `api_key` belong to"
        " models of providers that take one key, so that it is certain what is sent where; another name of the project"
        " has its own.",
        project_file("models:\n  house: {model: endpoint/house, base_url: 'https://me:key@acme.test/v1'}\n"),
        project_file(
            "models:\n  house: {model: endpoint/house, base_url: 'https://acme.test/v1', api_key: env:HOUSE}\n"
        ),
    ),
    Code(
        "AF385",
        "a name for a model that is built in",
        "`embedded` and `scripted` mean the same in every project. `fast` and `smart` may be given a meaning of one's"
        " own.",
        project_file("models:\n  embedded: openai/gpt-5-mini\n"),
        project_file("models:\n  fast: openai/gpt-5-mini\n"),
    ),
)
