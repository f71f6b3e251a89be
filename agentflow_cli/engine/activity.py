"""Counts what is under way, so that a run knows when all that is left waits for a person."""

from __future__ import annotations

from collections.abc import Callable


class Activity:
    """Work under way, or parked until somebody answers. The children of a foreach are an Activity inside their step's:
    when all of them that are left are parked, so is the step."""

    def __init__(self, parent: Activity | None = None, on_idle: Callable[[], None] | None = None) -> None:
        self._parent = parent
        self._on_idle = on_idle
        self._active = 0
        self._parked = 0
        self.idle = False
        """Nothing is active and something is parked."""

    def enter(self) -> None:
        self._active += 1
        self._update()

    def leave(self) -> None:
        self._active -= 1
        self._update()

    def park(self) -> None:
        self._active, self._parked = self._active - 1, self._parked + 1
        self._update()

    def unpark(self) -> None:
        self._active, self._parked = self._active + 1, self._parked - 1
        self._update()

    def _update(self) -> None:
        idle = self._active == 0 and self._parked > 0
        if idle == self.idle:
            return
        self.idle = idle
        if self._parent is not None:
            if idle:
                self._parent.park()
            else:
                self._parent.unpark()
        elif idle and self._on_idle is not None:
            self._on_idle()
