"""What changed in the last hour: how often VIPs moved and servers went out, and from when on that is a warning."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ops.hosts.answer import host_facts
from ops.hosts.facts import HostFacts, Volume
from ops.hosts.history import Change, History
from ops.hosts.link import Link
from ops.status.finding import Finding
from ops.status.history import SERVER_FLAPS, VIP_FLAPS, server_changes, vip_changes
from ops.status.look import as_json, status_of
from ops.status.report import print_status
from tests.ops import stack

LINK = Link(
    instance="VI_51", interface="eth0", virtual_router_id=51, unicast=True, vips=(stack.VIP,), claims={}, adverts={}
)


def vrrp(*told: tuple[float, str]) -> History:
    """A director's journal of the whole hour, the newest first."""
    changes = tuple(Change(age_s=age, kind="vrrp", name="VI_51", state=state, via="keepalived") for age, state in told)
    return History(changes=changes, begins_s=9000)


def agent(*told: tuple[float, str], name: str = "", via: str = "agent", why: str = "why") -> History:
    """A server's, or what somebody says of the server `name`."""
    changes = tuple(Change(age_s=a, kind="server", name=name, state=s, via=via, why=why) for a, s in told)
    return History(changes=changes, begins_s=9000)


def with_histories(**histories: History | None) -> dict[str, HostFacts]:
    """A healthy stack whose hosts tell these; the others' journals tell of nothing."""
    found = {host: replace(one, history=History(begins_s=9000)) for host, one in stack.facts().items()}
    for host in ("ha1", "ha2"):
        found[host] = replace(found[host], links=(LINK,))
    for host, history in histories.items():
        found[host] = replace(found[host], history=history)
    return found


def warnings(facts: dict[str, HostFacts]) -> list[Finding]:
    return status_of(stack.inventory(), facts).findings


def test_a_vip_that_moves_to_and_fro_is_named_and_the_stack_stays_healthy() -> None:
    """It looks well at this second, and `make up` is not kept waiting for an hour."""
    facts = with_histories(
        ha1=vrrp((40, "MASTER"), (300, "FAULT"), (900, "MASTER"), (1500, "BACKUP"), (2000, "MASTER")),
        ha2=vrrp((100, "BACKUP"), (200, "MASTER"), (1000, "BACKUP"), (1400, "MASTER")),
    )
    (found,) = warnings(facts)
    assert (found.host, found.severity) == ("stack", "warning")
    assert found.what == f"the VIP {stack.VIP} changed hands 5 times in the last hour, last 40 s ago (ha1 took it)"
    assert "ha1 and ha2" in found.todo
    assert status_of(stack.inventory(), facts).healthy


def test_a_rolling_change_and_a_drill_in_the_same_hour_are_no_flapping() -> None:
    """Each moves the VIP there and back, and takes each server out once."""
    back = vrrp((40, "MASTER"), (60, "BACKUP"), (900, "MASTER"))
    there = vrrp((30, "BACKUP"), (60, "MASTER"), (1000, "MASTER"))
    server = agent((10, "in"), (50, "out"), (60, "out"), (900, "in"), (950, "out"))
    assert warnings(with_histories(ha1=back, ha2=there, mdb2=server, mdb3=server)) == []
    assert VIP_FLAPS > 4
    assert SERVER_FLAPS > 2


def test_who_tells_of_the_same_is_not_added_up() -> None:
    """Two directors and the agent saw the same four outages of mdb2; the agent's own restart repeats its word."""
    four = [(10, "in"), (20, "out"), (30, "in"), (40, "out"), (50, "in"), (60, "out"), (70, "in"), (80, "out")]
    by_director = agent(*four[:6], name="172.16.21.181", via="[172.16.21.188]:tcp:3306")
    facts = with_histories(ha1=by_director, ha2=by_director, mdb2=agent(*four, (90, "out"), why="it hung"))
    changes = server_changes(stack.inventory(), facts)
    assert changes["mdb2"].times == 4
    assert changes["mdb2"].last().startswith("20 s ago")
    assert changes["mdb3"].times == 0
    (found,) = warnings(facts)
    assert (found.host, found.severity) == ("mdb2", "warning")
    assert "went out of service 4 times in the last hour, last 20 s ago" in found.what


def test_a_server_that_tells_nothing_is_told_of_by_the_directors() -> None:
    outages = [(float(age), state) for age in range(10, 50, 10) for state in ("in", "out")]
    by_name = agent(*outages, name="mdb2", via="drain-watch", why="port 3306: refused")
    facts = with_histories(ha1=by_name) | {"mdb2": stack.unreachable("mdb2")}
    changes = server_changes(stack.inventory(), facts)["mdb2"]
    assert (changes.times, changes.whole) == (4, False)
    assert changes.count() == "at least 4"
    assert any("went out of service at least 4 times" in found.what for found in warnings(facts))


def test_the_state_in_which_a_host_started_is_no_outage() -> None:
    """A journal that begins within the hour begins with it; in an older one it was in service before."""
    told = agent((10, "in"), (20, "out"), (30, "in"), (40, "out"))
    assert server_changes(stack.inventory(), with_histories(mdb2=told))["mdb2"].times == 2
    young = replace(told, begins_s=60)
    assert server_changes(stack.inventory(), with_histories(mdb2=young))["mdb2"].times == 1


def test_a_director_in_fault_is_out_of_service() -> None:
    facts = with_histories(ha2=vrrp((10, "BACKUP"), (20, "FAULT"), (30, "BACKUP"), (40, "FAULT")))
    changes = server_changes(stack.inventory(), facts)["ha2"]
    assert (changes.times, changes.words) == (2, "keepalived")


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (History(begins_s=9000), "0"),
        (History(begins_s=720), "0 in the last 12 min"),
        (History(begins_s=None), "not known"),
        (History(error="No journal files were found."), "not known"),
        (None, "not known"),
        (replace(vrrp((5, "MASTER")), cut=True), "at least 1"),
        (replace(vrrp((5, "MASTER")), begins_s=90), "1 in the last 90 s"),
    ],
    ids=["whole hour", "young journal", "no journal", "unreadable", "earlier version", "more than told", "one, young"],
)
def test_what_is_not_known_is_said(history: History | None, words: str) -> None:
    facts = with_histories(ha1=history)
    changes = vip_changes(facts)[stack.VIP]
    if history is None or history.error:
        assert not changes.whole
    assert changes.count() == words


def test_a_host_that_was_not_reached_may_have_held_the_vip() -> None:
    facts = with_histories(ha1=vrrp((5, "MASTER"))) | {"ha2": stack.unreachable("ha2")}
    assert vip_changes(facts)[stack.VIP].count() == "at least 1"


def test_tables_and_json() -> None:
    facts = with_histories(ha1=vrrp((40, "MASTER")), mdb2=agent((7, "in"), (9, "out"), why="[it] hung"))
    same = Volume(size_mib=1000, free_mib=500)
    facts["mdb2"] = replace(facts["mdb2"], volumes={"/run/host/os-release": same, "/": same})
    looked = status_of(stack.inventory(), facts)
    console = Console(file=io.StringIO(), width=200)
    print_status(console, "dev", looked)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "40 s ago: ha1 took it" in shown
    assert "9 s ago: agent: [it] hung" in shown
    assert "/ 50 % (500 MiB left)" in shown
    said: dict[str, Any] = json.loads(json.dumps(as_json(stack.inventory(), looked)))
    assert said["vip_changes"][stack.VIP] == {
        "times": 1,
        "last_s": 40,
        "words": "ha1 took it",
        "known_s": 3600,
        "whole": True,
    }
    assert said["hosts"]["mdb2"]["out_of_service"]["times"] == 1
    assert said["hosts"]["mdb2"]["memory"] is None


def test_what_host_facts_says_is_read() -> None:
    change = {"age_s": 4.0, "kind": "vrrp", "name": "VI_51", "state": "MASTER", "via": "keepalived", "why": ""}
    said = {
        "clock": 1.0,
        "units": {},
        "hardware": ["52:54:00:00:00:01"],
        "history": {"begins_s": 12.0, "cut": False, "error": "", "changes": [change]},
        "links": [
            {
                "instance": "VI_51",
                "interface": "eth0",
                "virtual_router_id": 51,
                "unicast": True,
                "vips": [stack.VIP],
                "claims": {stack.VIP: ["aa:bb:cc:dd:ee:ff"]},
                "adverts": [{"source": "172.16.21.9", "priority": 200}],
            }
        ],
        "link_error": "",
        "memory": {
            "total_mib": 1000,
            "available_mib": 40,
            "swap_mib": 0,
            "swapped_mib": 0,
            "pressure": {"some": 30.0, "full": 12.5},
        },
    }
    facts = host_facts("ha1", (), json.dumps(said), sent=0, received=2)
    assert facts.history == History(changes=(Change(**change),), begins_s=12.0)  # type: ignore[arg-type]
    assert facts.links == (replace(LINK, claims={stack.VIP: ("aa:bb:cc:dd:ee:ff",)}, adverts={"172.16.21.9": 200}),)
    assert facts.hardware == ("52:54:00:00:00:01",)
    assert facts.memory is not None
    assert facts.memory.waiting == 0.125
    assert host_facts("ha1", (), '{"clock": 1, "units": {}}', sent=0, received=2).history is None
