"""Trouble on command: lost answers, delays, errors and rubbish.

In: a fault with the calls it is meant for. Out: at most one fault for each call, taken in the order they
were added and used up after `times`. `drop_before` breaks the connection before anything is done,
`drop_after`, `timeout_after`, `reset` (the connection is reset instead of closed) and `truncate` (it breaks off half
way through the answer) when all is done; `delay` waits; `401` is an expired token; `500`, `503`, `429`, `garbage` and
`html` replace the answer, instead of doing the work or, with `done=True`, after it.

Without being told of single calls, `at_random` makes trouble for a share of them, the same for the same seed.
"""

import random
import re
import threading
from dataclasses import dataclass, field
from typing import Any

from xero_twin.errors import LostAnswer, internal_error, plain_text, unauthorised
from xero_twin.wire import JSON, Request, Response

LOSING_AFTER = ("drop_after", "timeout_after", "reset", "truncate")
REPLACING = ("401", "500", "503", "429", "garbage", "html")
KINDS = ("drop_before", *LOSING_AFTER, "delay", *REPLACING)
RANDOM = ("drop_before", "drop_after", "reset", "truncate", "500", "503", "429")


@dataclass
class Fault:
    what: str
    method: str | None = None
    path: str | None = None
    times: int = 1
    after: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    def matches(self, request: Request) -> bool:
        if self.method is not None and self.method.upper() != request.method:
            return False
        return self.path is None or re.search(self.path, request.path, re.IGNORECASE) is not None

    @property
    def done(self) -> bool:
        """Whether the work is done before the answer is spoilt."""
        return bool(self.options.get("done")) or self.what in LOSING_AFTER

    @property
    def loses(self) -> bool:
        """Whether the client gets no answer."""
        return self.what == "drop_before" or self.what in LOSING_AFTER

    @property
    def replaces(self) -> bool:
        """Whether another answer is given instead of doing the work."""
        return self.what in REPLACING and not self.done

    def lose(self, answer: Response | None = None) -> LostAnswer:
        """The lost answer this fault stands for; `seconds` is how long a silent connection stays open."""
        kind = {"timeout_after": "timeout", "reset": "reset", "truncate": "truncate"}.get(self.what, "drop")
        return LostAnswer(kind, float(self.options.get("seconds", 30)), answer)

    def answer(self) -> Response:
        """The answer that takes the place of Xero's."""
        if self.what == "401":
            return unauthorised("TokenExpired: token expired").answer(lambda: "5d5b5d5b-0000-4000-a000-401401401401")
        if self.what == "500":
            return internal_error().answer(lambda: "5d5b5d5b-0000-4000-a000-500500500500")
        if self.what == "503":
            text = self.options.get("text", "The Xero API is temporarily unavailable")
            answer = plain_text(503, text).answer(str)
            if "retry_after" in self.options:
                answer.headers["Retry-After"] = str(self.options["retry_after"])
            return answer
        if self.what == "429":
            headers = {"Content-Type": "", "X-Rate-Limit-Problem": self.options.get("problem", "minute")}
            if headers["X-Rate-Limit-Problem"] in ("minute", "day"):
                headers["Retry-After"] = str(self.options.get("retry_after", 26))
            return Response(429, headers, b"")
        if self.what == "garbage":
            return Response(self.options.get("status", 200), {"Content-Type": JSON}, b'{"Id": "5d5b5d5b-')
        page = b"<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>"
        return Response(self.options.get("status", 502), {"Content-Type": "text/html; charset=utf-8"}, page)


class Faults:
    """The faults waiting for their calls. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.taken = 0  # how many calls had a fault
        self._random: tuple[random.Random, float, tuple[str, ...]] | None = None

    def add(
        self,
        what: str,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int = 1,
        after: int = 0,
        **options: Any,
    ) -> Fault:
        """Have `what` happen to the next `times` calls of that method and path (a prefix or a regex),
        leaving `after` of them alone first. Raises ValueError for a kind of trouble that does not exist."""
        if what not in KINDS:
            raise ValueError(f"No fault is called {what!r}: there are {', '.join(KINDS)}.")
        fault = Fault(what, method, path, times, after, options)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def at_random(self, rate: float, *, seed: int = 0, kinds: tuple[str, ...] = RANDOM) -> None:
        """Trouble of these kinds for that share of all accounting calls (0 to 1), the same for the same seed. A rate of
        0 ends it. Raises ValueError for a kind of trouble that does not exist."""
        if unknown := sorted(set(kinds) - set(KINDS)):
            raise ValueError(f"No fault is called {unknown[0]!r}: there are {', '.join(KINDS)}.")
        with self._lock:
            chance = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing
            self._random = (chance, rate, tuple(kinds)) if rate > 0 and kinds else None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._random = None

    def take(self, request: Request) -> Fault | None:
        """The fault for this call, used up by one."""
        if not self._waiting and self._random is None:
            return None
        with self._lock:
            for fault in self._waiting:
                if not fault.matches(request):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                self.taken += 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
            return self._by_chance(request)

    def _by_chance(self, request: Request) -> Fault | None:
        if self._random is None or not request.path.lower().startswith("/api.xro/"):
            return None
        chance, rate, kinds = self._random
        if chance.random() >= rate:
            return None
        self.taken += 1
        return Fault(chance.choice(kinds))
