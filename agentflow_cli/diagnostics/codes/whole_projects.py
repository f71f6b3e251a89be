"""Examples that take more than one workflow file to show: each file follows a comment with its path."""

from __future__ import annotations

_HEAD = "apiVersion: agentflow/v1\n"


def project_file(body: str) -> str:
    """What `agentflow.yaml` says."""
    return f"# agentflow.yaml\n{_HEAD}{body}"


def with_function(python: str, given: str = "{text: one two}", code: str | None = None) -> str:
    """A workflow that calls `python` with `given`, beside the file `count.py`."""
    code = code if code is not None else "def words(text: str) -> int:\n    return len(text.split())\n"
    workflow = f"{_HEAD}steps:\n  count:\n    python: {python}\n    with: {given}\n"
    return f"# workflows/report.yaml\n{workflow}# workflows/count.py\n{code}"


def with_prompt(file: str) -> str:
    """A workflow whose prompt is in `file`, beside the file `question.md`."""
    workflow = f"{_HEAD}steps:\n  show:\n    prompt: {{file: {file}}}\n"
    return f"# workflows/report.yaml\n{workflow}# workflows/question.md\nHow many words are too many?\n"


def with_call(call: str, called: str = "") -> str:
    """A workflow with the step `call`, beside `greet.yaml`, which takes the input `who`."""
    greet = (
        f"{_HEAD}inputs:\n  who: {{type: string}}\nsteps:\n  say:\n    prompt: Greet ${{{{ inputs.who }}}}.\n{called}"
    )
    return f"# workflows/report.yaml\n{_HEAD}steps:\n  show: {call}\n# workflows/greet.yaml\n{greet}"


def with_tool(agent: str) -> str:
    """An agent with a tool of the project that may change something."""
    workflow = f"{_HEAD}agents:\n  keeper: {agent}\nsteps:\n  keep: {{agent: keeper, task: Note that it rains.}}\n"
    code = 'def add_note(text: str) -> str:\n    """Keep a note."""\n    return text\n'
    return f"# workflows/report.yaml\n{workflow}# tools/notes.py\n{code}"
