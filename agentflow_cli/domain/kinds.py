"""The kinds of step: which fields each has and how each is read. One table for loader, checks, engine and docs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agentflow_cli.foundation.nothing import NOTHING


class Kind(NamedTuple):
    """A kind of step. The kind's own key and the fields beside it are listed by how they are read."""

    name: str
    summary: str
    output: str
    """What `steps.ID.output` is."""
    templates: tuple[str, ...] = ()
    """Fields whose strings, at any depth, are templates. A dotted name is a field inside the kind's mapping."""
    settings: tuple[str, ...] = ()
    """Fields taken literally."""
    effect: bool = False
    """Whether it acts on the world outside, so that it is not retried unless the author asks."""
    beside: Mapping[str, str] = NOTHING
    """What can be read beside `output`: name → what it is."""


_KINDS = (
    Kind(
        "prompt",
        "one model call",
        "the text, or the value that `output` declares",
        templates=("prompt",),
        settings=("prompt.file", "model", "temperature", "max_tokens"),
    ),
    Kind(
        "run",
        "a command: a string is a shell script, a list is a program and its arguments",
        "what it printed, read by `format`",
        # A string is a literal script and becomes the setting `script`; a list becomes the template `argv`.
        templates=("argv", "stdin"),
        settings=("script", "format"),
        effect=True,
        beside={
            "exit_code": "the exit code, always 0: with another one the step has failed, and `.error` tells it",
            "stderr": "what it wrote to standard error",
        },
    ),
    Kind(
        "python",
        "a function, `path.py:name` or `pkg.mod:name`, called with `with`",
        "what the function returns, as JSON",
        templates=("with",),
        settings=("python",),
    ),
    Kind("set", "names for values", "the mapping", templates=("set",)),
    Kind(
        "ask",
        "a question to a person: an approval, a choice, or a form",
        "the choice or the form's fields, with `by` and `at`",
        templates=("message",),
        settings=("choices", "form", "required", "ci"),
    ),
    Kind(
        "recall",
        "a search in a memory",
        "passages: a list of {text, score, source, id}, the best first",
        templates=("recall",),
        settings=("memory", "top", "min_score"),
    ),
    Kind(
        "remember",
        "texts or files added to a memory",
        "{documents, passages, ids}: how many went in, and the ids of their passages",
        # The mapping's `text` and `source` are templates, `files` is a list of literal glob patterns.
        templates=("text", "source"),
        settings=("files", "memory"),
    ),
    Kind(
        "agent",
        "an agent that works on a task with its tools",
        "its last answer: the text, or the value that `output` of the agent or of the step declares",
        templates=("task", "conversation"),
        settings=("agent", "tools", "limits"),
    ),
    Kind(
        "tool",
        "a tool by its name, called with `with`",
        "the tool's result, as JSON",
        templates=("with",),
        settings=("tool",),
        effect=True,
    ),
    Kind(
        "http",
        "one request to a server",
        "{status, headers, body}: the body is JSON where the server says so, else text",
        templates=("url", "headers", "query", "json", "body"),
        settings=("method",),
        effect=True,
    ),
    Kind(
        "workflow",
        "another workflow file, called with `with`",
        "the `outputs` of that workflow",
        templates=("with",),
        settings=("workflow",),
    ),
    Kind(
        "steps",
        "a group: steps of its own, the unit of `foreach` and `repeat` over several steps",
        "the values of its `outputs`; nothing else of it can be read from outside",
        templates=("outputs",),
    ),
    Kind("wait", "a pause", "null", settings=("wait",)),
    Kind(
        "notify",
        "a message to a channel",
        "the receipt of the channel",
        templates=("message",),
        settings=("channel",),
        effect=True,
    ),
    Kind("fail", "the end of the run: it fails with a message", "nothing: the step fails", templates=("fail",)),
)

TAKES_ENV = ("run", "python", "tool", "agent", "notify")
"""Kinds that start something which can read the variables of `env`."""

CACHED = ("prompt", "python", "http")
"""Kinds whose outcome `cache: true` keeps for later runs; of `http` only what does not act outside."""

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}

MODIFIERS = (
    "name", "needs", "when", "foreach", "as", "max_parallel", "fail_fast", "repeat", "cache", "timeout", "retry",
    "on_error", "idempotent", "on_crash", "secrets",
)  # fmt: skip
"""Keys that any step may have beside its kind's own, besides `env` and `output`."""


def acts_outside(kind: str, settings: Mapping[str, object]) -> bool:
    """Whether a step of this kind with these settings has effects: an `http` that only reads has none."""
    if kind == "http":
        return settings.get("method", "GET") not in ("GET", "HEAD")
    return KINDS[kind].effect
