"""`agentflow` and `python -m agentflow_cli`."""

from __future__ import annotations

import gc
import sys

_ALLOCATIONS = 50_000
"""Objects between two looks for garbage. At the usual 700 the imports are searched dozens of times, for nothing."""


def main() -> None:
    gc.set_threshold(_ALLOCATIONS)
    from agentflow_cli.cli.handler import run

    code = run(sys.argv[1:])
    gc.freeze()  # the interpreter would search everything once more when it ends
    sys.exit(code)


if __name__ == "__main__":
    main()
