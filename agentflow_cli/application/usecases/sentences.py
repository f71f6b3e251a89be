"""What happened in a run, said in words: one sentence an event."""

from __future__ import annotations

import json

from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.foundation.terminal_text import clean


def sentence(event: e.Event) -> str:
    """One line; foreign text in it is cleaned."""
    match event:
        case e.RunAccepted():
            return f"run {event.run} of {event.workflow} accepted"
        case e.EpochStarted():
            return f"driver {event.pid} took the run" + (", once more" if event.epoch > 1 else "")
        case e.StepExpanded():
            return f"{event.path} has {len(event.items)} items"
        case e.IterationStarted():
            return f"{event.path} begins round {event.iteration + 1}"
        case e.OperationRecorded():
            return f"{event.path} {_line(event.name)} done"
        case e.StepStarted():
            return f"{event.path} started" + (f", attempt {event.attempt}" if event.attempt > 1 else "")
        case e.ProcessStarted():
            return f"{event.path} started process group {event.group}"
        case e.ModelPassedOver():
            return f"{event.path} asks {_line(event.next)}, for {_line(event.model)} failed ({_failure(event.error)})"
        case e.StepRetrying():
            pause = format_duration(event.pause)
            return f"{event.path} failed ({_failure(event.error)}), attempt {event.attempt + 1} in {pause}"
        case e.StepSucceeded():
            used = event.usage
            tokens = (
                f", {used.get('input_tokens', 0)} + {used['output_tokens']} tokens" if "output_tokens" in used else ""
            )
            return f"{event.path} succeeded{tokens}"
        case e.StepFailed():
            return f"{event.path} failed ({_failure(event.error)})" + (
                ", and the run goes on" if event.tolerated else ""
            )
        case e.StepSkipped():
            return f"{event.path} skipped: {_line(event.reason)}"
        case e.StepCancelled():
            return f"{event.path} cancelled: {_line(event.reason)}"
        case e.AskOpened():
            return f"{event.path} asks: {_line(event.message)}"
        case e.AskAnswered():
            said = "rejected" if event.rejected else _line(json.dumps(event.answer, ensure_ascii=False))
            reason = f" ({_line(event.reason)})" if event.reason else ""
            return f"{event.path} answered by {_line(event.by)}: {said}{reason}"
        case e.RunSuspended():
            return f"run suspended, waiting for {', '.join(event.waiting)}"
        case e.RunStopped():
            left = ", ".join(event.left)
            return f"run stopped behind {event.until}, as it was told to; left: {left}"
        case e.RunInterrupted():
            return f"run interrupted: {_line(event.reason)}"
        case e.RunFinished():
            return f"run {event.status}" + (f": {_line(event.error.message)}" if event.error else "")
    return event.type


def _failure(failure: Failure) -> str:
    return f"{failure.kind}: {_line(failure.message)}"


def _line(text: str) -> str:
    return clean(text, keep_newlines=False)
