"""A time budget: after it no refinement is begun, what is known stays valid, and notes say how far it got."""

from __future__ import annotations

import math
import time

from symgrad.bounds.rounding import BoundError

__all__ = ["Clock"]


class Clock:
    """Counts the computing time of this thread, so that a busy machine changes no answer. None is no limit."""

    def __init__(self, seconds: float | None = None) -> None:
        if seconds is not None and not (isinstance(seconds, int | float) and seconds >= 0):
            raise BoundError(f"seconds is {seconds!r}; expected a number >= 0, or None for no limit")
        self.seconds = seconds
        self.deadline = math.inf if seconds is None else time.thread_time() + seconds
        self.notes: list[str] = []

    @property
    def over(self) -> bool:
        return time.thread_time() > self.deadline

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.thread_time())

    def note(self, how_far: str) -> None:
        """Say what was not reached; said once."""
        text = f"the time of {self.seconds:g} s was over: {how_far}"
        if text not in self.notes:
            self.notes.append(text)
