"""How long an expression itself takes, whatever else the process of the tests holds and does."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Counting the covered lines makes everything several times slower.
SECONDS = 0.2 if sys.gettrace() is None else 2.0


@contextmanager
def within(seconds: float, what: str = "it") -> Iterator[None]:
    """Fail where more time of the processor is used; a large heap is not swept meanwhile."""
    gc.disable()
    started = time.thread_time()
    try:
        yield
        used = time.thread_time() - started
    finally:
        gc.enable()
    assert used < seconds, f"{what[:200]} took {used:.3f} seconds"
