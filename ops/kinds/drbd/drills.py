"""Faults of a DRBD pair."""

from __future__ import annotations

from ops.component import FaultKind, Parting, Scripted
from ops.paths import PROGRAMS

SWITCHOVER = FaultKind(name="switchover", role="primary", host_words="Primary", kills=False)
PRIMARY_STOP = FaultKind(name="primary-stop", role="primary", host_words="Primary", kills=False)
PRIMARY_KILL = FaultKind(name="primary-kill", role="primary", host_words="Primary", kills=True)
SECONDARY_KILL = FaultKind(name="secondary-kill", role="secondary", host_words="Secondary", kills=True)
LINK_CUT = FaultKind(name="link-cut", role="primary", host_words="Primary", kills=False)
DISK_ERROR = FaultKind(name="disk-error", role="primary", host_words="Primary", kills=False)
SPLIT_BRAIN = FaultKind(name="split-brain", role="primary", host_words="Primary", kills=False, splits=True)
FAULTS = (SWITCHOVER, PRIMARY_STOP, PRIMARY_KILL, SECONDARY_KILL, LINK_CUT, DISK_ERROR, SPLIT_BRAIN)

DISARMED = "/run/mariadb-ha/fencing-disarmed"


def switchover(host: str) -> Scripted:
    """A planned handover, by the program that `hactl switchover` runs; afterwards this host stands by."""
    return Scripted(
        words=f"{host} hands over in order",
        by_hand=f"nothing: {host} stands by by itself",
        make=f"exec {PROGRAMS}/switchover </dev/null",
        undo=f"{PROGRAMS}/switchover --put-back </dev/null",
    )


def link_cut(host: str, *, port: int) -> Scripted:
    """The replication link alone: DRBD's port is dropped, VRRP and the promoters go on hearing each other."""
    table = "netdev_mariadb_ha_drill"
    rules = (
        f"add table inet {table}; add chain inet {table} in {{ type filter hook input priority -300; }};"
        f" add chain inet {table} out {{ type filter hook output priority -300; }};"
        f" add rule inet {table} in tcp dport {port} drop; add rule inet {table} in tcp sport {port} drop;"
        f" add rule inet {table} out tcp dport {port} drop; add rule inet {table} out tcp sport {port} drop"
    )
    return Scripted(
        words=f"DRBD's link is cut on {host} (port {port})",
        by_hand=f"`nft delete table inet {table}` on {host}",
        make=f"nft '{rules}'",
        undo=f"nft delete table inet {table} 2>/dev/null || true",
    )


def disk_error(host: str, *, name: str) -> Scripted:
    """The disk below fails: DRBD detaches it, as `on-io-error detach` does at the first error."""
    return Scripted(
        words=f"the disk of {host} is gone (detached by force)",
        by_hand=f"`drbdadm attach {name}` on {host}",
        make=f"drbdadm detach --force {name}",
        undo=f"drbdadm attach {name} || true",
    )


def primary_stop(host: str) -> Scripted:
    """MariaDB on the host that lost the VIP stays stopped, for the promoter starts it where it serves: there is nothing
    to start again, only a failure of the unit to forget."""
    return Scripted(
        words=f"mariadb on {host} stopped",
        by_hand=f"nothing: {host} stands by by itself",
        make="systemctl stop mariadb",
        undo="systemctl reset-failed mariadb 2>/dev/null || true",
    )


def split(host: str, *, peer: str, address: str) -> Scripted:
    """All links between the two, DRBD's, the promoters' and VRRP's; clients reach both."""
    table = "mariadb_ha_drill_split"
    repair = f"nft delete table inet {table} 2>/dev/null || true"
    rules = (
        f"add table inet {table}; add chain inet {table} in {{ type filter hook input priority -300; }};"
        f" add chain inet {table} out {{ type filter hook output priority -300; }};"
        f" add rule inet {table} in ip saddr {address} drop; add rule inet {table} out ip daddr {address} drop"
    )
    return Scripted(
        words=f"all links between {host} and {peer} are cut, and fencing is disarmed",
        by_hand=f"`nft delete table inet {table}` on {host}",
        make=f"nft '{rules}'",
        undo=repair,
    )


def parting(hosts: tuple[str, str], *, mount_point: str, mariadb: bool) -> Parting:
    """What serves is the device, mounted, with MariaDB on it where there is one."""
    return Parting(
        hosts=hosts,
        disarm=f"mkdir -p {DISARMED.rpartition('/')[0]} && echo 'hactl drill split-brain' >{DISARMED}",
        arm=f"rm -f {DISARMED}",
        serves=f"mountpoint -q {mount_point}" + (" && systemctl is-active -q mariadb" if mariadb else ""),
    )
