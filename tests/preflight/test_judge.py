"""The rules as tables: facts and settings in, words out. Each row says what would be missed or refused wrongly."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from preflight.lines import Address, Disk, Listener, Process, VipAnswer
from tests.preflight.hosts import VIP, all_fresh, bare_metal, unfit

UUID = "6b1f0a3e-0001-11ef-9999-000000000001"
OTHER_UUID = "6b1f0a3e-0002-11ef-9999-000000000002"
OURS = {"stack": "dev"}
LEFT = {"stack": "dev", "cluster_uuid": UUID, "datadir": "/var/lib/mysql", "at": "2026-11-20T10:00:00Z"}
ADOPT = {"bare_metal": {"adopt_retained_data": True}}


class Row(NamedTuple):
    """`seen`: changes of facts by host.

    `words`: what the one message of `host` must hold; none: there must be no message at all.
    """

    name: str
    host: str
    seen: dict[str, dict[str, Any]]
    words: tuple[str, ...]
    settings: dict[str, Any] = {}  # noqa: RUF012
    stack: dict[str, Any] = {}  # noqa: RUF012


def lines(facts: dict[str, Any], host: str = "mdb2") -> dict[str, dict[str, Any]]:
    return {host: facts}


def eth0(address: str, *more: Address) -> tuple[Address, ...]:
    return (Address("lo", "127.0.0.1"), Address("eth0", address, "24"), *more)


MDB2, HA1 = "172.16.21.181", "172.16.21.201"

SYSTEM = [
    Row(
        "another release",
        "mdb2",
        lines({"os_version": "11", "os_name": "Debian GNU/Linux 11 (bullseye)"}),
        ("11 (bullseye)", "not Debian 12", "Install Debian 12"),
    ),
    Row(
        "another system",
        "mdb2",
        lines({"os_id": "ubuntu", "os_version": "12", "os_name": "Ubuntu 24.04"}),
        ("Ubuntu 24.04",),
    ),
    Row(
        "no os-release", "mdb2", lines({"os_id": "", "os_version": "", "os_name": ""}), ("there is no /etc/os-release",)
    ),
    Row("armhf", "mdb2", lines({"architecture": "armhf"}), ("armhf", "amd64 and arm64")),
    Row("arm64 is good", "mdb2", lines({"architecture": "arm64"}), ()),
    Row("no systemd", "mdb2", lines({"init": "sh"}), ('process 1 is "sh"',)),
    Row("read-only root", "mdb2", lines({"read_only_root": True}), ("read-only", "remount,rw")),
    Row(
        "dpkg broken",
        "mdb2",
        lines({"dpkg_audit": ("The following packages are only half configured", " libc6  GNU C")}),
        ("libc6", "dpkg --configure -a"),
    ),
    Row("dpkg at work", "mdb2", lines({"dpkg_audit": ("half configured",), "dpkg_busy": True}), ()),
    Row("our own killed up", "mdb2", lines({"dpkg_audit": ("half configured",), "stack": OURS}), ()),
    Row("clock ahead", "mdb2", lines({"clock_off": 3600.0}), ("60 min ahead of", "timedatectl set-ntp true")),
    Row("clock behind", "mdb2", lines({"clock_off": -86_400.0 * 40}), ("40 days behind",)),
    Row("clock good enough", "mdb2", lines({"clock_off": -9.9}), ()),
    Row("director without ip_vs", "ha1", lines({"modules": ()}, "ha1"), ("no module ip_vs", "not -cloud")),
    Row(
        "director with an upgraded kernel",
        "ha1",
        lines({"modules": (), "kernel_modules": False}, "ha1"),
        ("/lib/modules/6.1.0-28-amd64 is not there", "reboot"),
    ),
    Row("director in a container", "ha1", lines({"modules": (), "container": True}, "ha1"), ()),
    Row("node without ip_vs", "mdb2", lines({"modules": ()}), ()),
]

SMALL = (Disk("/", 2047, "/"), Disk("/var/lib/mysql", 1279, "/data"), Disk("/var/log", 2047, "/"))
ROOM = [
    Row(
        "root too full",
        "mdb2",
        lines({"disks": (Disk("/", 2047, "/"),)}),
        ("2047 MiB are free on the file system /", "2048 MiB"),
    ),
    Row(
        "data too full",
        "mdb2",
        lines({"disks": (Disk("/", 2048, "/"), Disk("/var/lib/mysql", 1279, "/data"))}),
        ("1279", "/data", "/var/lib/mysql needs 1280 MiB"),
    ),
    Row(
        "data just enough", "mdb2", lines({"disks": (Disk("/", 2048, "/"), Disk("/var/lib/mysql", 1280, "/data"))}), ()
    ),
    Row(
        "a director holds no data",
        "ha1",
        lines({"disks": (Disk("/", 2048, "/"), Disk("/var/lib/mysql", 10, "/data"))}, "ha1"),
        (),
    ),
    Row("logs", "ha1", lines({"disks": (Disk("/var/log", 255, "/var/log"),)}, "ha1"), ("/var/log needs 256 MiB",)),
    Row(
        "one message a file system",
        "mdb2",
        lines({"disks": (Disk("/", 100, "/"), Disk("/var/lib/mysql", 100, "/"), Disk("/var/log", 100, "/"))}),
        ("/, /var/lib/mysql and /var/log need 2048",),
    ),
    Row("delivered before: the room is taken already", "mdb2", lines({"disks": SMALL, "stack": OURS}), ()),
    Row(
        "delivered before: full",
        "mdb2",
        lines({"disks": (Disk("/", 255, "/"),), "stack": OURS}),
        ("255 MiB", "256 MiB"),
    ),
    Row(
        "data left by an earlier stack has its room",
        "mdb2",
        lines({"disks": SMALL[1:], "data_folders": ("mysql",), "retained": LEFT}),
        (),
    ),
    Row(
        "left by an earlier stack, and moved away since",
        "mdb2",
        lines({"disks": SMALL[1:2], "retained": LEFT}),
        ("1279",),
    ),
    Row(
        "little memory",
        "mdb2",
        lines({"memory_mib": 711}),
        ("711 MiB", "712 MiB", "galera.innodb_buffer_pool_size_mib"),
    ),
    Row("enough memory", "mdb2", lines({"memory_mib": 712}), ()),
    Row("memory of a director", "ha1", lines({"memory_mib": 200}, "ha1"), ()),
]

NAMES = [
    Row(
        "another name",
        "mdb2",
        lines({"hostname": "db-17"}),
        ("calls itself db-17, not mdb2", "hostnamectl set-hostname mdb2"),
    ),
    Row("full name", "mdb2", lines({"hostname": "mdb2.example.com"}), ()),
    Row("case", "mdb2", lines({"hostname": "MDB2"}), ()),
    Row(
        "one machine twice",
        "mdb2",
        {"mdb1": {"machine_id": "a" * 32, "boot_id": "b"}, "mdb2": {"machine_id": "a" * 32, "boot_id": "b"}},
        ("same machine as mdb1",),
    ),
    Row(
        "a clone",
        "mdb2",
        {"mdb1": {"machine_id": "a" * 32}, "mdb2": {"machine_id": "a" * 32}},
        ("machine-id is that of mdb1", "systemd-machine-id-setup"),
    ),
    Row(
        "machine-id not set yet",
        "mdb2",
        {"mdb1": {"machine_id": "uninitialized"}, "mdb2": {"machine_id": "uninitialized"}},
        (),
    ),
    Row(
        "another address for a host",
        "mdb2",
        lines({"hosts_file": ("10.0.0.7 mdb3",)}),
        ("mdb3 is 10.0.0.7", "172.16.21.182"),
    ),
    Row("own name elsewhere", "mdb2", lines({"hosts_file": ("10.0.0.7 mdb2",)}), ("mdb2 is 10.0.0.7",)),
    Row("own name on the loopback", "mdb2", lines({"hosts_file": ("127.0.0.1 localhost mdb2", "::1 mdb2")}), ()),
    Row(
        "own entry",
        "mdb2",
        lines({"hosts_file": ("10.9.9.9 mirror.example.org mirror # ours",)}),
        (
            "mirror.example.org (10.9.9.9) and mirror (10.9.9.9)",
            "network.extra_hosts: {mirror.example.org: 10.9.9.9, mirror: 10.9.9.9}",
        ),
    ),
    Row(
        "own entry, IPv6",
        "mdb2",
        lines({"hosts_file": ("fd00::9 mirror",)}),
        ("mirror (fd00::9)", "takes IPv4 addresses"),
    ),
    Row(
        "own entry, known",
        "mdb2",
        lines({"hosts_file": ("10.9.9.9 mirror",)}),
        (),
        {"network": {"extra_hosts": {"mirror": "10.9.9.9"}}},
    ),
    Row(
        "own entry, known otherwise",
        "mdb2",
        lines({"hosts_file": ("10.9.9.9 mirror",)}),
        ("mirror",),
        {"network": {"extra_hosts": {"mirror": "10.9.9.8"}}},
    ),
    Row(
        "the stack's own file",
        "mdb2",
        lines({"hosts_file": ("# Generated by mariadb-ha; changes are lost.", "10.0.0.7 mdb3", "10.9.9.9 gone")}),
        (),
    ),
]

ADDRESSES = [
    Row(
        "address missing",
        "mdb2",
        lines({"addresses": eth0("10.0.0.5")}),
        ("172.16.21.181 is not on its interface eth0", "eth0 10.0.0.5", "behind NAT"),
    ),
    Row(
        "other interface",
        "mdb2",
        lines({"addresses": (Address("ens3", MDB2),)}),
        ("ens3 172.16.21.181", "hosts.mdb2.interface: ens3"),
    ),
    Row(
        "other interface, declared",
        "mdb2",
        lines({"addresses": (Address("ens3", MDB2),)}),
        (),
        {},
        {"hosts": {"mdb2": {"interface": "ens3"}}},
    ),
    Row("no iproute2", "mdb2", lines({"addresses": None}), ("apt-get install iproute2",)),
    Row(
        "a neighbour's address",
        "mdb2",
        lines({"addresses": eth0(MDB2, Address("eth0", "172.16.21.182"))}),
        ("172.16.21.182, the address of mdb3",),
    ),
    Row(
        "VIP on a host",
        "mdb2",
        lines({"addresses": eth0(MDB2, Address("eth0", VIP, "24"))}),
        ("the VIP 172.16.21.188 is on its interface eth0", f"ip address del {VIP}/24 dev eth0"),
    ),
    Row("VIP on our real server", "mdb2", lines({"addresses": eth0(MDB2, Address("lo", VIP)), "stack": OURS}), ()),
    Row(
        "VIP in a file of ours",
        "mdb2",
        lines({"vip_files": ((VIP, "/etc/network/interfaces"),), "stack": OURS}),
        ("configured in /etc/network/interfaces",),
    ),
    Row(
        "VIP taken",
        "ha1",
        {name: {"vip_answers": (VipAnswer(VIP, True, "52:54:00:00:00:09"),)} for name in ("ha1", "mdb1", "mdb2")},
        ("answers already", "52:54:00:00:00:09"),
    ),
    Row(
        "VIP taken, one host sees it",
        "mdb3",
        lines({"vip_answers": (VipAnswer(VIP, True, ""),)}, "mdb3"),
        ("answers already",),
    ),
    Row("VIP silent", "ha1", lines({"vip_answers": (VipAnswer(VIP, False, ""),)}, "ha1"), ()),
    Row(
        "VIP on our director",
        "mdb1",
        {
            "mdb1": {"vip_answers": (VipAnswer(VIP, True, ""),)},
            "ha1": {"addresses": eth0(HA1, Address("eth0", VIP)), "stack": OURS},
        },
        (),
    ),
    Row(
        "VIP may be on a VM",
        "mdb1",
        lines({"vip_answers": (VipAnswer(VIP, True, ""),)}, "mdb1"),
        (),
        {},
        {"vms": ("ha2",)},
    ),
]

SERVICES = [
    Row(
        "3306",
        "mdb2",
        lines({"listeners": (Listener(3306, "mysqld", "7"),)}),
        ("port 3306 is taken by mysqld (process 7)", "galera.port"),
    ),
    Row(
        "3306 by Debian's server",
        "mdb2",
        lines({"listeners": (Listener(3306, "mariadbd", "7"), Listener(3306, "mariadbd", "7"))}),
        ("systemctl disable --now mariadb",),
    ),
    Row(
        "one message an owner",
        "mdb2",
        lines({"listeners": (Listener(4567, "mariadbd", "7"), Listener(3306, "mariadbd", "7"))}),
        ("ports 4567 and 3306 are taken by mariadbd (process 7). Galera's group communication and MariaDB need them",),
    ),
    Row("4567", "mdb2", lines({"listeners": (Listener(4567, "", ""),)}), ("4567 is taken by an unknown process",)),
    Row("4568", "mdb2", lines({"listeners": (Listener(4568, "x", "1"),)}), ("4568",)),
    Row("4444", "mdb2", lines({"listeners": (Listener(4444, "x", "1"),)}), ("4444",)),
    Row(
        "agent",
        "mdb2",
        lines({"listeners": (Listener(9200, "java", "99"),)}),
        ("port 9200 is taken by java (process 99)", "galera.agent_port"),
    ),
    Row(
        "agent's port moved",
        "mdb2",
        lines({"listeners": (Listener(9200, "java", "99"),)}),
        (),
        {"galera": {"agent_port": 9201}},
    ),
    Row(
        "our own ports",
        "mdb2",
        lines({"listeners": (Listener(3306, "mariadbd", "7"), Listener(9200, "python3", "8")), "stack": OURS}),
        (),
    ),
    Row("ports of a director", "ha1", lines({"listeners": (Listener(3306, "haproxy", "7"),)}, "ha1"), ()),
    Row("no ss", "mdb2", lines({"listeners": None}), ("program `ss`",)),
    Row(
        "percona installed",
        "mdb2",
        lines({"packages": ("percona-server-server 8.0.36",)}),
        ("percona-server-server 8.0.36", "apt would remove it"),
    ),
    Row("percona on a director", "ha1", lines({"packages": ("percona-server-server 8.0.36",)}, "ha1"), ()),
    Row(
        "mysqld runs",
        "mdb2",
        lines({"processes": (Process("7", "mysqld", False, "/usr/sbin/mysqld"),)}),
        ("mysqld (process 7, /usr/sbin/mysqld)",),
    ),
    Row(
        "MariaDB in docker",
        "mdb2",
        lines({"processes": (Process("7", "mariadbd", True, "/usr/sbin/mariadbd"),)}),
        ("in a container",),
    ),
    Row("Debian's MariaDB", "mdb2", lines({"processes": (Process("7", "mariadbd", False, "/usr/sbin/mariadbd"),)}), ()),
    Row(
        "foreign keepalived",
        "ha1",
        lines({"processes": (Process("5", "keepalived", False, "/usr/sbin/keepalived"),), "keepalived": "own"}, "ha1"),
        ("keepalived runs there (process 5)",),
    ),
    Row(
        "our keepalived",
        "ha1",
        lines(
            {
                "processes": (Process("5", "keepalived", False, "/usr/sbin/keepalived"),),
                "keepalived": "generated",
                "stack": OURS,
            },
            "ha1",
        ),
        (),
    ),
    Row("keepalived configured, not running", "ha1", lines({"keepalived": "own"}, "ha1"), ()),
]

FIREWALL = [
    Row(
        "own rules",
        "mdb2",
        lines({"nftables": ("0123  /etc/nftables.conf", "conffile 4567")}),
        ("not Debian's", "/etc/nftables.d/input-NAME.nft"),
    ),
    Row("own rules, package unknown", "mdb2", lines({"nftables": ("0123  /etc/nftables.conf",)}), ("not Debian's",)),
    Row("generated", "mdb2", lines({"nftables": ("generated", "0123  /etc/nftables.conf", "conffile 4567")}), ()),
    Row("no nftables", "mdb2", lines({"nftables": ()}), ()),
    Row("our host, changed by hand", "mdb2", lines({"nftables": ("0123  /etc/nftables.conf",), "stack": OURS}), ()),
    Row(
        "ufw",
        "mdb2",
        lines({"firewalls": ("firewalld", "ufw")}),
        ("firewalld and ufw are active", "systemctl disable --now firewalld; ufw disable"),
    ),
]

DATA = [
    Row(
        "another stack's",
        "mdb2",
        lines({"stack": {"stack": "prod"}}),
        ('belongs to the stack "prod"', "pulumi destroy"),
    ),
    Row("unreadable owner", "mdb2", lines({"stack": {}}), ("cannot be read",)),
    Row("another host of ours", "mdb2", lines({"stack": {"stack": "dev", "host": "mdb3"}}), ('set it up as "mdb3"',)),
    Row(
        "ours",
        "mdb2",
        lines({"stack": {"stack": "dev", "host": "mdb2"}, "data_folders": ("shop",), "grastate_uuid": UUID}),
        (),
    ),
    Row(
        "a new server",
        "mdb2",
        lines(
            {
                "data_folders": ("mysql", "sys", "performance_schema", "test", "lost+found", "#rocksdb"),
                "data_files": ("ibdata1", "aria_log.00000001"),
            }
        ),
        (),
    ),
    Row(
        "databases",
        "mdb2",
        lines({"data_folders": ("mysql", "shop", "wiki")}),
        ("not this stack's: the databases shop and wiki", "Nothing of it will be touched", "mariadb-dump"),
    ),
    Row("many databases", "mdb2", lines({"data_folders": tuple("abcdefgh")}), ("a, b, c, d and 4 more",)),
    Row("a Galera node", "mdb2", lines({"grastate_uuid": UUID}), (f"the Galera cluster {UUID}",)),
    Row("a Galera node that never was", "mdb2", lines({"grastate_uuid": "00000000-0000-0000-0000-000000000000"}), ()),
    Row("MySQL 8", "mdb2", lines({"data_folders": ("mysql", "#innodb_redo")}), ("files of MySQL 8",)),
    Row(
        "binary logs",
        "mdb2",
        lines({"data_files": ("mysql-bin.000007", "mysql-bin.index")}),
        ("binary logs (mysql-bin.000007)",),
    ),
    Row("a director's old database", "ha1", lines({"data_folders": ("shop",)}, "ha1"), ()),
    Row(
        "left by us",
        "mdb2",
        lines({"data_folders": ("app",), "grastate_uuid": UUID, "retained": LEFT}),
        ("earlier stack of this name", "2026-11-20", "bare_metal.adopt_retained_data: true"),
    ),
    Row(
        "left by us, adopted",
        "mdb2",
        lines({"data_folders": ("app",), "grastate_uuid": UUID, "retained": LEFT}),
        (),
        ADOPT,
    ),
    Row("left by us, nothing there", "mdb2", lines({"retained": LEFT}), ()),
    Row(
        "left by another",
        "mdb2",
        lines({"data_folders": ("app",), "retained": {**LEFT, "stack": "prod"}}),
        ('the stack "prod" left behind',),
        ADOPT,
    ),
    Row(
        "adopting does not cover foreign data", "mdb2", lines({"data_folders": ("app",)}), ("not this stack's",), ADOPT
    ),
    Row(
        "left elsewhere",
        "mdb2",
        lines({"data_folders": ("app",), "retained": {**LEFT, "datadir": "/srv/mysql"}}),
        ("not this stack's",),
        ADOPT,
    ),
    Row(
        "used since",
        "mdb2",
        lines({"grastate_uuid": OTHER_UUID, "retained": LEFT}),
        ("is not what this stack left",),
        ADOPT,
    ),
    Row(
        "two clusters left",
        "mdb2",
        {
            "mdb1": {"grastate_uuid": UUID, "retained": LEFT},
            "mdb2": {"grastate_uuid": OTHER_UUID, "retained": {**LEFT, "cluster_uuid": OTHER_UUID}},
        },
        (f"of cluster {OTHER_UUID}, that of mdb1 of cluster {UUID}",),
        ADOPT,
    ),
]

ROWS = [*SYSTEM, *ROOM, *NAMES, *ADDRESSES, *SERVICES, *FIREWALL, *DATA]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_rules(row: Row) -> None:
    context = bare_metal(row.settings, **row.stack)
    found = unfit(context, all_fresh(context, row.seen))
    messages = {host: [str(problem) for problem in problems] for host, problems in found.items()}
    assert {host for host, said in messages.items() if said} == ({row.host} if row.words else set()), messages
    if row.words:
        assert len(messages[row.host]) == 1, messages[row.host]
        message = messages[row.host][0]
        assert message.startswith(f"{row.host} (")
        for words in row.words:
            assert words in message


def test_fresh_hosts_are_good() -> None:
    context = bare_metal()
    assert unfit(context, all_fresh(context)) == {host: [] for host in ("ha1", "ha2", "mdb1", "mdb2", "mdb3")}


def test_all_clocks_off_by_the_same_points_at_this_machine() -> None:
    context = bare_metal()
    found = unfit(
        context,
        all_fresh(context, {host: {"clock_off": -100.0 - number} for number, host in enumerate(context.bare_metal)}),
    )
    assert all(
        len(problems) == 1 and "look at this machine's clock first" in str(problems[0]) for problems in found.values()
    )


def test_vip_may_be_on_a_director_that_was_not_reached() -> None:
    context = bare_metal()
    facts = all_fresh(context, {"mdb1": {"vip_answers": (VipAnswer(VIP, True, ""),)}})
    del facts["ha2"]
    assert not any(unfit(context, facts).values())


def test_every_rule_is_in_the_table() -> None:
    """A rule that no row sets off would not be missed."""
    from plan import make_plan
    from preflight.candidate import Candidate
    from preflight.unfit import RULES

    heard = set()
    for row in ROWS:
        context = bare_metal(row.settings, **row.stack)
        facts, plan = all_fresh(context, row.seen), make_plan(context)
        heard |= {
            rule
            for rule in RULES
            for host in facts
            if list(rule(Candidate(context=context, plan=plan, host=host, all_facts=facts)))
        }
    assert heard == set(RULES)
