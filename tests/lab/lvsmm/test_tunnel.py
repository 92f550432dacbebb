"""TUN on the guests' own kernel: one director forwards to the other through an ipip tunnel that lvsdr.sh has set up.

The masters are containers, whose kernel may lack ipip (`lab/kernel`); so the VMs are both ends here, with a VIP and a
port of the test's own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.stacks import ROOT, Stack

VIP, PORT = "172.16.21.97", 8099
DIRECTOR, SERVER = "172.16.21.2", "172.16.21.3"
LVSDR: Path = ROOT / "cloudinit" / "programs" / "realserver" / "lvsdr.sh"
FIREWALL = "sudo nft insert rule inet mariadb_ha input"
END = "sudo systemctl reload nftables"


@pytest.mark.matrix
def test_tun_serves_through_an_ipip_tunnel(stack: Stack) -> None:
    assert stack.healthy_within(), stack.hactl("status").out
    server = f"""set -e; mkdir -p /tmp/tun/etc/mariadb-ha; cat >/tmp/tun/lvsdr.sh; chmod +x /tmp/tun/lvsdr.sh
printf 'METHOD="TUN"\\nVIPS="{VIP}"\\n' >/tmp/tun/etc/mariadb-ha/realserver.env
{FIREWALL} ip saddr {DIRECTOR} ip protocol 4 accept
{FIREWALL} ip daddr {VIP} tcp dport {PORT} accept
sudo MHA_ROOT=/tmp/tun /tmp/tun/lvsdr.sh start
sudo MHA_ROOT=/tmp/tun /tmp/tun/lvsdr.sh status
cat /proc/sys/net/ipv4/conf/tunl0/rp_filter
sudo systemd-run --quiet --collect --unit=tun-server --working-directory=/tmp/tun/etc python3 -m http.server {PORT}"""
    director = f"""set -e; {FIREWALL} ip daddr {VIP} tcp dport {PORT} accept
sudo ip addr add {VIP}/32 dev eth0
sudo ipvsadm -A -t {VIP}:{PORT} -s rr
sudo ipvsadm -a -t {VIP}:{PORT} -r {SERVER}:{PORT} -i
sudo ipvsadm -Ln -t {VIP}:{PORT}"""
    try:
        made = stack.ssh("lvs2", server, stdin=LVSDR.read_text())
        assert made.code == 0, made.out
        assert made.out.splitlines()[-2:] == ["running", "0"], made.out
        made = stack.ssh("lvs1", director)
        assert "Tunnel" in made.out, made.out
        got = stack.run(
            "lab/run", "curl", "-sS", "--retry", "20", "--retry-connrefused", "-m", "20", f"http://{VIP}:{PORT}/"
        )
        assert "mariadb-ha" in got.out, got.out
        counted = stack.ssh("lvs2", "ip -s link show dev tunl0").out
        received = counted.partition("RX:")[2].splitlines()[1].split()
        assert int(received[1]) > 0, counted
    finally:
        stack.ssh("lvs1", f"sudo ipvsadm -D -t {VIP}:{PORT}; sudo ip addr del {VIP}/32 dev eth0; {END}")
        stack.ssh(
            "lvs2",
            "sudo systemctl stop tun-server; sudo MHA_ROOT=/tmp/tun /tmp/tun/lvsdr.sh stop; sudo rm -r /tmp/tun;"
            f" {END}",
        )
    assert stack.healthy_within(), stack.hactl("status").out
