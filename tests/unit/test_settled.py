"""`make up` ends when `hactl status` would be content, or says what is wrong, or which timers the machine is too slow
for.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy import settled
from deploy.errors import DeployError
from deploy.settled import wait_until_healthy
from deploy.too_slow import Measured, verdict
from ops.hosts.facts import HostFacts
from ops.hosts.history import Change, History
from ops.hosts.link import Link
from ops.roles.agent import Agent
from ops.status.look import Status
from settings.timers import values_by_profile
from tests.ops import stack
from tests.ops.stack import looked

NAMED = values_by_profile()


class Desk:
    """A clock that only sleeping moves; the last look repeats for ever."""

    def __init__(self, *looks: Status, again: list[Status] | None = None) -> None:
        self.now, self.looks = 0.0, 0
        self.stream = self._stream(list(looks), again)
        self.said: list[str] = []

    def _stream(self, looks: list[Status], again: list[Status] | None) -> Iterator[Status]:
        yield from looks
        while True:
            yield from again or looks[-1:]

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def look(self) -> Status:
        self.looks += 1
        return next(self.stream)

    def wait(self, *, twice: bool = True, profile: str = "lan") -> float:
        return wait_until_healthy(
            stack.inventory(),
            self.look,
            profile=profile,
            timers=NAMED[profile],
            profiles=NAMED,
            say=self.said.append,
            twice=twice,
            sleep=self.sleep,
            clock=lambda: self.now,
        )


GOOD = looked()
DOWN = looked(mdb2={"parts": [Agent(status=503, words="not Synced (Joined)")]})
SLOW = looked(mdb2=HostFacts(host="mdb2", reached=False, unknown=True, error="port 22 takes connections"))


def test_nothing_to_do_takes_one_look() -> None:
    desk = Desk(GOOD)
    assert desk.wait(twice=False) == 0
    assert desk.looks == 1
    assert desk.said == []


def test_what_was_made_has_to_be_healthy_twice() -> None:
    desk = Desk(GOOD, DOWN, GOOD, GOOD)
    desk.wait()
    assert desk.looks == 4
    assert "the health agent says 503" in desk.said[0]


def test_a_vip_that_flapped_holds_nothing_up_and_is_seen() -> None:
    """It would for an hour: at this second all is well."""
    taken = tuple(
        Change(age_s=60.0 * number, kind="vrrp", name="VI_51", state="MASTER", via="keepalived")
        for number in range(1, 8)
    )
    link = Link(instance="VI_51", interface="eth0", virtual_router_id=51, unicast=True, vips=(stack.VIP,))
    flapped = looked(ha1={"history": History(changes=taken, begins_s=9000), "links": (link,)})
    desk = Desk(flapped)
    assert desk.wait(twice=False) == 0
    (said,) = desk.said
    assert said.startswith("healthy; worth a look:\n  stack: the VIP")
    assert "changed hands 7 times in the last hour, last 60 s ago (ha1 took it)" in said


def test_slow_hosts_are_waited_for() -> None:
    desk = Desk(*[SLOW] * 5, GOOD)
    desk.wait()
    assert "slow to answer" in desk.said[0]


def test_what_never_changes_is_told_as_wrong() -> None:
    with pytest.raises(DeployError) as caught:
        Desk(DOWN).wait()
    assert "not healthy; nothing of this has changed for 300 s" in str(caught.value)
    assert "not Synced (Joined)" in str(caught.value)


def test_progress_is_no_standstill() -> None:
    looks = [looked(mdb2={"parts": [Agent(status=503, words=f"not Synced (Joining {n} %)")]}) for n in range(200)]
    assert Desk(*looks, GOOD).wait() > settled.STILL


def test_a_node_that_somebody_took_out_is_not_waited_for() -> None:
    desk = Desk(looked(mdb2={"draining": "new disk", "parts": [Agent(status=404, words="draining: new disk")]}))
    assert desk.wait() == 0
    assert "took a node out of service" in desk.said[0]


def flapping(view: str, slow: float) -> Status:
    node = {"parts": [stack.wsrep(cluster_conf_id=view, evs_repl_latency="0.01/0.1/0.9/0.1/40")]}
    busy = {"parts": [*node["parts"], Agent(status=200, words="ok", seconds=slow)]}
    table = {"parts": [stack.table(("172.16.21.182", 1))]} if int(view) % 2 else {}
    return looked(mdb1=node, mdb2=busy, mdb3=node, ha1=table, ha2=table)


def test_a_stack_that_comes_and_goes_is_on_too_slow_a_machine() -> None:
    with pytest.raises(DeployError) as caught:
        Desk(again=[s for n in range(0, 2000, 2) for s in (flapping(str(n), 0.2), flapping(str(n + 1), 1.4))]).wait()
    words = str(caught.value)
    assert "too slow for the timers of profile lan" in words
    assert "a health agent took 1.4 s" in words
    assert "Galera changed its view" in words
    assert "timers.profile classic or wan would hold" in words
    assert "mdb2 is not in IPVS" in words


@pytest.mark.parametrize(
    ("measured", "profile", "words"),
    [
        (Measured(agent_s=1.4), "lan", "timers.profile classic or wan would hold"),
        (Measured(view_changes=2, group_s=4.0), "lan", "timers.profile wan would hold"),
        (
            Measured(view_changes=2),
            "wan",
            "no profile would hold: write timers.connect_timeout: 6, timers.suspect_timeout: 30",
        ),
        (Measured(agent_s=0.1), "lan", "the cause is another one"),
    ],
)
def test_which_profile_would_hold(measured: Measured, profile: str, words: str) -> None:
    assert words in verdict(measured, profile=profile, timers=NAMED[profile], profiles=NAMED)
