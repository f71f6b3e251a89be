"""AF39x: what a step or an agent says about how it runs."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\nsteps:\n"

_TALK = (
    "apiVersion: agentflow/v1\nagents:\n  helper: {{instructions: You help.{memory}}}\n"
    "steps:\n  talk:\n    agent: helper\n    task: Hello.\n    conversation: ada\n"
)
_EACH = (
    "apiVersion: agentflow/v1\nagents:\n  helper: {{instructions: You help., memory: {{conversation: true}}}}\n"
    "steps:\n  talk:\n    foreach: [ada, grace]\n    agent: helper\n    task: Hello.\n{conversation}"
)

CODES: tuple[Code, ...] = (
    Code(
        "AF391",
        "variables for a step that starts no program",
        "`env` gives variables to the command of `run`, to the function of `python`, to a Python `tool`, to the tools"
        " of an `agent`, and to the command of a channel. Other kinds start nothing that could read them: write the"
        " value where it is used.",
        _HEAD + "  greet:\n    prompt: Say hello.\n    env: {NAME: Ada}\n",
        _HEAD + '  greet:\n    run: echo "hello $NAME"\n    env: {NAME: Ada}\n',
        Severity.WARNING,
    ),
    Code(
        "AF392",
        "a conversation that nobody keeps",
        "`conversation` of an `agent` step says which conversation of the agent it is. The agent keeps them only with"
        " `memory: {conversation: true}`; without that it knows nothing of what it was asked before.",
        _TALK.format(memory=""),
        _TALK.format(memory=", memory: {conversation: true}"),
    ),
    Code(
        "AF393",
        "children that talk at once in one conversation",
        "The children of a `foreach` run side by side. In one conversation each would see what others happened to have"
        " said before it, in another order each time. Give each child its own with `conversation`, or run them one"
        " after the other with `max_parallel: 1`.",
        _EACH.format(conversation=""),
        _EACH.format(conversation="    conversation: ${{ item }}\n"),
        Severity.WARNING,
    ),
    Code(
        "AF394",
        "a required field that the form does not have",
        "`required` of an `ask` says which fields of its `form` must be filled in; the others may be left out, and are"
        " then missing in the output. Each name in it is a field of the form.",
        _HEAD + "  ask:\n    ask:\n      message: Whose?\n      form: {name: {type: string}}\n      required: [nmae]\n",
        _HEAD + "  ask:\n    ask:\n      message: Whose?\n      form: {name: {type: string}}\n      required: [name]\n",
    ),
)
