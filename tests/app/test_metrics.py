"""Counters: one set in each process, however many threads count."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from tests.servers import ROOT


def test_threads_that_count_first_at_the_same_instant_share_their_meters(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import os, sys, threading
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
        import prometheus_client
        from app import metrics

        sys.setswitchinterval(1e-6)
        barrier = threading.Barrier(8)

        def count():
            barrier.wait()
            metrics.published(1)

        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        """
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
