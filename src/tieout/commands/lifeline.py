"""A process of ours that ends with the one that started it, also when that one is killed.

In: the command of a child. Out: the child. Always: the parent alone holds the writing end of the child's standard input
and never writes; when the system closes it, because the parent is gone however it went, the child gets a SIGTERM from
itself and stops as it would at any other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

_TOLD = "TIEOUT_ENDS_WITH_STDIN"


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """`tieout` with these arguments, in a process group of its own: the terminal's Ctrl-C reaches only the parent, and
    the child gets one signal, its parent's."""
    command = [sys.executable, "-m", "tieout", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0, env={**os.environ, _TOLD: "1"})


def hold() -> None:
    """Called by the child: end when the parent is gone. Does nothing in a process that nobody started with `start`."""
    if os.environ.pop(_TOLD, ""):
        threading.Thread(target=_wait, name="lifeline", daemon=True).start()


def _wait() -> None:
    while os.read(0, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
