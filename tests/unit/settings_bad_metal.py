"""Bad configurations of bare metal, lost hosts and further names: as in `settings_bad`."""

from __future__ import annotations

from typing import Any

from tests.unit.settings_bad_arbitrator import ARBITRATOR_LOST
from tests.unit.settings_config import GONE, host_key, metal

Case = tuple[dict[str, Any], str, tuple[str, ...]]

MDB2 = metal("mdb2")
FIVE: dict[str, Any] = {
    "galera.members": ["mdb1", "mdb2", "mdb3", "mdb4", "mdb5"],
    "hosts.mdb4": {"address": "172.16.21.183"},
    "hosts.mdb5": {"address": "172.16.21.184"},
}
ALL_NODES = metal("mdb1", "mdb2", "mdb3")
SCAN = ("ssh-keyscan -t ed25519 -p 22 172.16.21.181", "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")
OTHER_TYPE = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA=="
PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"


def _lost(*names: str) -> dict[str, Any]:
    return {f"hosts.{name}.lost": True for name in names}


def _extra(**names: str) -> dict[str, Any]:
    return {"network.extra_hosts": names}


METAL: dict[str, Case] = {
    "processors of bare metal":
        ({**MDB2, "hosts.mdb2.vcpus": 4}, "hosts.mdb2.vcpus", ("mdb2 is bare metal", "provisioner libvirt")),
    "memory of bare metal too small": (
        {**MDB2, "hosts.mdb2.memory_mib": 512}, "hosts.mdb2.memory_mib", ("512 MiB", "Write 712")),
    "root disk of bare metal":
        ({**MDB2, "hosts.mdb2.root_disk_gib": 8}, "hosts.mdb2.root_disk_gib", ("installed already",)),
    "mac of bare metal": ({**MDB2, "hosts.mdb2.mac": "52:54:00:00:00:01"}, "hosts.mdb2.mac", ("network card",)),
    "host key missing":
        ({"hosts.mdb2.provisioner": "bare-metal"}, "hosts.mdb2.ssh_host_key", ("missing", *SCAN, "trust_on_first_use")),
    "host key missing, another port": (
        {"hosts.mdb2.provisioner": "bare-metal", "ssh.port": 2222}, "hosts.mdb2.ssh_host_key",
            ("-p 2222 172.16.21.181",),
    ),
    "host key is private":
        ({**MDB2, "hosts.mdb2.ssh_host_key": PEM}, "hosts.mdb2.ssh_host_key", ("private key", "lost")),
    "host key as ssh-keyscan prints it": (
        {**MDB2, "hosts.mdb2.ssh_host_key": f"[172.16.21.181]:2222 {host_key(2)}"}, "hosts.mdb2.ssh_host_key",
            ('"[172.16.21.181]:2222"', "known_hosts"),
    ),
    "host key of another type":
        ({**MDB2, "hosts.mdb2.ssh_host_key": OTHER_TYPE}, "hosts.mdb2.ssh_host_key", ("ecdsa", "ssh-ed25519", *SCAN)),
    "host key is a fingerprint":
        ({**MDB2, "hosts.mdb2.ssh_host_key": f"SHA256:{'a' * 43}"}, "hosts.mdb2.ssh_host_key", ("fingerprint", *SCAN)),
    "host key that is cut": ({**MDB2, "hosts.mdb2.ssh_host_key": host_key(2)[:-4]}, "hosts.mdb2.ssh_host_key",
        ("holds no such key", *SCAN)),
    "host key without base64":
        ({**MDB2, "hosts.mdb2.ssh_host_key": "ssh-ed25519 ä"}, "hosts.mdb2.ssh_host_key", ("base64",)),
    "host key is empty": ({**MDB2, "hosts.mdb2.ssh_host_key": ""}, "hosts.mdb2.ssh_host_key", ("not one line",)),
    "two host keys in one": ({**MDB2, "hosts.mdb2.ssh_host_key": f"{host_key(1)}\n{host_key(2)}"},
        "hosts.mdb2.ssh_host_key", ("not one line",)),
    "host key by a list":
        ({**MDB2, "hosts.mdb2.ssh_host_key": [host_key(2)]}, "hosts.mdb2.ssh_host_key", ("a list", "ssh-ed25519 AAAA")),
    "host key twice": (
        {**MDB2, **metal("mdb3"), "hosts.mdb3.ssh_host_key": f"{MDB2['hosts.mdb2.ssh_host_key']} copied"},
            "hosts.mdb3.ssh_host_key", ("mdb2", "image"),
    ),
    "host key of a VM": ({"hosts.mdb2.ssh_host_key": host_key(2)}, "hosts.mdb2.ssh_host_key", ("VM", "derived")),
    "interface is lo": ({**MDB2, "hosts.mdb2.interface": "lo"}, "hosts.mdb2.interface", ("lo is no link",)),
    "interface with a slash":
        ({"hosts.mdb2.interface": "eth0/1"}, "hosts.mdb2.interface", ('"eth0/1"', "letters, digits")),
    "director's interface too long for the kernel":
        ({"hosts.ha1.interface": "enp0s31f6u1u2u34"}, "hosts.ha1.interface", ("1 to 15",)),
    "section without bare metal":
        ({"bare_metal.purge_data": True}, "bare_metal", ("purge_data", "no host", "provisioner: bare-metal")),
    "purge and adopt": ({**MDB2, "bare_metal": {"purge_data": True, "adopt_retained_data": True}},
        "bare_metal.purge_data", ("adopt_retained_data",)),
    "purge by a word": ({**MDB2, "bare_metal.purge_data": "always"}, "bare_metal.purge_data", ("true or false",)),
    "unknown key": ({**MDB2, "bare_metal.purge": True}, "bare_metal.purge", ("Did you mean purge_data",)),
    "root where there are VMs": ({**MDB2, "ssh.user": "root"}, "ssh.user", ("root", "Debian's images")),
    "provisioner with an underscore":
        ({"hosts.mdb2.provisioner": "bare_metal"}, "hosts.mdb2.provisioner", ("Did you mean bare-metal",)),
    "database hosts' protection by a word":
        ({"hypervisor.protect_database_hosts": "mdb2"}, "hypervisor.protect_database_hosts", ("true or false",)),
    "endless drain": ({"galera.drain_timeout": 7200}, "galera.drain_timeout", ("7200", "0 to 3600")),
    "drain by true": ({"galera.drain_timeout": True}, "galera.drain_timeout", ("true", "a number")),
    "negative drain": ({"galera.drain_timeout": -1}, "galera.drain_timeout", ("-1", "0 to 3600")),
}  # fmt: skip

LOST: dict[str, Case] = {
    **{f"arbitrator, {name}": case for name, case in ARBITRATOR_LOST.items()},
    "a VM": (_lost("mdb2"), "hosts.mdb2.lost", ("VM", "pulumi up --replace URN")),
    "two of three": (
        {**ALL_NODES, **_lost("mdb1", "mdb3")}, "hosts.mdb3.lost",
            ("mdb1 and mdb3 are lost", "1 of 3", "non-Primary", "Bring one", "docs/runbook.md"),
    ),
    "three of five": (
        {**FIVE, **metal("mdb2", "mdb3", "mdb4"), **_lost("mdb2", "mdb3", "mdb4")}, "hosts.mdb4.lost",
        ("2 of 5", "The survivors are no majority", "Bring one of"),
    ),
    "four of five": (
        {**FIVE, **metal("mdb2", "mdb3", "mdb4", "mdb5"), **_lost("mdb2", "mdb3", "mdb4", "mdb5")}, "hosts.mdb4.lost",
        ("1 of 5", "The survivor is", "Bring 2 of"),
    ),
    "three of three": ({**ALL_NODES, **_lost("mdb1", "mdb2", "mdb3")}, "hosts.mdb2.lost",
        ("none of 3", "No live host holds the data", "backup")),
    "one of two": (
        {"galera": {"members": ["mdb2", "mdb3"]}, "hosts.mdb1": GONE, **MDB2, **_lost("mdb2")}, "hosts.mdb2.lost",
            ("1 of 2", "The survivor is no majority"),
    ),
    "a lost node is no even cluster":
        ({"galera.members": ["mdb1", "mdb2"], **MDB2}, "galera.members", ("even number",)),
    "every real server": (
        {**FIVE, **metal("mdb2", "mdb3"), **_lost("mdb2", "mdb3"), "directors.real_servers": ["mdb2", "mdb3"]},
            "hosts.mdb3.lost",
        ("mdb2 and mdb3 are lost", "VIP would lead nowhere", "directors.real_servers"),
    ),
    "every director":
        ({**metal("ha1", "ha2"), **_lost("ha1", "ha2")}, "hosts.ha2.lost", ("no other director", "directors.members")),
    "address of a lost host": (
        {**MDB2, **_lost("mdb2"), "hosts.mdb3.address": "172.16.21.181"}, "hosts.mdb3.address", ("mdb2 lost first",),
    ),
    "lost by a word": ({**MDB2, "hosts.mdb2.lost": "gone"}, "hosts.mdb2.lost", ("true or false",)),
}  # fmt: skip

EXTRA_HOSTS: dict[str, Case] = {
    "a host of the stack": (_extra(MDB2="172.16.21.9"), "network.extra_hosts.MDB2", ("hosts.mdb2", "two addresses")),
    "localhost": (_extra(localhost="172.16.21.9"), "network.extra_hosts.localhost", ("itself",)),
    "localhost.localdomain": (
        _extra(**{"localhost.localdomain": "172.16.21.9"}),
        "network.extra_hosts.localhost.localdomain",
        ("itself",),
    ),
    "an underscore": (_extra(my_mirror="172.16.21.9"), "network.extra_hosts.my_mirror", ("no host name", "RFC 1123")),
    "two names in one": (_extra(**{"mirror m": "172.16.21.9"}), "network.extra_hosts.mirror m", ("no host name",)),
    "a line feed": (_extra(**{"m\nr": "172.16.21.9"}), "network.extra_hosts.m r", ("no host name",)),
    "no name": (_extra(**{"": "172.16.21.9"}), 'network.extra_hosts.""', ("no host name",)),
    "a full stop at the end": (_extra(**{"mirror.": "172.16.21.9"}), "network.extra_hosts.mirror.", ("no host name",)),
    "address for a name": (
        _extra(**{"172.16.21.9": "172.16.21.9"}),
        "network.extra_hosts.172.16.21.9",
        ("name first",),
    ),
    "names differ by case": (
        _extra(mirror="172.16.21.9", Mirror="172.16.21.8"),
        "network.extra_hosts.Mirror",
        ("mirror", "case"),
    ),
    "loopback": (_extra(mirror="127.0.0.1"), "network.extra_hosts.mirror", ("127.0.0.1", "loopback")),
    "multicast": (_extra(mirror="224.0.0.1"), "network.extra_hosts.mirror", ("224.0.0.1",)),
    "everybody": (_extra(mirror="255.255.255.255"), "network.extra_hosts.mirror", ("255.255.255.255",)),
    "broadcast": (_extra(mirror="172.16.21.255"), "network.extra_hosts.mirror", ("broadcast address", "network.cidr")),
    "IPv6": (_extra(mirror="fd00::9"), "network.extra_hosts.mirror", ("IPv6", "only IPv4")),
    "a name for a name": (_extra(mirror="mdb1"), "network.extra_hosts.mirror", ('"mdb1"', "IPv4 address")),
    "a list": ({"network.extra_hosts": ["mirror"]}, "network.extra_hosts", ("a list", "a mapping")),
}
