"""How the process ends once all is said."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, sys, threading
from agentflow_cli import __main__ as program
from agentflow_cli.cli import handler

class TakenApart:
    def __del__(self, write=os.write):
        write(2, b"taken apart")

sys.last_of_all = TakenApart()

def run(arguments):
    if arguments == ["busy"]:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    print("said")
    return 5

handler.run = run
program.main()
"""


@pytest.mark.parametrize(("argument", "taken_apart"), [("busy", False), ("idle", True)])
def test_an_interpreter_in_which_a_thread_is_busy_is_not_taken_apart(argument: str, taken_apart: bool) -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM, argument], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (5, "said\n")
    assert ("taken apart" in ended.stderr) is taken_apart
