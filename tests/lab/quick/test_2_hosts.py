"""What lies on the hosts and how they behave towards the network."""

from __future__ import annotations

import time

from tests.lab.stacks import Stack

PROBE = (
    "import socket,sys; s=socket.socket(); s.settimeout(2); sys.exit(0 if s.connect_ex((sys.argv[1], "
    "int(sys.argv[2])))==0 else 1)"
)


def open_from_a_client(stack: Stack, address: str, port: int) -> bool:
    """True when a client in the lab's network gets a TCP connection."""
    return stack.run("lab/run", "python3", "-c", PROBE, address, str(port)).code == 0


def holders(stack: Stack) -> list[str]:
    """Directors that have the VIP."""
    return [host for host in ("ha1", "ha2") if "172.16.21.188" in stack.ssh(host, "ip -4 addr show eth0").out]


def test_status_is_healthy_and_says_so(stack: Stack) -> None:
    done = stack.hactl("status")
    assert done.code == 0, done.out
    facts = stack.status()
    assert facts["healthy"] is True


def test_vip_is_on_one_director_the_preferred_one(stack: Stack) -> None:
    """It takes the VIP `preempt_delay` after it came up; the other one is up first and has it until then."""
    deadline = time.monotonic() + 120
    while (held := holders(stack)) != ["ha1"] and time.monotonic() < deadline:
        time.sleep(1)
    assert held == ["ha1"]


def test_ipvs_forwards_to_the_real_servers_only(stack: Stack) -> None:
    for host in ("ha1", "ha2"):
        table = stack.ssh(host, "sudo ipvsadm -Ln").out
        assert "172.16.21.188:3306 rr persistent 50" in table
        assert "172.16.21.181:3306" in table
        assert "172.16.21.182:3306" in table
        assert "172.16.21.180" not in table


def test_directors_share_their_connections_both_ways(stack: Stack) -> None:
    """Not through keepalived, whose transitions would start and stop the daemons and may hang with that."""
    for host in ("ha1", "ha2"):
        daemons = stack.ssh(host, "sudo ipvsadm --list --daemon").out
        assert [line.split(",")[0] for line in daemons.splitlines()] == [
            "master sync daemon (mcast=eth0",
            "backup sync daemon (mcast=eth0",
        ], host
        assert (
            "lvs_sync_daemon"
            not in stack.ssh(
                host, "sudo cat /etc/keepalived/keepalived.conf /etc/keepalived/conf.d/60-lvs-directors.conf"
            ).out
        )


def test_lvsdr_start_stop_status(stack: Stack) -> None:
    script = "sudo /usr/local/lib/mariadb-ha/lvsdr.sh"
    assert stack.ssh("mdb3", f"{script} status").code == 0
    try:
        assert stack.ssh("mdb3", f"{script} stop").code == 0
        stopped = stack.ssh("mdb3", f"{script} status")
        assert stopped.code == 3, stopped.out
        assert "172.16.21.188" not in stack.ssh("mdb3", "ip -4 addr show lo").out
        assert stack.ssh("mdb3", "cat /proc/sys/net/ipv4/conf/all/arp_ignore").out.strip() == "0"
        stack.agent_says("mdb3", "503")
    finally:
        assert stack.ssh("mdb3", f"{script} start").code == 0
    assert stack.ssh("mdb3", f"{script} status").code == 0
    assert stack.ssh(
        "mdb3", "cat /proc/sys/net/ipv4/conf/lo/arp_ignore /proc/sys/net/ipv4/conf/all/arp_announce"
    ).out.split() == ["1", "2"]
    assert stack.healthy_within()


def test_firewall_opens_what_the_cluster_needs_and_nothing_more(stack: Stack) -> None:
    assert open_from_a_client(stack, "172.16.21.188", 3306)
    assert open_from_a_client(stack, "172.16.21.181", 22)
    for port in (3306, 4567, 4568, 4444, 9200):
        assert not open_from_a_client(stack, "172.16.21.181", port), port
    assert not open_from_a_client(stack, "172.16.21.201", 3306)


def test_accounts_are_hardened(stack: Stack) -> None:
    users = stack.sql("mdb2", "SELECT CONCAT(User, '@', Host) FROM mysql.user").split()
    assert {"root@localhost", "app@%", "mariadb_ha_sst@localhost"} <= set(users)
    assert not [
        user for user in users if user.startswith("@") or (user.startswith("root@") and user != "root@localhost")
    ]
    assert "test" not in stack.sql("mdb2", "SHOW DATABASES").split()
    assert stack.ssh("mdb2", "mariadb -u root -e 'SELECT 1'").code != 0, "root needs the socket's owner or its password"
    grants = stack.sql("mdb2", "SHOW GRANTS FOR mariadb_ha_sst@localhost")
    assert "ALL PRIVILEGES" not in grants
    assert "SUPER" not in grants


def test_health_agent_knows_galera(stack: Stack) -> None:
    """A node that refuses queries accepts TCP all the same: only the agent sees it."""
    stack.sql("mdb3", "SET GLOBAL wsrep_reject_queries=ALL")
    try:
        stack.agent_says("mdb3", "wsrep_reject_queries")
        gone = stack.ssh(
            "ha1",
            "for i in $(seq 60); do sudo ipvsadm -Ln | grep -q 172.16.21.182 || exit 0; sleep 1; done; exit 1",
            timeout=180,
        )
        assert gone.code == 0, "the directors did not take the node out"
    finally:
        stack.sql("mdb3", "SET GLOBAL wsrep_reject_queries=NONE")
    assert stack.healthy_within()


def test_time_is_in_sync(stack: Stack) -> None:
    for host in stack.inventory["hosts"]:
        assert "Leap status     : Normal" in stack.ssh(host, "chronyc tracking").out, host


def test_galera_timers_are_the_profiles(stack: Stack) -> None:
    options = stack.sql("mdb2", "SELECT @@wsrep_provider_options")
    for option in (
        "evs.suspect_timeout = PT2S",
        "evs.inactive_timeout = PT6S",
        "evs.keepalive_period = PT0.5S",
        "evs.install_timeout = PT4S",
    ):
        assert option in options
