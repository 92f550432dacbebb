"""From what the script prints to typed facts: sentences of real programs, and what is odd."""

from __future__ import annotations

import pytest

from preflight.facts import Facts, clock_off, facts_of, sections_of
from preflight.lines import Address, Disk, Listener, Process, VipAnswer

OUTPUT = """\
Welcome to mdb2! # not a section
# clock
 1795239242.886439712

# os-release
 PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
 VERSION_ID="12"
 ID=debian

# architecture
 amd64

# init
 systemd

# container
 none

# root-options
 rw,relatime
 ro,relatime,errors=remount-ro

# kernel
 release 6.1.0-28-amd64
 modules
 module ip_vs

# disks
 / 2097152 /
 /var/lib/mysql 1048576 /srv/my data

# memory
 1003520

# hostname
 mdb2

# machine-id
 3d1219c7c4c5404aaa1f6d2a48adfda4

# boot-id
 0f791ca8

# hosts-file
 127.0.0.1 localhost
 # a comment that is no section

# addresses
 1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
 4: eth0@if5    inet 172.16.21.181/24 brd 172.16.21.255 scope global eth0\\       valid_lft forever

# vip-files
 172.16.21.188 /etc/network/interfaces.d/my vip

# vip-answers
 172.16.21.188 silent 172.16.21.188 dev eth0 lladdr 52:54:00:00:00:09 REACHABLE
 172.16.21.189 silent 172.16.21.189 dev eth0 lladdr 52:54:00:00:00:09 STALE
 172.16.21.190 answers
 172.16.21.191 silent 172.16.21.191 dev eth0 FAILED

# listeners
 LISTEN 0      80           0.0.0.0:3306      0.0.0.0:*    users:(("mariadbd",pid=815,fd=20))
 LISTEN 0      128             [::]:22           [::]:*
 LISTEN 0      5      127.0.0.1%lo:53       0.0.0.0:*    users:(("dns mas",pid=9,fd=4))

# processes
 815 mariadbd host /usr/sbin/mariadbd
 900 mysqld container

# keepalived
 own

# nftables
 d41d8  /etc/nftables.conf
 conffile d41d8

# firewalls
 ufw

# stack
 {"stack": "dev",
  "host": "mdb2"}

# retained
 {"stack":

# datadir
 d mysql
 d my shop
 f ibdata1

# grastate
 # GALERA saved state
 version: 2.1
 uuid:    6b1f0a3e-0001-11ef-9999-000000000001
 seqno:   -1

# packages
 installed mysql-server 8.0
 config-files percona-server-server 8.0

# dpkg-audit

# dpkg-busy
 busy

# end
"""


def test_all_of_it() -> None:
    sections = sections_of(OUTPUT)
    assert sections is not None
    assert facts_of(sections, began=1795239240.0, ended=1795239243.0) == Facts(
        clock_off=0.0,
        os_id="debian",
        os_version="12",
        os_name="Debian GNU/Linux 12 (bookworm)",
        architecture="amd64",
        init="systemd",
        container=False,
        read_only_root=True,
        kernel="6.1.0-28-amd64",
        kernel_modules=True,
        modules=("ip_vs",),
        disks=(Disk("/", 2048, "/"), Disk("/var/lib/mysql", 1024, "/srv/my data")),
        memory_mib=980,
        hostname="mdb2",
        machine_id="3d1219c7c4c5404aaa1f6d2a48adfda4",
        boot_id="0f791ca8",
        hosts_file=("127.0.0.1 localhost", "# a comment that is no section"),
        addresses=(Address("lo", "127.0.0.1", "8"), Address("eth0", "172.16.21.181", "24")),
        vip_files=(("172.16.21.188", "/etc/network/interfaces.d/my vip"),),
        vip_answers=(
            VipAnswer("172.16.21.188", True, "52:54:00:00:00:09"),
            VipAnswer("172.16.21.189", False, "52:54:00:00:00:09"),
            VipAnswer("172.16.21.190", True, ""),
            VipAnswer("172.16.21.191", False, ""),
        ),
        listeners=(Listener(3306, "mariadbd", "815"), Listener(22, "", ""), Listener(53, "dns mas", "9")),
        processes=(Process("815", "mariadbd", False, "/usr/sbin/mariadbd"), Process("900", "mysqld", True, "")),
        keepalived="own",
        nftables=("d41d8  /etc/nftables.conf", "conffile d41d8"),
        firewalls=("ufw",),
        stack={"stack": "dev", "host": "mdb2"},
        retained={},
        data_folders=("mysql", "my shop"),
        data_files=("ibdata1",),
        grastate_uuid="6b1f0a3e-0001-11ef-9999-000000000001",
        packages=("mysql-server 8.0",),
        dpkg_audit=(),
        dpkg_busy=True,
    )


@pytest.mark.parametrize("text", ["", "This account is currently not available.\n", OUTPUT.replace("# end", "")])
def test_cut_short_is_no_answer(text: str) -> None:
    assert sections_of(text) is None


def test_what_could_not_be_seen_is_unknown_and_not_good() -> None:
    facts = facts_of({"addresses": ("?",), "listeners": ("?",)}, began=0, ended=0)
    assert facts.addresses is None
    assert facts.listeners is None
    assert facts.memory_mib is None
    assert facts.stack is None


@pytest.mark.parametrize(
    ("shown", "off"),
    [("100.5", 0.0), ("109.0", 8.0), ("90.0", -10.0), ("", 0.0), ("no clock", 0.0)],
    ids=["within the call", "ahead", "behind", "none", "words"],
)
def test_the_duration_of_the_call_is_allowed_for(shown: str, off: float) -> None:
    assert clock_off(shown, 100.0, 101.0) == off
