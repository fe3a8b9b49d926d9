"""A worker that kills itself (SIGKILL) the nth time that a write passes a named point.

    python -m tests.sync.dying_worker '{"database": {…}, "organisation": "slug", "point": "…", "nth": 2}'

Not a test: tests start it as a process of its own, so that the death is a real one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from threading import Lock

import django


def main() -> None:
    order = json.loads(sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "tieout.settings"
    from django.conf import settings

    settings.DATABASES["default"].update(order["database"])
    settings.SECRET_KEY = "only-for-tests"
    django.setup()
    from tieout.core.models import Organisation
    from tieout.sync.run import Ports, sync

    passed, lock = [0], Lock()

    def checkpoint(point: str) -> None:
        with lock:
            passed[0] += point == order["point"]
            if point == order["point"] and passed[0] == order["nth"]:
                os.kill(os.getpid(), signal.SIGKILL)

    sync(Organisation.objects.get(slug=order["organisation"]), ports=Ports(checkpoint=checkpoint))


if __name__ == "__main__":
    main()
