"""The command line as a table: every verb, its one line of help, and the file that holds it."""

from __future__ import annotations

from typing import Any

from agentflow_cli.cli.lazy import Verb, build_group

_WRITE, _RUN, _LOOK, _HELP = "Write and check", "Run", "Look at runs", "Help and set-up"

VERBS = (
    Verb("init", "Make a directory a project", _WRITE, "init"),
    Verb("new", "Write a new workflow, agent or tool to start from", _WRITE, "new"),
    Verb("validate", "Check workflow files: every problem at once", _WRITE, "validate"),
    Verb("plan", "Show what a run would do; nothing runs", _WRITE, "plan"),
    Verb("graph", "Draw the steps and what they wait for", _WRITE, "graph"),
    Verb("explain", "Explain a diagnostic, a field or an expression function", _WRITE, "explain"),
    Verb("schema", "Print or install the JSON Schemas, for editors", _WRITE, "schema"),
    Verb("run", "Run a workflow", _RUN, "run"),
    Verb("resume", "Continue a run, trying again what did not succeed", _RUN, "resume"),
    Verb("retry", "Try a failed step again", _RUN, "retry"),
    Verb("fork", "Start a new run from an old one, reusing what is unchanged", _RUN, "fork"),
    Verb("approve", "Answer a step that waits for a person", _RUN, "approve"),
    Verb("reject", "Say no to a step that waits for a person", _RUN, "reject"),
    Verb("watch", "Attach to a run, live or not", _LOOK, "watch"),
    Verb("monitor", "All runs on a screen", _LOOK, "monitor"),
    Verb(
        "runs",
        "Runs of this project: list, show, logs, output, cancel…",
        _LOOK,
        verbs=(
            Verb("list", "All runs, the newest first", module="runs.list"),
            Verb("show", "One run, step by step", module="runs.show"),
            Verb("logs", "What happened in a run, line by line", module="runs.logs"),
            Verb("events", "The events of a run as they were committed", module="runs.events"),
            Verb("output", "The outputs of a run, or of one of its steps", module="runs.output"),
            Verb("cancel", "End a run for good, live or not", module="runs.cancel"),
            Verb("stats", "How the runs went, by workflow", module="runs.stats"),
            Verb("export", "Write a run to one file", module="runs.export"),
            Verb("import", "Take a run from a file, to look at it", module="runs.import_"),
            Verb("prune", "Remove old runs", module="runs.prune"),
        ),
    ),
    Verb(
        "memory",
        "Memories of this project: ingest, search, conversations…",
        _HELP,
        verbs=(
            Verb("ingest", "Add text files to a memory", module="memory.ingest"),
            Verb("search", "Find passages by meaning", module="memory.search"),
            Verb("conversations", "What agents were asked before, by conversation", module="memory.conversations"),
            Verb("forget", "Forget the conversations of an agent", module="memory.forget"),
        ),
    ),
    Verb(
        "models",
        "Models that can be used: list, test, pull",
        _HELP,
        verbs=(
            Verb("list", "The models there are, and which of them are ready", module="models.list"),
            Verb("test", "Ask a model for one word: latency, tokens, or what is wrong", module="models.test"),
            Verb("pull", "Fetch the weights of the embedded model", module="models.pull"),
        ),
    ),
    Verb(
        "tools",
        "Tools that steps and agents can call: list, show, call",
        _HELP,
        verbs=(
            Verb("list", "All tools of this project", module="tools.list"),
            Verb("show", "What a tool does and takes", module="tools.show"),
            Verb("call", "Call a tool by hand", module="tools.call"),
        ),
    ),
    Verb(
        "secrets",
        "Secrets that this project names: list, check, set, rm",
        _HELP,
        verbs=(
            Verb("list", "Their names, and whether they are set; never a value", module="secrets.list"),
            Verb("check", "Whether every secret that is used is set", module="secrets.check"),
            Verb("set", "Keep a secret here, for `store:NAME`", module="secrets.set"),
            Verb("rm", "Forget a secret that is kept here", module="secrets.rm"),
        ),
    ),
    Verb(
        "config",
        "Settings that hold here: list, get, path",
        _HELP,
        verbs=(
            Verb("list", "All settings, and where they come from", module="config.list"),
            Verb("get", "One setting's value", module="config.get"),
            Verb("path", "Where things are kept", module="config.path"),
        ),
    ),
    Verb(
        "cache",
        "Outcomes that steps keep across runs: stats, clear",
        _HELP,
        verbs=(
            Verb("stats", "How many there are, and where", module="cache.stats"),
            Verb("clear", "Forget all of them", module="cache.clear"),
        ),
    ),
    Verb("trust", "Grant what a project asks for: addresses and keys of its models", _HELP, "trust"),
    Verb("completion", "Print what makes a shell complete commands", _HELP, "completion"),
    Verb("doctor", "Check this installation and say what to do", _HELP, "doctor"),
    Verb("version", "Print the version", _HELP, "version"),
)

_ABOUT = """Agents and workflows as YAML files: checked before they run, durable while they run.

RUN is a run's id, a unique beginning of it, or `last`. Options may stand on either side of a command."""


def build_app() -> Any:
    """The program as a command object."""
    return build_group(Verb("agentflow", _ABOUT, section="", verbs=VERBS))
