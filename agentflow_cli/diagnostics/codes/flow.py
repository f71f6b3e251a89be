"""AF5xx: control flow. What runs when, what never does, and what is done for nothing."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\n"
_MODE = "inputs:\n  mode: {type: string, enum: [full, quick]}\n"


def _flow(*lines: str, before: str = "", after: str = "") -> str:
    return f"{_HEAD}{before}steps:\n" + "".join(f"  {line}\n" for line in lines) + after


_BRANCHES = ("full:", "  when: inputs.mode == 'full'", "  run: echo full",
             "quick:", "  when: inputs.mode == 'quick'", "  run: echo quick", "report:")  # fmt: skip

CODES: tuple[Code, ...] = (
    Code(
        "AF501",
        "a condition that is never true",
        "Whatever the inputs and the other steps are, this condition is false: its parts exclude each other, or it"
        " compares constants. The step never runs. A step that is switched off by hand says `when: false`.",
        _flow("show:", "  when: inputs.mode == 'full' and inputs.mode == 'quick'", "  run: echo hello", before=_MODE),
        _flow("show:", "  when: inputs.mode == 'full'", "  run: echo hello", before=_MODE),
        Severity.WARNING,
    ),
    Code(
        "AF502",
        "a condition that is always true",
        "Whatever the inputs and the other steps are, this condition is true, so that it decides nothing. Often an"
        " `or` stands where an `and` was meant: `x != 'a' or x != 'b'` is true for every `x`.",
        _flow("show:", "  when: inputs.mode != 'full' or inputs.mode != 'quick'", "  run: echo hello", before=_MODE),
        _flow("show:", "  when: inputs.mode != 'full'", "  run: echo hello", before=_MODE),
        Severity.WARNING,
    ),
    Code(
        "AF503",
        "a condition that is never true when the step could run",
        "A step runs when the steps that it needs have ended well and its own `when` is true. Here one excludes the"
        " other: the step is skipped or cancelled in every run. To react to a failure, read the status alone, which"
        " only waits: `when: steps.fetch.status == 'failed'` without `needs: [fetch]`.",
        _flow("fetch:", "  run: ./fetch", "mend:", "  needs: [fetch]", "  when: steps.fetch.status == 'failed'",
              "  run: ./mend"),
        _flow("fetch:", "  run: ./fetch", "mend:", "  when: steps.fetch.status == 'failed'", "  run: ./mend"),
    ),
    Code(
        "AF504",
        "a step that needs two steps of which never both run",
        "A plain read of an output is required: when that step was skipped, the reader is skipped too. A step that"
        " joins branches whose conditions exclude each other would be skipped in every run. Read what may be missing"
        " under `coalesce(…)` or `default(…)`, or follow the branches by `needs` on a step that always runs.",
        _flow(*_BRANCHES, "  set: {it: '${{ steps.full.output ~ steps.quick.output }}'}", before=_MODE),
        _flow(*_BRANCHES, "  set: {it: '${{ coalesce(steps.full.output, steps.quick.output) }}'}", before=_MODE),
    ),
    Code(
        "AF505",
        "a step that needs one that is there to fail",
        "`fail` ends the run as failed, so that no step which needs it can ever run. What has to follow a failure"
        " stands under `on_failure:` or `finally:`.",
        _flow("stop:", "  fail: There is nothing to do.", "tell:", "  needs: [stop]", "  run: ./tell"),
        _flow("stop:", "  fail: There is nothing to do.", after="on_failure:\n  tell:\n    run: ./tell\n"),
    ),
)  # fmt: skip
