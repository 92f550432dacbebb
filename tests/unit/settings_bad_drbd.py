"""Bad configurations of a DRBD pair: as in `settings_bad`. The pair stands beside the cluster of GOOD."""

from __future__ import annotations

from typing import Any

from tests.unit.settings_config import GONE, host_key

Case = tuple[dict[str, Any], str, tuple[str, ...]]

VIP = "172.16.21.219"
HOSTS: dict[str, Any] = {
    "hosts.nod1": {"address": "172.16.21.221"},
    "hosts.nod2": {"address": "172.16.21.222"},
}
METAL: dict[str, Any] = {
    "hosts.nod1": {"address": "172.16.21.221", "provisioner": "bare-metal", "ssh_host_key": host_key(21)},
    "hosts.nod2": {"address": "172.16.21.222", "provisioner": "bare-metal", "ssh_host_key": host_key(22)},
}
PAIR: dict[str, Any] = {"vip": VIP, "virtual_router_id": 71, "members": {"nod1": {}, "nod2": {}}}
_OWN = "drbd.members"


def _pair(hosts: dict[str, Any] = HOSTS, **changes: Any) -> dict[str, Any]:
    return {**hosts, "drbd": {**PAIR, **changes}}


def _members(one: dict[str, Any], two: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return _pair(members={"nod1": one, "nod2": two}, **changes)


def _metal(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    return _pair(METAL, members={"nod1": one, "nod2": two})


DRBD: dict[str, Case] = {
    "one host": (_pair(members={"nod1": {}}), "drbd.members", ("2",)),
    "three hosts": (_pair(members={"nod1": {}, "nod2": {}, "mdb1": {}}), "drbd.members", ("2",)),
    "unknown host": (_pair(members={"nod1": {}, "nod9": {}}), f"{_OWN}.nod9", ("nod9",)),
    "no VIP": ({**HOSTS, "drbd": {"members": {"nod1": {}, "nod2": {}}}}, "drbd.vip", ()),
    "VIP of a host": (_pair(vip="172.16.21.221"), "drbd.vip", ("172.16.21.221",)),
    "group of the directors": (_pair(virtual_router_id=51), "directors.virtual_router_id", ("51", "drbd")),
    "bare metal without a disk": (
        _metal({"disk": "/dev/sdb"}, {}), f"{_OWN}.nod2.disk", ("bare metal", "/dev/vg0/mariadb")),
    "another disk of a VM": (_members({"disk": "/dev/sdb"}, {}), f"{_OWN}.nod1.disk", ("/dev/vdb", "eave it out")),
    "overwriting a VM's volume": (
        _members({"overwrite": "1b3c-22"}, {}), f"{_OWN}.nod1.overwrite", ("is a VM", "eave it out")),
    "overwriting by a word": (
        _metal({"disk": "/dev/sdb", "overwrite": "yes"}, {"disk": "/dev/sdb"}), f"{_OWN}.nod1.overwrite", ("UUID",)),
    "a disk by a relative path": (
        _metal({"disk": "sdb"}, {"disk": "/dev/sdb"}), f"{_OWN}.nod1.disk", ("below /dev",)),
    "a device on itself": (
        _metal({"disk": "/dev/drbd0"}, {"disk": "/dev/sdb"}), f"{_OWN}.nod1.disk", ("cannot lie on itself",)),
    "protocol D": (_pair(protocol="D"), "drbd.protocol", ("C",)),
    "protocol A with fencing": (
        _pair(protocol="A", fencing={"command": "/usr/sbin/fence"}), "drbd.protocol",
        ("last writes", "remove fencing")),
    "fencing by a name": (_pair(fencing={"command": "fence"}), "drbd.fencing.command", ("absolute path",)),
    "weak digest": (_pair(cram_hmac_alg="md5"), "drbd.cram_hmac_alg", ("sha256",)),
    "short secret": (_pair(shared_secret="geheim"), "drbd.shared_secret", ("16",)),
    "long secret": (_pair(shared_secret="a" * 64), "drbd.shared_secret", ("63",)),
    "no resync rate": (_pair(resync_rate=0), "drbd.resync_rate", ("1",)),
    "resync rate with a unit": (_pair(resync_rate="10M"), "drbd.resync_rate", ()),
    "too few extents": (_pair(al_extents=7), "drbd.al_extents", ("67",)),
    "no ko-count": (_pair(ko_count=0), "drbd.ko_count", ("1",)),
    "two primaries": (_pair(allow_two_primaries=True), "drbd.allow_two_primaries", ("destroyed", "emove it")),
    "another file system": (_pair(filesystem="btrfs"), "drbd.filesystem", ("ext4",)),
    "MariaDB elsewhere": (_pair(mount_point="/srv/data"), "drbd.mount_point", ("/var/lib/mysql", "mariadb to false")),
    "mounted over the system": (
        _pair(mariadb=False, mount_point="/usr"), "drbd.mount_point", ("belongs to the system", "/srv/drbd")),
    "a relative mount point": (_pair(mount_point="srv"), "drbd.mount_point", ("absolute path",)),
    "younger primary": (
        _pair(split_brain={"after_sb_0pri": "discard-younger-primary"}), "drbd.split_brain.after_sb_0pri",
        ("acknowledged writes", "discard-zero-changes")),
    "secondary discarded": (
        _pair(split_brain={"after_sb_1pri": "discard-secondary"}), "drbd.split_brain.after_sb_1pri",
        ("acknowledged writes", "consensus")),
    "two primaries decided": (
        _pair(split_brain={"after_sb_2pri": "call-pri-lost-after-sb"}), "drbd.split_brain.after_sb_2pri",
        ("disconnect",)),
    "errors passed on": (_pair(on_io_error="pass_on"), "drbd.on_io_error", ("detach",)),
    "a panic on errors": (_pair(on_io_error="call-local-io-error"), "drbd.on_io_error", ("detach",)),
    "verified without a digest": (
        _pair(verify_alg=None, verify_schedule="daily"), "drbd.verify_schedule", ("verify_alg is null", "crc32c")),
    "verified when it suits": (_pair(verify_schedule="hourly"), "drbd.verify_schedule", ("weekly",)),
    "same priorities": (_members({"priority": 100}, {"priority": 100}), f"{_OWN}.nod2.priority", ("nod1", "own")),
    "small gap with preemption": (
        _members({"priority": 120}, {"priority": 100}, preempt=True), f"{_OWN}.nod1.priority", ("only 20", "50")),
    "DRBD on MariaDB's port": (_pair(drbd_port=3306), "drbd.drbd_port", ("3306",)),
    "promoter on DRBD's port": (_pair(promoter_port=7789), "drbd.promoter_port", ("7789",)),
    "minor beyond the kernel's": (_pair(minor=300), "drbd.minor", ("255",)),
    "impatient": (
        {**_pair(), "timers": {"drbd_timeout": 3.0, "drbd_ping_int": 2.0}}, "timers.drbd_timeout", ("drbd_ping_int",)),
    "half seconds": ({**_pair(), "timers": {"drbd_ping_int": 1.5}}, "timers.drbd_ping_int", ("multiple of 1 s",)),
    "databases without MariaDB": (
        {**_pair(mariadb=False), "galera": GONE, "directors": GONE}, "drbd.mariadb", ("databases",)),
}  # fmt: skip
