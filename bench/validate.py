"""What checking costs, beside what libyaml needs just to compose the same text, and beside hexdag's checker.

    python bench/validate.py                 the table of ratios
    python bench/validate.py ours-big DIR    one program, one run: prints CPU seconds

Every program runs in a process of its own, in turns (A B C A B C …), so that a slow minute of the machine hits all of
them; the table divides medians. Inside a process only the work is timed: the modules are loaded and one small file has
been checked before. `cold` programs are timed from outside, with start and imports.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
STEPS = int(os.environ.get("BENCH_STEPS", "1000"))
FILES = int(os.environ.get("BENCH_FILES", "500"))
_ROOT = Path(__file__).resolve().parents[1]
OF_EACH = 20
"""Steps of each of the many files."""

_HEAD = """\
apiVersion: agentflow/v1
name: {name}
inputs:
  topic: {{type: string}}
  items: {{type: array, items: {{type: string}}, default: []}}
steps:
"""
_SCORE = """\
  s{n}:
    prompt: |
      Read text number {n} about ${{{{ inputs.topic }}}}.
{more}    output:
      type: object
      properties:
        score: {{type: integer}}
        kind: {{enum: [bug, question]}}
      required: [score, kind]
"""
_PICK = """\
  s{n}:
    when: steps.s{a}.output.score > 5 and steps.s{a}.output.kind == 'bug'
    set:
      total: ${{{{ steps.s{a}.output.score + {n} }}}}
      text: kind ${{{{ steps.s{a}.output.kind }}}}
"""
_RUN = """\
  s{n}:
    needs: [s{a}]
    run: echo "$KIND"
    env: {{KIND: "${{{{ steps.s{b}.output.kind }}}}"}}
    timeout: {n}s
"""
_EACH = """\
  s{n}:
    foreach: inputs.items
    max_parallel: 4
    prompt: 'Item ${{{{ item }}}} after ${{{{ steps.s{a}.output }}}}'
"""
_COUNT = """\
  s{n}:
    set:
      all: ${{{{ steps.s{a}.output | length }}}}
      first: ${{{{ inputs.topic | upper }}}} {n}
    retry: 2
"""


def workflow(steps: int, name: str) -> str:
    """A chain of five kinds of steps, each reading those before it, without anything wrong."""
    parts = [_HEAD.format(name=name)]
    for n in range(0, steps, 5):
        more = f"      Before: ${{{{ steps.s{n - 1}.output.all }}}}\n" if n else ""
        parts.append(_SCORE.format(n=n, more=more))
        parts.append(_PICK.format(n=n + 1, a=n))
        parts.append(_RUN.format(n=n + 2, a=n + 1, b=n))
        parts.append(_EACH.format(n=n + 3, a=n + 2))
        parts.append(_COUNT.format(n=n + 4, a=n + 3))
    outputs = f"outputs: {{last: '${{{{ steps.s{steps - 1}.output.all | default(0) }}}}'}}\n"
    return "".join(parts) + outputs


def make(directory: Path) -> None:
    """The files that are measured."""
    (directory / "big").mkdir()
    (directory / "big" / "big.yaml").write_text(workflow(STEPS, "big"))
    (directory / "many" / "workflows").mkdir(parents=True)
    (directory / "many" / "agentflow.yaml").write_text("apiVersion: agentflow/v1\nname: many\n")
    for number in range(FILES):
        text = workflow(OF_EACH, f"w{number}").replace("Read text", f"Read, in file {number}, text")
        (directory / "many" / "workflows" / f"w{number}.yaml").write_text(text)
    (directory / "small").mkdir()
    (directory / "small" / "small.yaml").write_text(workflow(10, "small"))
    (directory / "small" / "hexdag.yaml").write_text(_hexdag())


def _hexdag() -> str:
    """Ten nodes of a pipeline in hexdag's language, each reading the one before."""
    nodes = ["apiVersion: hexdag/v1\nkind: Pipeline\nmetadata:\n  name: small\nspec:\n  nodes:\n"]
    for n in range(10):
        waits = f"[n{n - 1}]" if n else "[]"
        nodes.append(
            f"    - kind: expression_node\n      metadata:\n        name: n{n}\n      spec:\n"
            f'        expressions:\n          value: "{n} + 1"\n        output_fields: [value]\n'
            f"      dependencies: {waits}\n"
        )
    return "".join(nodes)


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of this process for the work."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def compose(directory: Path, pattern: str) -> float:
    import yaml

    texts = [path.read_text() for path in sorted(directory.glob(pattern))]
    yaml.compose("a: 1", Loader=yaml.CSafeLoader)

    def work() -> None:
        for text in texts:
            yaml.compose(text, Loader=yaml.CSafeLoader)

    return timed(work)


def ours(directory: Path, paths: list[str], *, cache: bool = False) -> float:
    from agentflow_cli.application.usecases.validate import validate

    validate([str(_ROOT / "workflows" / "etl.yaml")])
    os.chdir(directory)

    def work() -> None:
        report = validate(paths, cache=cache)
        assert not report.diagnostics, report.diagnostics[0]

    return timed(work)


def again(directory: Path) -> float:
    """The second of two calls; the first fills the cache."""
    os.environ["XDG_CACHE_HOME"] = str(directory / "cache")
    ours(directory / "many", [], cache=True)
    return ours(directory / "many", [], cache=True)


def first(directory: Path) -> float:
    """The first call, which also writes the cache."""
    os.environ["XDG_CACHE_HOME"] = str(directory / "cache")
    shutil.rmtree(directory / "cache", ignore_errors=True)
    return ours(directory / "many", [], cache=True)


PROGRAMS: dict[str, Callable[[Path], float]] = {
    "compose-big": lambda directory: compose(directory, "big/*.yaml"),
    "ours-big": lambda directory: ours(directory / "big", ["big.yaml"]),
    "compose-many": lambda directory: compose(directory, "many/workflows/*.yaml"),
    "ours-many": lambda directory: ours(directory / "many", []),
    "first": first,
    "again": again,
}
RATIOS = (("ours-big", "compose-big", 12.0), ("ours-many", "compose-many", 12.0), ("again", "first", 0.25))


def cold_commands(directory: Path) -> dict[str, list[str]]:
    """Two command lines, or one where hexdag is not installed."""
    binaries, hexdag = Path(sys.executable).parent, _ROOT / ".venv-hexdag" / "bin" / "hexdag"
    commands = {"cold ours": [str(binaries / "agentflow"), "validate", str(directory / "small" / "small.yaml")]}
    if hexdag.exists():
        commands["cold hexdag"] = [str(hexdag), "validate", str(directory / "small" / "hexdag.yaml")]
    return commands


def cold(command: list[str]) -> float:
    """CPU seconds of a child, start and imports among them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(directory: Path) -> None:
    make(directory)
    commands = cold_commands(directory)
    seconds: dict[str, list[float]] = {name: [] for name in (*PROGRAMS, *commands)}
    for _ in range(ROUNDS):
        for name in PROGRAMS:
            done = subprocess.run([sys.executable, __file__, name, str(directory)], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
            seconds[name].append(float(done.stdout))
        for name, command in commands.items():
            seconds[name].append(cold(command))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"checking {STEPS} steps in one file, and {FILES} files of {OF_EACH}; medians of {ROUNDS} rounds in turns")
    ratios = [*RATIOS, ("cold ours", "cold hexdag", 0.25)] if "cold hexdag" in commands else list(RATIOS)
    for name, other, most in ratios:
        print(f"  {name:10} / {other:13} {median[name] / median[other]:6.2f}   (at most {most:g})")
    if "cold hexdag" not in commands:
        print("  cold ours  / cold hexdag: not measured, for hexdag needs Python 3.12 (make bench HEXDAG_PYTHON=…)")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(PROGRAMS[sys.argv[1]](Path(sys.argv[2])))
    else:
        with tempfile.TemporaryDirectory() as made:
            measure(Path(made))
