"""`agentflow` and `python -m agentflow_cli`."""

from __future__ import annotations

import atexit
import gc
import os
import sys

_ALLOCATIONS = 50_000
"""Objects between two looks for garbage. At the usual 700 the imports are searched dozens of times, for nothing."""


_NATIVE = "xllamacpp"
"""Its threads may still compute when the process ends, and crash it when C++ takes their objects away."""


def main() -> None:
    gc.set_threshold(_ALLOCATIONS)
    ended: list[int] = []
    atexit.register(_leave, ended)  # registered first, called last
    from agentflow_cli.cli.handler import run

    code = run(sys.argv[1:])
    ended.append(int(code))
    gc.freeze()  # the interpreter would search everything once more when it ends
    sys.exit(code)


def _leave(ended: list[int]) -> None:
    """End the process here if taking it apart could crash it; all that others registered for the end is done."""
    if not ended or (_NATIVE not in sys.modules and not _still_loading()):
        return
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # closed, or nobody reads
            continue
    os._exit(ended[0])


def _still_loading() -> bool:
    """Whether a thread is busy that nobody waits for: half of an import of native code, say, that is not needed any
    more. It would go on in an interpreter that is being taken apart."""
    threading = sys.modules.get("threading")
    return threading is not None and any(thread.daemon for thread in threading.enumerate())


if __name__ == "__main__":
    main()
