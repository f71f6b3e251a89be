"""What a bug leaves behind: a file in the user's state directory that can be pasted into a report."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from agentflow_cli import __version__
from agentflow_cli.application.runtime.paths import user_state_directory
from agentflow_cli.foundation.clock import SystemClock, iso_time
from agentflow_cli.foundation.files import make_private_directory, write_private_file


def write_crash_log(error: BaseException, arguments: Sequence[str]) -> Path:
    """Write it and say where. Values given on the command line may be secrets and are left out; so are local values."""
    directory = user_state_directory(os.environ) / "crashes"
    make_private_directory(directory)
    now = SystemClock().now()
    shown = " ".join(
        a if a.isidentifier() and len(a) < 12 else a.split("=")[0] if a.startswith("-") else "…" for a in arguments
    )
    lines = [
        f"agentflow {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"at {iso_time(now)}",
        f"agentflow {shown}",
        f"file system encoding {sys.getfilesystemencoding()}, stdout {getattr(sys.stdout, 'encoding', None)}",
        "",
        "".join(traceback.format_exception(error)),
    ]
    path = directory / f"{iso_time(now).replace(':', '')}-{os.getpid()}.log"
    write_private_file(path, "\n".join(lines).encode("utf-8", "backslashreplace"))
    return path
