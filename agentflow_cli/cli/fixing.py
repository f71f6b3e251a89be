"""`validate --fix` and `--diff`: what was mended, or would be."""

from __future__ import annotations

import difflib

from agentflow_cli.application.usecases.fix import Change, Fixed, write_changes
from agentflow_cli.cli.console import Console
from agentflow_cli.language.loader.tokens import without_tokens


def show_difference(console: Console, fixed: Fixed) -> None:
    """The changes as a unified diff on stdout, what that would mean on stderr. Nothing is written."""
    for change in fixed.changes:
        console.data(unified_diff(change).removesuffix("\n"))
    console.flush()
    say_counts(console, fixed, "Would fix")


def write_fixed(console: Console, fixed: Fixed) -> None:
    """Write the changed files; a text from standard input is written to stdout, changed or not."""
    if fixed.stdin is not None:
        console.raw(fixed.stdin)
        console.flush()
    else:
        write_changes(fixed)
    say_counts(console, fixed, "Fixed")


def say_counts(console: Console, fixed: Fixed, verb: str) -> None:
    for reason in fixed.left:
        console.insist(reason)
    if fixed.changes:
        problems = "1 problem" if fixed.problems == 1 else f"{fixed.problems} problems"
        files = "1 file" if len(fixed.changes) == 1 else f"{len(fixed.changes)} files"
        console.say(f"{verb} {problems} in {files}.")
    elif verb == "Would fix":
        console.say("There is nothing to fix.")


def unified_diff(change: Change) -> str:
    """The change as `diff -u` writes it, tokens masked; lines keep the breaks that they have."""
    before, after = (_lines(without_tokens(text)) for text in (change.before, change.after))
    shown = []
    for line in difflib.unified_diff(before, after, f"a/{change.file}", f"b/{change.file}"):
        shown.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(shown)


def _lines(text: str) -> list[str]:
    """Split after `\\n` alone, as other tools for diffs do."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
