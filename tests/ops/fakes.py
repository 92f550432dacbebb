"""Stand-ins for what a drill needs of the world: hosts, power, clients. They record what was done, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from ops.component import FaultKind
from ops.drill.drill import Drill, Timing
from ops.errors import OpsError
from ops.hosts.shell import Answer
from ops.inventory import Inventory
from ops.ledger import client, sessions
from ops.ledger.history import History
from ops.ledger.writes import Attempt, Result
from tests.ops import stack

QUICK = Timing(
    first_write=0.0,
    before=0.01,
    during=0.01,
    longest=0.05,
    after=0.0,
    heal_stop=0.3,
    heal_kill=0.3,
    poll=0.0,
    fresh=1e9,
)


class FakeShell:
    """Answers scripts by what is in them; `log` has `host: gist`."""

    def __init__(self, rows: dict[str, list[int]] | None = None) -> None:
        self.log: list[str] = []
        self.rows = rows or {}
        self.fail: dict[str, Answer] = {}
        self.on: dict[str, Callable[[], None]] = {}

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        """See `Shell.run`."""
        gist = self._gist(script)
        self.log.append(f"{host}: {gist}")
        if gist in self.on:
            self.on.pop(gist)()
        if gist in self.fail:
            return self.fail[gist]
        if gist == "read":
            numbers = self.rows.get(host)
            if numbers is None:
                return Answer(reached=False, error="no answer")
            return Answer(
                reached=True, out="hactl_drill.ledger\t77\n" + "".join(f"{i}\t{n}\tw1\n" for i, n in enumerate(numbers))
            )
        return Answer(reached=True, out="0\n" if gist == "others" else "")

    def follow(self, host: str, script: str, *, timeout: float, say: Callable[[str], None]) -> Answer:
        """See `Shell.follow`."""
        answer = self.run(host, script, timeout=timeout)
        for line in (answer.out + answer.error).splitlines():
            say(line)
        return answer

    def _gist(self, script: str) -> str:
        for mark, gist in (
            ("systemd-run", "arm"),
            ("KILL", "kill"),
            ("processlist", "others"),
            ("CHECKSUM", "read"),
            ("SELECT COUNT(*) FROM hactl_drill.ledger", "applied?"),
            ("CREATE USER", "create"),
            ("DROP DATABASE", "drop"),
            ("DROP USER", "drop users"),
            ("SELECT CONCAT", "accounts"),
            ("is-active", "up?"),
            ("/dev/tcp", "up?"),
        ):
            if mark in script:
                return gist
        return script.strip().splitlines()[0]

    def changes(self) -> list[str]:
        """Everything that changed something."""
        return [
            line for line in self.log if line.split(": ", 1)[1] not in ("others", "read", "accounts", "applied?", "up?")
        ]


class FakePower:
    """Power switches. `log` is shared with the shell's, so that order shows."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.broken = False

    def switch(self, host: str) -> FakeSwitch:
        """See `Power.switch`."""
        return FakeSwitch(host, self)


class FakeSwitch:
    """One host's power."""

    gives_back: ClassVar[bool] = True

    def __init__(self, host: str, power: FakePower) -> None:
        self.host, self.power = host, power
        self.words, self.by_hand = f"power of {host} cut", f"switch {host} on"

    def check(self) -> None:
        """See `Switch.check`."""

    def arm(self, seconds: float) -> None:
        """See `Switch.arm`."""
        self.power.log.append(f"{self.host}: arm")

    def cut(self) -> None:
        """See `Switch.cut`."""
        self.power.log.append(f"{self.host}: cut")

    def restore(self) -> None:
        """See `Switch.restore`."""
        self.power.log.append(f"{self.host}: restore")
        if self.power.broken:
            raise OpsError("libvirt is gone", "start it", 3)  # type: ignore[arg-type]

    def disarm(self) -> None:
        """See `Switch.disarm`."""
        self.power.log.append(f"{self.host}: disarm")


class FakeWorkload:
    """Clients that wrote three rows before the fault."""

    def __init__(self, target: sessions.Target, addresses: Any, history: History, *, reads: Any = None) -> None:
        self.events = client.Events(history=history, began=0.0, attempts=[], sessions=[], failures=[])
        self.clients: list[Any] = []
        self.stopped = 0

    def start(self) -> None:
        """Writes."""
        now = self.events.now()
        for number in (1, 2, 3):
            self.events.attempts.append(Attempt(number=number, client="w1", start=now, end=now, result=Result.ACKED))

    def stop(self) -> None:
        """Counts."""
        self.stopped += 1

    def writers(self) -> list[str]:
        """One."""
        return ["w1"]

    def serving(self) -> Counter[str]:
        """mdb3 has most."""
        return Counter({"mdb2": 1, "mdb3": 2})

    def sessions(self) -> list[Any]:
        """None."""
        return []


class FastDrill(Drill):
    """A drill whose guests answer at once and whose facts are the stack's."""

    workload_type = FakeWorkload  # type: ignore[assignment]

    def _answers(self, host: str) -> bool:
        return True

    def sleep(self, seconds: float) -> None:
        """Time flies."""
        super().sleep(min(seconds, 0.05))


def fake_drill(
    fault_kind: FaultKind,
    tmp_path: Path,
    shell: FakeShell,
    *,
    target: str | None = None,
    inventory: Inventory | None = None,
) -> FastDrill:
    """A drill on fakes."""
    return FastDrill(
        inventory=inventory or stack.inventory(),
        shell=shell,
        power=FakePower(shell.log),
        fault_kind=fault_kind,
        target=target,
        directory=tmp_path,
        say=lambda words: None,
        timing=QUICK,
    )
