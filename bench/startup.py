"""How quickly the tool answers, beside what its imports cost anyway.

`validate` of a small file may take at most 1.5 times `python -c 'import typer, yaml, jinja2.sandbox'`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = int(os.environ.get("BENCH_STARTUP_ROUNDS", "15"))
HELLO = str(Path(__file__).parents[1] / "workflows" / "hello.yaml")
AGENTFLOW = [sys.executable, "-m", "agentflow_cli"]
PROGRAMS = {
    "imports": [sys.executable, "-c", "import typer, yaml, jinja2.sandbox"],
    "--help": [*AGENTFLOW, "--help"],
    "validate": [*AGENTFLOW, "validate", HELLO],
    "runs list": [*AGENTFLOW, "runs", "list"],
}


def main() -> None:
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for turn in range(ROUNDS + 1):
        for name, command in PROGRAMS.items():
            begin = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            if turn:  # the first turn warms the disk cache
                seconds[name].append(time.perf_counter() - begin)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"start-up against `import typer, yaml, jinja2.sandbox`; ratios of medians over {ROUNDS} rounds in turns")
    for name in PROGRAMS:
        if name != "imports":
            print(f"  {name:10} / imports {median[name] / median['imports']:6.2f}")


if __name__ == "__main__":
    main()
