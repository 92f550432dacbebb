"""Who else is on the link: a foreign machine in a namespace of its own that claims the VIP and speaks its router id."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from vrrp_config import Instance, instances, parse_instance

from plan.build import make_plan
from plan.render import LIB
from tests.conftest import make_context
from tests.programs.conftest import PROGRAMS, Desk

#: A pair of cables; the far end is the stranger's. Its address, and after the word `vip` the VIP too, answer ARP.
LINK = """set -eu
ip link set lo up
ip link add mhalink type veth peer name mhafar
unshare --net sleep 60 & far=$!
trap 'kill $far' EXIT
until ip link set mhafar netns $far 2>/dev/null && ! ip link show mhafar >/dev/null 2>&1; do sleep 0.05; done
inside() { nsenter --target $far --net "$@"; }
ip address add 172.16.21.201/24 dev mhalink
ip link set mhalink up
inside ip address add 172.16.21.9/24 dev mhafar
inside ip link set mhafar up
"""
#: VRRP version 3, an advert to the group: router id, priority, one address, 1 s.
SPEAK = """
import socket, struct, time
vrrp = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
vrrp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("172.16.21.9"))
for router_id in (51, 52):
    packet = struct.pack("!BBBBHH4s", 0x31, router_id, 150, 1, 100, 0, socket.inet_aton("172.16.21.77"))
    vrrp.sendto(packet, ("224.0.0.18", 0))
"""
LISTEN = """
import json, sys, subprocess
sys.path.insert(0, sys.argv[1])
import facts_link
facts_link.USUAL = 0.2
facts_link.commands()
if len(sys.argv) > 2:
    subprocess.run(sys.argv[2:], check=True)
print(json.dumps(facts_link.facts(lambda name: (0, ""))))
"""


def configured(desk: Desk) -> None:
    """keepalived's file of the first director, as the plan lays it, on the test's interface."""
    (text,) = (
        file.content
        for file in make_plan(make_context()).hosts["ha1"].files
        if file.path.startswith("/etc/keepalived/conf.d/50-vrrp-")
    )
    desk.write("/etc/keepalived/conf.d/50-vrrp-directors.conf", text.replace("eth0", "mhalink"))


def heard(desk: Desk, setup: str = "", *, speaks: bool = False) -> dict[str, Any]:
    """What the listener on the near end says."""
    configured(desk)
    speak = f"nsenter --target $far --net {sys.executable} {desk.write('/speak.py', SPEAK)}" if speaks else ""
    script = f"{LINK}\n{setup}\n{sys.executable} {desk.write('/listen.py', LISTEN)} {PROGRAMS} {speak}\n"
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script], capture_output=True, text=True, env=desk.env, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_stranger_is_heard(desk: Desk) -> None:
    """Its VIP answers, and of two router ids that it speaks ours is told."""
    mac = "52:54:00:aa:bb:cc"
    setup = (
        f"inside ip link set mhafar address {mac}\ninside ip address add 172.16.21.188/24 dev mhafar\n"
        # Whoever holds the VIP itself must hear it too.
        "ip address add 172.16.21.188/24 dev mhalink"
    )
    found = heard(desk, setup, speaks=True)
    assert found["link_error"] == ""
    (link,) = found["links"]
    assert link["claims"] == {"172.16.21.188": [mac]}
    assert link["adverts"] == [{"source": "172.16.21.9", "priority": 150}]
    assert (link["virtual_router_id"], link["unicast"], link["vips"]) == (51, True, ["172.16.21.188"])


def test_a_quiet_link(desk: Desk) -> None:
    """Machines that claim nothing are not told of; nor is what this host says itself."""
    found = heard(desk, "ip address add 172.16.21.188/24 dev mhalink")
    assert [(link["claims"], link["adverts"]) for link in found["links"]] == [({}, [])]


def test_a_link_that_is_not_there(desk: Desk) -> None:
    found = heard(desk, "ip link delete mhalink")
    assert found["link_error"] == "No such device"
    assert [link["instance"] for link in found["links"]] == ["VI_51"], "whose VIPs are known all the same"


def test_a_host_without_vrrp_waits_for_nothing(desk: Desk) -> None:
    assert instances() == []


def test_instances_as_the_plan_writes_them(desk: Desk) -> None:
    configured(desk)
    (found,) = instances()
    wanted = Instance(
        name="VI_51",
        interface="mhalink",
        router_id=51,
        advert_int=found.advert_int,
        vips=("172.16.21.188",),
        source="172.16.21.201",
    )
    assert found == wanted
    assert 0 < found.advert_int <= 1


@pytest.mark.parametrize(
    ("text", "vips"),
    [
        (
            "vrrp_instance A {\n interface eth1\n virtual_router_id 7\n virtual_ipaddress {\n  10.0.0.1/24 dev eth1\n"
            " }\n virtual_ipaddress_excluded {\n  10.0.0.2/24 dev eth1 label eth1:1\n\n }\n}\n",
            ("10.0.0.1", "10.0.0.2"),
        ),
        ("vrrp_instance A {\n interface eth1\n", None),
    ],
)
def test_other_instances(text: str, vips: tuple[str, ...] | None) -> None:
    found = parse_instance(text)
    assert (found.vips if found else None) == vips


def test_every_host_with_a_vip_has_the_listener() -> None:
    plan = make_plan(make_context())
    for host in ("ha1", "ha2"):
        names = {file.path for file in plan.hosts[host].files}
        assert {f"{LIB}/{name}" for name in ("facts_link.py", "link_ear.py", "vrrp_config.py")} <= names
