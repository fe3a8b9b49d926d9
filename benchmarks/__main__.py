"""`make bench`: every benchmark, or those named: `make bench ARGS="engine export"`."""

from __future__ import annotations

import importlib
import subprocess
import sys

ALL = ("import_lines", "engine", "export", "memory", "consolidation", "twin")


def main(names: list[str]) -> int:
    for name in names or ALL:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-c", f"from benchmarks.{name} import main; main()"], check=True)
    return 0


if __name__ == "__main__":
    importlib.invalidate_caches()
    sys.exit(main(sys.argv[1:]))
