"""Heavy libraries are imported in background threads, one at a time.

Two threads that import packages with a dependency in common (numpy, pydantic) can see it half made: Python breaks
what would be a deadlock of its per-module locks by handing out a module that is not complete yet.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_one_at_a_time = threading.RLock()


@contextmanager
def heavy_import() -> Iterator[None]:
    """Wrap the import statement of every library that may be imported outside the main thread."""
    with _one_at_a_time:
        yield
