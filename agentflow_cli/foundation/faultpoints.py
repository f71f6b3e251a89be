"""Named points at which a test can make this process die or fail, as a crash or a full disk would.

`AGENTFLOW_FAULT="journal.committed:17=kill"` kills the process (SIGKILL) the 17th time that point is passed;
`=raise` throws OSError(ENOSPC) instead. Nothing happens, at the cost of one comparison, when the variable is unset.
"""

from __future__ import annotations

import errno
import os
import signal

_SPECIFICATION = os.environ.get("AGENTFLOW_FAULT", "")
_passed: dict[str, int] = {}


def faultpoint(name: str) -> None:
    """Die or fail here when the environment asks for it."""
    if not _SPECIFICATION:
        return
    _passed[name] = _passed.get(name, 0) + 1
    for request in _SPECIFICATION.split(","):
        point, _, action = request.partition("=")
        target, _, count = point.partition(":")
        if target == name and _passed[name] == int(count or 1):
            if action == "raise":
                raise OSError(errno.ENOSPC, "No space left on device (fault point)")
            os.kill(os.getpid(), signal.SIGKILL)
