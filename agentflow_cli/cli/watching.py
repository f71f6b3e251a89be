"""Watching a run without a screen: its lines as `run` prints them, until no driver has it."""

from __future__ import annotations

import threading

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.watch import Watch
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.monitoring import report_watched
from agentflow_cli.cli.progress.plain import PlainView
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.exit_codes import ExitCode

_LOOK_EVERY = 0.1


def watch_plainly(invocation: Invocation, container: Container, run: str) -> ExitCode:
    """The exit code is what the run's own driver gave, or would have given."""
    with Watch(container, run) as watch:
        view = PlainView(invocation.console, watch.plan)
        state = RunState.initial(watch.plan)
        pause = threading.Event()
        while True:
            look = watch.look()
            for record in look.records:
                state.apply(record)
                view.recorded(record, state)
            if not look.live and not look.more:
                break
            if not look.more:
                pause.wait(_LOOK_EVERY)
    return report_watched(invocation, state, container.root)
