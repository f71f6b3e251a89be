"""`agentflow` and `python -m agentflow_cli`."""

from __future__ import annotations

import sys


def main() -> None:
    from agentflow_cli.cli.handler import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
