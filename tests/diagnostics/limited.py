"""The program under limits of memory and time, forked from one small process: no test pays for starting it.

The process imports what every check needs, and nothing that only wrong files need; a child that is forked from it is
as large as it, loads the rest itself, and is killed at its limits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

MEMORY = 300 * 1024 * 1024
SECONDS = 2

_PARENT = """
import json, os, resource, signal, sys
from agentflow_cli.__main__ import main
import agentflow_cli.cli.app, agentflow_cli.application.usecases.validate

def child(request):
    directory = request["directory"]
    os.chdir(request["within"])
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(f"{directory}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.environ.update(HOME=directory, XDG_CACHE_HOME=f"{directory}/cache", XDG_STATE_HOME=f"{directory}/state")
    resource.setrlimit(resource.RLIMIT_DATA, (request["memory"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (request["seconds"],) * 2)
    signal.alarm(60)
    sys.argv = ["agentflow", *request["arguments"]]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    with open(f"{directory}/peak", "w") as file:
        file.write(str(peak * 1024))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

for line in sys.stdin:
    sys.stdout.flush()
    number = os.fork()
    if number == 0:
        try:
            child(json.loads(line))
        finally:
            os._exit(99)
    _, status, used = os.wait4(number, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]), flush=True)
"""


class Outcome(NamedTuple):
    """`seconds` of the processor, `size` in bytes at its largest; `code` is negative when it was killed."""

    code: int
    said: str
    seconds: float
    size: int


class Limited:
    def __init__(self) -> None:
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "80"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )

    def run(self, arguments: list[str], within: Path, directory: Path, seconds: int = SECONDS + 8) -> Outcome:
        """`agentflow ARGUMENTS` in `within`; `directory` is its home, and takes what it writes."""
        assert self._process.stdin is not None and self._process.stdout is not None
        request: dict[str, Any] = {"arguments": arguments, "within": str(within), "directory": str(directory)}
        request.update(memory=MEMORY, seconds=seconds)
        print(json.dumps(request), file=self._process.stdin, flush=True)
        code, used = json.loads(self._process.stdout.readline())
        said = "".join((directory / name).read_text(errors="replace") for name in ("stdout", "stderr"))
        peak = directory / "peak"
        return Outcome(code, said, used, int(peak.read_text()) if peak.exists() else -1)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
