"""Machines of nobody's that claim a VIP, or speak its virtual router id; and memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.hosts.facts import HostFacts
from ops.hosts.link import Link
from ops.hosts.memory import Memory
from ops.status.finding import Finding
from ops.status.look import status_of
from tests.ops import stack

LINK = Link(
    instance="VI_51", interface="eth0", virtual_router_id=51, unicast=True, vips=(stack.VIP,), claims={}, adverts={}
)
MAC = {host: f"52:54:00:00:00:0{index}" for index, host in enumerate(stack.facts(), 1)}
STRANGER = "aa:bb:cc:dd:ee:ff"


def heard(link: Link, **hosts: HostFacts) -> list[Finding]:
    """What follows where both directors heard the same; `hosts`: others in the place of healthy ones."""
    facts = {host: replace(one, hardware=(MAC[host],)) for host, one in stack.facts().items()}
    facts |= {host: replace(facts[host], links=(link,)) for host in ("ha1", "ha2")}
    return status_of(stack.inventory(), facts | hosts).findings


def test_the_stacks_own_hosts_are_no_strangers() -> None:
    claims = {stack.VIP: (MAC["ha1"], MAC["mdb3"])}
    assert heard(replace(LINK, claims=claims, adverts={"172.16.21.201": 100, "172.16.21.202": 99})) == []


def test_a_stranger_that_answers_for_the_vip_is_named_once() -> None:
    (found,) = heard(replace(LINK, claims={stack.VIP: (MAC["ha1"], STRANGER)}))
    assert (found.host, found.severity) == ("stack", "problem")
    assert found.what == f"a stranger, {STRANGER}, answers for the VIP {stack.VIP} on the link of ha1 and ha2"


def test_it_may_be_a_host_that_could_not_be_asked() -> None:
    """A host that is slow to answer holds the VIP as it should."""
    (slow, found) = sorted(
        heard(
            replace(LINK, claims={stack.VIP: (STRANGER,)}),
            mdb3=HostFacts(host="mdb3", reached=False, unknown=True, error="busy"),
        ),
        key=lambda finding: finding.host,
    )
    assert slow.host == "mdb3"
    assert (found.host, found.severity) == ("stack", "unknown")
    assert STRANGER in found.what
    assert "it is mdb3, or a stranger" in found.follows


@pytest.mark.parametrize(("unicast", "severity"), [(True, "warning"), (False, "problem")])
def test_a_stranger_that_speaks_the_router_id(unicast: bool, severity: str) -> None:
    (found,) = heard(replace(LINK, unicast=unicast, adverts={"172.16.21.9": 150, "172.16.21.202": 99}))
    assert (found.host, found.severity) == ("stack", severity)
    assert "a stranger, 172.16.21.9, speaks virtual_router_id 51 (priority 150)" in found.what
    assert "ha1 and ha2" in found.what


def test_a_host_that_could_not_listen_says_so() -> None:
    deaf = replace(stack.facts()["ha1"], hardware=(MAC["ha1"],), links=(LINK,), link_error="Network is down")
    (found,) = heard(LINK, ha1=deaf)
    assert (found.host, found.severity) == ("ha1", "warning")
    assert "Network is down" in found.what


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        (Memory(total_mib=1000, available_mib=60, waiting=0.0), None),
        (Memory(total_mib=1000, available_mib=40, waiting=0.0), "only 40 of 1000 MiB of memory are available"),
        (Memory(total_mib=256_000, available_mib=2000, waiting=0.05), None),
        (Memory(total_mib=256_000, available_mib=1000), "only 1000 of 256000 MiB"),
        (
            Memory(total_mib=1000, available_mib=300, swap_mib=500, swapped_mib=200, waiting=0.25),
            "waited for memory 25% of the last minute (300 of 1000 MiB of memory are available, 200 MiB are swapped",
        ),
        (Memory(total_mib=1000, available_mib=300, swap_mib=500, swapped_mib=200, waiting=0.01), None),
        (None, None),
    ],
    ids=["enough", "scarce", "scarce, of much", "scarce in MiB", "swapping", "has swapped once", "earlier version"],
)
def test_memory(memory: Memory | None, words: str | None) -> None:
    found = stack.looked(mdb2={"memory": memory}).findings
    assert [finding.severity for finding in found] == (["warning"] if words else [])
    assert words is None or words in found[0].what
