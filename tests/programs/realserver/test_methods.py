"""lvsdr.sh under NAT and TUN, in a network namespace of its own; and a change of the method."""

from __future__ import annotations

import subprocess

from tests.programs.conftest import PROGRAMS, Desk

SCRIPT = str(PROGRAMS / "lvsdr.sh")
VIP, GATEWAY = "172.16.21.100", "172.16.21.99"
NAT = (
    f'METHOD="NAT"\nVIPS="{VIP}"\nPORT="3306"\nGATEWAY="{GATEWAY}"\nINTERFACE="host0"\nNEAR="172.16.21.5 172.16.21.6"\n'
)
TUN = f'METHOD="TUN"\nVIPS="{VIP}"\n'
LINK = (
    "ip link set lo up; ip link add host0 type veth peer name p0; ip addr add 172.16.21.5/24 dev host0;"
    " ip link set host0 up; ip link set p0 up"
)
#: Stands for the kernel's own fallback device.
TUNNEL = "ip link add tunl0 type veth peer name p1; C=/proc/sys/net/ipv4/conf"


def inside(desk: Desk, env: str, script: str) -> list[str]:
    """Shell lines in a fresh namespace; their output."""
    desk.write("/etc/mariadb-ha/realserver.env", env)
    whole = f"set -u; L={SCRIPT}; E={desk.path('/etc/mariadb-ha/realserver.env')}; {LINK}\n{script}"
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", whole], capture_output=True, text=True, env=desk.env, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_nat_sends_answers_to_clients_through_the_director(desk: Desk) -> None:
    get = "ip -4 route get {} from 172.16.21.5 sport {} ipproto tcp | head -1"
    out = inside(
        desk,
        NAT,
        "$L status; echo $?; $L start; $L status; echo $?;"
        f"{get.format('172.16.21.77', 3306)}; {get.format('172.16.21.6', 3306)}; {get.format('172.16.21.77', 22)}",
    )
    assert [line for line in out if line.isdigit()] == ["3", "0"]
    client, peer, other = out[-3:]
    assert f"via {GATEWAY}" in client
    assert "via" not in peer, "replication and checks go straight"
    assert "via" not in other, "so does all that is not MariaDB's"


def test_nat_is_undone_and_looks_first(desk: Desk) -> None:
    out = inside(desk, NAT, "$L start >/dev/null; $L start; $L stop; $L stop; ip -4 rule; ip -4 route show table 7306")
    assert "nothing to do: answers go through" in out[0]
    assert "usual way" in out[1]
    assert "nothing to do" in out[2]
    assert not any("7306" in line or "7305" in line for line in out[3:])


def test_nat_that_lost_a_rule_is_partly_running(desk: Desk) -> None:
    out = inside(desk, NAT, "$L start >/dev/null; ip -4 rule del pref 7305; $L status; echo $?; $L start; $L status")
    assert "1" in out
    assert any("partly running" in line for line in out)
    assert out[-1] == "running"


def test_nat_follows_its_settings(desk: Desk) -> None:
    out = inside(
        desk,
        NAT,
        "$L start >/dev/null; sed -i 's/172.16.21.6\"/172.16.21.6 172.16.21.7\"/' $E; $L start;"
        " ip -4 rule | grep -c 7305",
    )
    assert out[-1] == "3"


def test_tun_has_the_vip_on_the_tunnel(desk: Desk) -> None:
    out = inside(
        desk,
        TUN,
        f"{TUNNEL}; echo 1 >$C/all/rp_filter; echo 1 >$C/tunl0/rp_filter; $L status; echo $?; $L start; $L status;"
        " echo $?; ip -o -4 addr show dev tunl0; echo rp; cat $C/tunl0/rp_filter $C/all/rp_filter $C/tunl0/arp_ignore;"
        " $L stop; echo after; cat $C/all/rp_filter $C/tunl0/rp_filter; ip -o -4 addr show dev tunl0",
    )
    assert any(f"{VIP}/32 on tunl0: yes" in line for line in out)
    rp, after = out.index("rp"), out.index("after")
    assert out[rp + 1 : rp + 4] == ["0", "2", "1"]
    assert out[after + 1 :] == ["1", "1"]
    assert [line for line in out[:rp] if line.isdigit()] == ["3", "0"]


def test_a_change_of_the_method_undoes_the_old_one(desk: Desk) -> None:
    out = inside(
        desk,
        NAT,
        f"{TUNNEL}; $L start >/dev/null; printf 'VIPS=\"{VIP}\"\\n' >$E; $L start >/dev/null; ip -4 rule | grep -c 730;"
        " ip -o -4 addr show dev lo | grep -c 172; printf 'METHOD=TUN\\nVIPS=\"172.16.21.100\"\\n' >$E;"
        " $L start >/dev/null;"
        " ip -o -4 addr show dev lo | grep -c 172; ip -o -4 addr show dev tunl0 | grep -c 172; cat $C/lo/arp_ignore",
    )
    assert out == ["0", "1", "0", "1", "0"]


def test_nat_without_a_gateway_is_refused(desk: Desk) -> None:
    out = inside(desk, 'METHOD="NAT"\nVIPS="172.16.21.100"\n', "$L start 2>&1; echo $?")
    assert "incomplete" in out[0]
    assert out[-1] == "1"
