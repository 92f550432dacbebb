"""The end of `make up`: by the judgement of `hactl status`, by progress, and in words where the machine cannot keep up."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from deploy import healthy
from deploy.endurance import Measured, advice, holds, removal
from deploy.errors import DeployError
from ops.facts import Agent, HostFacts
from ops.judge import judge
from ops.status import Status
from settings.timers import PROFILES, Timers
from tests.ops import stack

LAN = PROFILES["lan"]


def looked(**changes: Any) -> Status:
    facts = stack.changed(**changes)
    return Status(facts=facts, problems=judge(stack.inventory(), facts))


WELL = looked()
SICK = looked(mdb3={"wsrep": stack.wsrep(local_state="1", local_state_comment="Joining")})
ONE_LEFT = stack.table(("172.16.21.181", 1))
EJECTED = looked(ha1={"ipvs": ONE_LEFT}, ha2={"ipvs": ONE_LEFT}, mdb3={"agent": Agent(status=200, words="ok: Synced", seconds=1.9)})
SLOW = looked(mdb3=HostFacts(host="mdb3", reached=False, silence="slow", error="no answer within 60 s"))


class Desk(healthy.Time):
    """Looks in their order, the last ones again and again; time passes only by sleeping."""

    def __init__(self, *looks: Status, again: int = 1) -> None:
        self.looks, self.again, self.at, self.seen = list(looks), again, 0.0, 0
        self.text = io.StringIO()

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def look(self) -> Status:
        self.seen += 1
        if len(self.looks) < self.again + 1:
            self.looks += self.looks[-self.again :]
        return self.looks.pop(0)

    def wait(self, profile: Any = "lan") -> float:
        return healthy.wait(self.look, Timers(profile=profile), Console(file=self.text, width=300), stack="dev", at=self)

    def refused(self) -> str:
        with pytest.raises(DeployError) as caught:
            self.wait()
        return str(caught.value)


def test_a_healthy_stack_is_looked_at_once() -> None:
    desk = Desk(WELL)
    assert (desk.wait(), desk.seen, desk.text.getvalue()) == (0.0, 1, "")


def test_it_waits_and_says_for_what_and_one_good_look_is_not_enough() -> None:
    desk = Desk(SICK, SICK, WELL, SLOW, WELL, WELL)
    assert desk.wait() == 5 * healthy.PAUSE
    said = desk.text.getvalue()
    assert said.count("waiting: mdb3: wsrep_local_state_comment is Joining, not Synced") == 1
    assert "mdb3: slow to answer" in said


def test_what_does_not_move_is_no_slow_machine() -> None:
    desk = Desk(SICK)
    words = desk.refused()
    assert "nothing has moved" in words
    assert "Joining" in words
    assert "too slow" not in words
    assert healthy.STILL < desk.at < healthy.BOUND


def test_servers_that_come_and_go_are_told_with_the_profile_that_would_hold() -> None:
    desk = Desk(EJECTED, WELL, again=2)
    words = desk.refused()
    assert desk.at > healthy.BOUND
    for part in ("too slow for the timers of the profile lan", "came or went", "connect_timeout (1 s), the longest 1.9 s", "timers.profile: seed would hold"):
        assert part in words


def test_a_slow_host_is_waited_for_to_the_bound() -> None:
    words = Desk(SLOW).refused()
    assert "slow to answer over SSH: mdb3" in words
    assert "nothing has moved" not in words


@pytest.mark.parametrize(
    ("seen", "profile", "fits"),
    [
        (Measured(longest=1.2, moved=3), "lan", "profile: seed"),
        (Measured(longest=0.1, views=3), "seed", "profile: wan"),
        (Measured(longest=0.1, views=3), "lan", "profile: seed"),
        (Measured(longest=2.5, moved=3), "lan", "no profile"),
        (Measured(longest=0.1, moved=3), "seed", "no profile"),
    ],
)
def test_advice(seen: Measured, profile: Any, fits: str) -> None:
    assert fits in advice(profile, PROFILES[profile], seen)


def test_removal_is_keepalived_s() -> None:
    """keepalived.conf(5): the first check and `retry` more fail, each after connect_timeout, with a pause before each repeat."""
    assert removal(LAN) == 2.5
    assert holds(LAN, LAN, Measured(longest=0.5))
    assert not holds(LAN, LAN, Measured(longest=0.5, moved=1))


def test_after_an_up_that_changed_nothing_there_is_one_look() -> None:
    for looks, words in ((WELL, ""), (SICK, "the stack is not healthy"), (SLOW, "the status could not be had")):
        desk = Desk(looks)
        healthy.note(desk.look, Console(file=desk.text, width=300), stack="dev")
        assert desk.seen == 1
        assert words in desk.text.getvalue()
        assert bool(desk.text.getvalue()) is bool(words)
