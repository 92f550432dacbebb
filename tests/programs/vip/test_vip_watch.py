"""What keepalived is told of a host that may hold a VIP by the word of its health agent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from agent_http import KEEP, REFUSE, SERVE
from vip_eligible import is_eligible
from watched_vip import WatchedVip, watched_vip

from tests.programs.conftest import Desk, load

WATCH = load("vip-watch")
HANG = 3.0
ENV = 'NAME="galera"\nVIPS="172.16.21.75"\nHANG_TIMEOUT="3"\nTAKEOVER="1.08"\nHUSH="SET x"\nSPEAK="SET y"\n'


def verdict(reason: str = "", since: float = 0.0) -> object:
    return WATCH.Verdict(HANG, since, reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{SERVE} ok: Synced, cluster of 2 and an arbitrator", ""),
        (f"{KEEP} donor or desynced, mdb2 is Synced", ""),
        (f"{KEEP} draining: roll", "draining: roll"),
        (f"{REFUSE} not in the Primary component (cluster_status non-Primary)", "not in the Primary component"),
    ],
)
def test_a_word_counts_at_once(line: str, reason: str) -> None:
    found = verdict("something else")
    found.heard(line, 1.0)  # type: ignore[attr-defined]
    assert found.reason.startswith(reason)  # type: ignore[attr-defined]
    assert bool(found.reason) is bool(reason)  # type: ignore[attr-defined]


@pytest.mark.parametrize("before", ["", "read_only is ON"])
def test_slow_is_not_dead(before: str) -> None:
    found = verdict(before)
    found.heard("504 MariaDB did not answer in time", HANG - 0.1)  # type: ignore[attr-defined]
    assert found.reason == before, "the last word holds"  # type: ignore[attr-defined]
    found.heard("504 MariaDB did not answer in time", HANG + 0.1)  # type: ignore[attr-defined]
    assert found.reason == "MariaDB did not answer in time, for 3 s"  # type: ignore[attr-defined]
    found.heard("200 ok", HANG + 0.2)  # type: ignore[attr-defined]
    assert found.reason == ""  # type: ignore[attr-defined]


def test_an_agent_that_says_nothing_for_long_is_no_witness() -> None:
    found = verdict()
    found.silent(HANG + 1)  # type: ignore[attr-defined]
    assert "the health agent does not answer" in found.reason  # type: ignore[attr-defined]


class Agent:
    """A health agent that says what the test wants, a line at a time."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked = threading.Event()
        self.connection: socket.socket | None = None
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        try:
            self.connection, _ = self.listener.accept()
        except OSError:
            return
        self.connection.recv(4096)
        self.connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        self.asked.set()

    def say(self, line: str) -> None:
        assert self.asked.wait(20)
        assert self.connection
        self.connection.sendall(line.encode() + b"\n")

    def close(self) -> None:
        self.listener.close()
        if self.connection:
            self.connection.close()


@pytest.fixture
def agent(desk: Desk) -> Iterator[Agent]:
    made = Agent()
    desk.write("/etc/mariadb-ha/agent.env", f"AGENT_PORT={made.port}\n")
    yield made
    made.close()


def test_the_agents_words_reach_keepalived(desk: Desk, agent: Agent) -> None:
    watch = WATCH.Watch("galera", verdict("nothing heard"))
    watch.tell()
    assert desk.read("/run/mariadb-ha/galera.eligible") == "1\n"
    for line, eligible in (("200 ok", "0\n"), ("503 read_only is ON", "1\n"), ("200 ok", "0\n")):
        watch.hear()
        agent.say(line)
        while not watch.text and desk.read("/run/mariadb-ha/galera.eligible") != eligible:
            watch.hear()
            watch.tell()
        assert is_eligible("galera") is (eligible == "0\n")
    assert desk.read("/run/mariadb-ha/galera.why") == "\n"


def test_what_another_program_wrote_is_put_right(desk: Desk, agent: Agent) -> None:
    """`vip-leave` says no in the watcher's place; the agent's next word counts again."""
    watch = WATCH.Watch("galera", verdict(""))
    watch.tell()
    desk.write("/run/mariadb-ha/galera.eligible", "1\n")
    watch.tell()
    assert is_eligible("galera")


def test_the_host_knows_its_vip(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched_vip() is None, "a host that may hold none"
    desk.write("/etc/mariadb-ha/vip.env", ENV)
    monkeypatch.setattr("watched_vip.ipv4", lambda: [("lo", "172.16.21.75"), ("host0", "172.16.21.76")])
    mine = watched_vip()
    assert mine == WatchedVip("galera", ("172.16.21.75",), 1.08, "SET x", "SET y")
    assert mine.held() == [], "on the loopback it is nobody's"
    assert not mine.eligible
    assert mine.why == "nobody has looked yet"
    monkeypatch.setattr("watched_vip.ipv4", lambda: [("host0", "172.16.21.75")])
    assert mine.held() == ["172.16.21.75"]


def test_clients_are_cut_while_they_can_be_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Order: the server cuts its clients, then keepalived gives the VIP away."""
    leave = load("vip-leave")
    seen: list[str] = []
    desk.write("/etc/mariadb-ha/vip.env", ENV)
    desk.fake("mariadb", "")
    monkeypatch.setenv("PATH", desk.env["PATH"])
    held = [["172.16.21.75"], ["172.16.21.75"], ["172.16.21.75"], []]
    monkeypatch.setattr(WatchedVip, "held", lambda self: held.pop(0))
    monkeypatch.setitem(
        leave.__dict__, "mark_eligible", lambda name, reason: seen.append(f"{len(desk.calls)} {reason}")
    )
    assert leave.main() == 0
    assert desk.calls == ["mariadb --connect-timeout=2 -e SET x"]
    assert seen[0] == "1 the server stops"


def test_a_host_without_the_vip_stops_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    leave = load("vip-leave")
    assert leave.main() == 0
    desk.write("/etc/mariadb-ha/vip.env", ENV)
    desk.fake("mariadb", "")
    monkeypatch.setattr(WatchedVip, "held", lambda self: [])
    assert leave.main() == 0
    assert desk.calls == []
