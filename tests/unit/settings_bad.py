"""Bad configurations: (what is changed, the key that the message names, words of the message).

One line, one mistake.
"""

from __future__ import annotations

from typing import Any

from tests.unit.settings_bad_arbitrator import ARBITRATOR
from tests.unit.settings_bad_balancing import READ_BALANCING
from tests.unit.settings_bad_drbd import DRBD
from tests.unit.settings_bad_firewall import FIREWALL
from tests.unit.settings_bad_lvs import METHODS, SCHEDULERS, TIMEOUTS
from tests.unit.settings_bad_metal import EXTRA_HOSTS, LOST, METAL
from tests.unit.settings_bad_options import OPTIONS
from tests.unit.settings_bad_pair import MASTER_MASTER
from tests.unit.settings_bad_web import WEB
from tests.unit.settings_config import GONE

Case = tuple[dict[str, Any], str, tuple[str, ...]]

V2 = {"directors.vrrp_version": 2, "timers.profile": "classic"}
READER: dict[str, Any] = {"directors.reader.vip": "172.16.21.189"}
SINGLE: dict[str, Any] = {"galera.routing": "single-writer", "directors.virtual_server": {}}

ADDRESSES: dict[str, Case] = {
    "vip outside the subnet": (
        {"directors.vip": "172.16.22.188"},
        "directors.vip",
        ("172.16.22.188", "outside", "172.16.21.0/24"),
    ),
    "vip of a host": ({"directors.vip": "172.16.21.181"}, "directors.vip", ("172.16.21.181", "mdb2")),
    "vip is the network": ({"directors.vip": "172.16.21.0"}, "directors.vip", ("network address",)),
    "vip is the broadcast": ({"directors.vip": "172.16.21.255"}, "directors.vip", ("broadcast address",)),
    "vip is the gateway": ({"directors.vip": "172.16.21.1"}, "directors.vip", ("network.gateway",)),
    "vip is no address": ({"directors.vip": "172.16.21"}, "directors.vip", ('"172.16.21"', "IPv4 address")),
    "vip is a number": ({"directors.vip": 188}, "directors.vip", ("188", "IPv4 address")),
    "vip missing": ({"directors.vip": GONE}, "directors.vip", ("missing",)),
    "vip by IPv6": ({"directors.vip": "fd00::188"}, "directors.vip", ("IPv6", "fd00::188", "only IPv4")),
    "reader outside": ({"directors.reader.vip": "10.0.0.1"}, "directors.reader.vip", ("outside",)),
    "reader is the vip": ({"directors.reader.vip": "172.16.21.188"}, "directors.reader.vip", ("directors.vip",)),
    "reader of a host": ({"directors.reader.vip": "172.16.21.201"}, "directors.reader.vip", ("ha1",)),
    "host address twice": ({"hosts.mdb3.address": "172.16.21.181"}, "hosts.mdb3.address", ("172.16.21.181", "mdb2")),
    "host outside": ({"hosts.mdb2.address": "172.16.20.181"}, "hosts.mdb2.address", ("outside", "172.16.21.0/24")),
    "host is the gateway": ({"hosts.mdb2.address": "172.16.21.1"}, "hosts.mdb2.address", ("network.gateway",)),
    "host is the broadcast": ({"hosts.mdb2.address": "172.16.21.255"}, "hosts.mdb2.address", ("broadcast",)),
    "host by IPv6": ({"hosts.mdb2.address": "fe80::1"}, "hosts.mdb2.address", ("IPv6",)),
    "host address missing": ({"hosts.mdb2.address": GONE}, "hosts.mdb2.address", ("missing",)),
    "subnet with host bits": (
        {"network.cidr": "172.16.21.1/24"},
        "network.cidr",
        ("172.16.21.1/24", "Write 172.16.21.0/24"),
    ),
    "subnet by IPv6": ({"network.cidr": "fd00::/64"}, "network.cidr", ("IPv6 subnet",)),
    "subnet too small": ({"network.cidr": "172.16.21.184/29"}, "network.cidr", ("6 usable", "7")),
    "subnet is a word": ({"network.cidr": "lan"}, "network.cidr", ('"lan"',)),
    "gateway outside": ({"network.gateway": "172.16.22.1"}, "network.gateway", ("outside",)),
    "gateway is the network": ({"network.gateway": "172.16.21.0"}, "network.gateway", ("network address",)),
    "no gateway, no bridge": ({"network.gateway": GONE}, "network.gateway", ("missing", "network.bridge")),
    "dns twice": ({"network.dns": ["9.9.9.9", "9.9.9.9"]}, "network.dns", ("9.9.9.9", "twice")),
    "dns is multicast": ({"network.dns": ["224.0.0.1"]}, "network.dns[0]", ("224.0.0.1",)),
    "ntp by IPv6": ({"network.ntp": ["fd00::1"]}, "network.ntp[0]", ("IPv6",)),
    "ntp with a blank": ({"network.ntp": ["ntp one"]}, "network.ntp[0]", ('"ntp one"',)),
    "interface is lo": ({"network.interface": "lo"}, "network.interface", ("lo",)),
    "interface too long for the kernel": (
        {"network.interface": "enp0s31f6u1u2u34"},
        "network.interface",
        ("1 to 15",),
    ),
    "interface with a slash": ({"network.interface": "eth0/1"}, "network.interface", ('"eth0/1"', "letters, digits")),
}

HOSTS: dict[str, Case] = {
    "mac twice": (
        {"hosts.ha1.mac": "52:54:00:00:00:01", "hosts.ha2.mac": "52:54:00:00:00:01"},
        "hosts.ha2.mac",
        ("52:54:00:00:00:01", "ha1"),
    ),
    "mac is multicast": ({"hosts.ha1.mac": "53:54:00:00:00:01"}, "hosts.ha1.mac", ("multicast",)),
    "mac in capitals": ({"hosts.ha1.mac": "52:54:00:AA:BB:CC"}, "hosts.ha1.mac", ("lower-case",)),
    "mac is zero": ({"hosts.ha1.mac": "00:00:00:00:00:00"}, "hosts.ha1.mac", ("no address",)),
    "mac read as a number": ({"hosts.ha1.mac": 40973523296}, "hosts.ha1.mac", ("quotes",)),
    "name with an underscore": (
        {"hosts.mdb_4": {"address": "172.16.21.183"}},
        "hosts.mdb_4",
        ("no host name", "RFC 1123"),
    ),
    "name is a number": ({"hosts.4": {"address": "172.16.21.183"}}, "hosts.4", ("number",)),
    "name is localhost": ({"hosts.localhost": {"address": "172.16.21.183"}}, "hosts.localhost", ("themselves",)),
    "names differ by case": ({"hosts.MDB3": {"address": "172.16.21.183"}}, "hosts.MDB3", ("mdb3", "case")),
    "host without a role": ({"hosts.spare": {"address": "172.16.21.183"}}, "hosts.spare", ("no role",)),
    "unknown key of a host": (
        {"hosts.ha1.adress": "172.16.21.9"},
        "hosts.ha1.adress",
        ("not a known key", "Did you mean address"),
    ),
    "unknown provisioner": ({"hosts.ha1.provisioner": "vmware"}, "hosts.ha1.provisioner", ('"vmware"', "libvirt")),
    "no cpu": ({"hosts.ha1.vcpus": 0}, "hosts.ha1.vcpus", ("0", "1 to 256")),
    "cpu by true": ({"hosts.ha1.vcpus": True}, "hosts.ha1.vcpus", ("true", "whole number")),
    "half a GiB of disk": ({"hosts.ha1.root_disk_gib": 3.5}, "hosts.ha1.root_disk_gib", ("3.5", "whole number")),
    "no hosts": ({"hosts": {}}, "hosts", ("no entries",)),
    "hosts by a list": ({"hosts": ["ha1", "ha2"]}, "hosts", ("a list", "a mapping")),
    "hosts missing": ({"hosts": GONE}, "hosts", ("missing",)),
    "memory too small": ({"hosts.mdb2.memory_mib": 512}, "hosts.mdb2.memory_mib", ("512 MiB", "712")),
    "redo log fills the disk": (
        {"galera.innodb_log_file_size_mib": 3000},
        "hosts.mdb1.data_disk_gib",
        ("3000", "12 or more"),
    ),
    "gcache fills the disk": ({"galera.gcache_size_mib": 6000}, "hosts.mdb1.data_disk_gib", ("6000", "12 or more")),
}

ROLES: dict[str, Case] = {
    "director of no host": (
        {"directors.members.ha3": {"priority": 98}},
        "directors.members.ha3",
        ("no host ha3", "Did you mean ha"),
    ),
    "node of no host": ({"galera.members": ["mdb1", "mdb2", "mdb4"]}, "galera.members[2]", ("no host mdb4",)),
    "director is a node": (
        {"directors.members.mdb2": {"priority": 98}},
        "directors.members.mdb2",
        ("Galera node", "loop"),
    ),
    "one director": ({"directors.members.ha2": GONE}, "directors.members", ("1 entry", "2 or more")),
    "directors without nodes": ({"galera": GONE}, "galera or master_master", ("missing", "lead nowhere")),
    "two voters": ({"galera.members": ["mdb1", "mdb2"]}, "galera.members", ("even number", "arbitrator", "3 nodes")),
    "four voters": (
        {"galera.members": ["mdb1", "mdb2", "mdb3", "mdb4"], "hosts.mdb4": {"address": "172.16.21.183"}},
        "galera.members",
        ("4 nodes", "even number", "5 nodes"),
    ),
    "one node": ({"galera.members": ["mdb1"], "galera.reference_node": GONE}, "galera.members", ("no cluster",)),
    "no node": ({"galera.members": []}, "galera.members", ("no entries",)),
    "node twice": ({"galera.members": ["mdb1", "mdb2", "mdb3", "mdb2"]}, "galera.members[3]", ("mdb2", "twice")),
    "reference node of no cluster": (
        {"galera.reference_node": "ha1"},
        "galera.reference_node",
        ("ha1", "galera.members"),
    ),
    "discarded node of no cluster": (
        {"galera.discard_data_of": ["mdb2", "ha1"]},
        "galera.discard_data_of[1]",
        ("ha1", "galera.members"),
    ),
    "all nodes discarded": (
        {"galera.discard_data_of": ["mdb3", "mdb1", "mdb2"]},
        "galera.discard_data_of",
        ("all members", "whose data is right"),
    ),
    "reference node in LVS": (
        {"directors.real_servers": ["mdb1", "mdb2"]},
        "directors.real_servers[0]",
        ("mdb1", "galera.reference_node"),
    ),
    "reference node alone": ({"galera.members": ["mdb1"]}, "galera.reference_node", ("no real server",)),
    "real server of no cluster": (
        {"directors.real_servers": ["mdb2", "ha1"]},
        "directors.real_servers[1]",
        ("ha1", "galera.members"),
    ),
    "real server twice": (
        {"directors.real_servers": ["mdb2", "mdb3", "mdb2"]},
        "directors.real_servers[2]",
        ("twice",),
    ),
    "no real server": ({"directors.real_servers": []}, "directors.real_servers", ("lead nowhere",)),
    "one real server": ({"directors.real_servers": ["mdb2"]}, "directors.real_servers", ("one real server",)),
    "cluster name with blanks": (
        {"galera.cluster_name": "my cluster"},
        "galera.cluster_name",
        ('"my cluster"', "letters, digits"),
    ),
    "unknown routing": ({"galera.routing": "multi-writer"}, "galera.routing", ("multi-writer", "single-writer")),
    "unknown state transfer": (
        {"galera.wsrep_sst_method": "xtrabackup"},
        "galera.wsrep_sst_method",
        ("xtrabackup", "mariabackup"),
    ),
    "durability 3": (
        {"galera.innodb_flush_log_at_trx_commit": 3},
        "galera.innodb_flush_log_at_trx_commit",
        ("0, 1, 2",),
    ),
    "agent on MariaDB's port": ({"galera.agent_port": 3306}, "galera.agent_port", ("3306", "galera.port")),
    "agent on sshd's port": ({"galera.agent_port": 22}, "galera.agent_port", ("ssh.port",)),
    "MariaDB on Galera's port": (
        {"galera.port": 4567, "directors.virtual_server.port": 4567},
        "galera.port",
        ("4567", "group communication"),
    ),
    "sshd on SST's port": ({"ssh.port": 4444}, "ssh.port", ("4444", "SST")),
    "port 0": ({"galera.port": 0}, "galera.port", ("0", "1 to 65535")),
}

VRRP: dict[str, Case] = {
    "priorities equal": ({"directors.members.ha2.priority": 100}, "directors.members.ha2.priority", ("100", "ha1")),
    "priority 255": ({"directors.members.ha1.priority": 255}, "directors.members.ha1.priority", ("255", "1 to 254")),
    "priority missing": ({"directors.members.ha1": {}}, "directors.members.ha1.priority", ("missing",)),
    "router id 300": ({"directors.virtual_router_id": 300}, "directors.virtual_router_id", ("300", "1 to 255")),
    "router id is a word":
        ({"directors.virtual_router_id": "x51"}, "directors.virtual_router_id", ('"x51"', "whole number")),
    "router ids equal": ({"directors.members.ha2.router_id": "ha1"}, "directors.members.ha2.router_id", ("ha1",)),
    "router id with a blank":
        ({"directors.members.ha2.router_id": "ha 2"}, "directors.members.ha2.router_id", ("letters, digits",)),
    "version 1": ({"directors.vrrp_version": 1}, "directors.vrrp_version", ("2, 3",)),
    "authentication under 3": ({"directors.authentication": {"auth_type": "PASS"}}, "directors.authentication",
        ("version 3", "vrrp_version")),
    "auth_pass too long": ({**V2, "directors.authentication": {"auth_pass": "ninechars"}},
        "directors.authentication.auth_pass", ("9 characters", "8")),
    "auth_pass with a blank": ({**V2, "directors.authentication": {"auth_pass": "a b"}},
        "directors.authentication.auth_pass", ("keepalived.conf",)),
    "auth_type AH":
        ({**V2, "directors.authentication": {"auth_type": "AH"}}, "directors.authentication.auth_type", ("PASS",)),
    "advert fraction under 2":
        ({"directors.vrrp_version": 2, "timers.advert_int": 0.5}, "timers.advert_int", ("0.5", "vrrp_version")),
    "lan profile under 2": ({"directors.vrrp_version": 2}, "timers.profile", ("0.3", "vrrp_version")),
    "delay without preempt":
        ({"directors.preempt": False, "directors.preempt_delay": 30}, "directors.preempt_delay", ("30", "preempt")),
    "preempt by a word": ({"directors.preempt": "sometimes"}, "directors.preempt", ("true or false",)),
    "e-mail without a domain": (
        {"directors.notification": {"notification_email": ["dba"]}}, "directors.notification.notification_email[0]",
            ('"dba"',),
    ),
    "nobody to mail to": ({"directors.notification": {"notification_email": []}},
        "directors.notification.notification_email", ("no entries",)),
    "sender is no address": (
        {"directors.notification": {"notification_email": ["a@b.c"], "notification_email_from": "x y"}},
        "directors.notification.notification_email_from", ("x y",),
    ),
    "relay with a bad port": (
        {"directors.notification": {"notification_email": ["a@b.c"], "smtp_server": "mail 99999"}},
            "directors.notification.smtp_server", ("mail 99999",),
    ),
}  # fmt: skip

LVS: dict[str, Case] = {
    "unknown scheduler": ({"directors.virtual_server.lb_algo": "wrrr"}, "directors.virtual_server.lb_algo",
        ("wrrr", "Did you mean wrr")),
    "unknown forwarding":
        ({"directors.virtual_server.lb_kind": "dr"}, "directors.virtual_server.lb_kind", ("dr", "Did you mean DR")),
    "NAT without a route": ({"directors.virtual_server.lb_kind": "NAT"}, "directors.inner_vip", ("NAT", "no route")),
    "TUN with a route": (
        {"directors.virtual_server.lb_kind": "TUN", "directors.inner_vip": "172.16.21.187"}, "directors.inner_vip",
        ("TUN", "directly")),
    "port not kept":
        ({"directors.virtual_server.port": 3307}, "directors.virtual_server.port", ("3307", "galera.port 3306")),
    "reader's port not kept": ({**READER, "directors.reader.virtual_server": {"port": 3307}},
        "directors.reader.virtual_server.port", ("3307",)),
    "single writer by rr": ({**SINGLE, "directors.virtual_server": {"lb_algo": "rr"}},
        "directors.virtual_server.lb_algo", ("rr", "single-writer")),
    "all nodes by fo":
        ({"directors.virtual_server": {"lb_algo": "fo"}}, "directors.virtual_server.lb_algo", ("fo", "one server")),
    "all nodes by ovf":
        ({"directors.virtual_server": {"lb_algo": "ovf"}}, "directors.virtual_server.lb_algo", ("ovf", "weights")),
    "all nodes by dh":
        ({"directors.virtual_server": {"lb_algo": "dh"}}, "directors.virtual_server.lb_algo", ("destination",)),
    "reader by fo": ({**READER, "directors.reader.virtual_server": {"lb_algo": "fo"}},
        "directors.reader.virtual_server.lb_algo", ("fo",)),
    "persistence with a single writer": (
        {"galera.routing": "single-writer", "directors.virtual_server.lb_algo": "fo"},
            "directors.virtual_server.persistence_timeout", ("50", "old one"),
    ),
    "persistence with mh":
        ({"directors.virtual_server.lb_algo": "mh"}, "directors.virtual_server.persistence_timeout", ("mh",)),
    "negative persistence": ({"directors.virtual_server.persistence_timeout": -1},
        "directors.virtual_server.persistence_timeout", ("-1", "0 or more")),
    "unknown check":
        ({"directors.virtual_server.check": "mysql"}, "directors.virtual_server.check", ("mysql", "agent, tcp")),
}  # fmt: skip

TIMERS: dict[str, Case] = {
    "unknown profile": ({"timers.profile": "fast"}, "timers.profile", ("fast", "classic, lan, wan")),
    "keepalive against suspect": (
        {"timers.keepalive_period": 1},
        "timers.keepalive_period",
        ("1 s", "suspect_timeout 2 s", "third"),
    ),
    "suspect against the profile": (
        {"timers.suspect_timeout": 0.9},
        "timers.suspect_timeout",
        ("keepalive_period 0.5 s", "0.9"),
    ),
    "check against suspect": (
        {"timers.inactive_check_period": 1.5},
        "timers.inactive_check_period",
        ("half", "suspect_timeout"),
    ),
    "suspect beyond inactive": ({"timers.suspect_timeout": 7}, "timers.suspect_timeout", ("inactive_timeout 6 s",)),
    "install beyond inactive": ({"timers.install_timeout": 9}, "timers.install_timeout", ("inactive_timeout 6 s",)),
    "join beyond install": ({"timers.join_retrans_period": 5}, "timers.join_retrans_period", ("install_timeout 4 s",)),
    "connect beyond delay_loop": ({"timers.connect_timeout": 3}, "timers.connect_timeout", ("delay_loop 1 s",)),
    "advert between hundredths": ({"timers.advert_int": 0.125}, "timers.advert_int", ("0.125", "0.01")),
    "advert 0": ({"timers.advert_int": 0}, "timers.advert_int", ("0", "0.01 to 40.95")),
    "endless suspect": ({"timers.suspect_timeout": float("inf")}, "timers.suspect_timeout", ("inf", "a number")),
    "nervous check": ({"timers.delay_loop": 0.01, "timers.connect_timeout": 0.01}, "timers.delay_loop", ("0.1",)),
    "retry -1": ({"timers.retry": -1}, "timers.retry", ("-1",)),
    "sleepy": ({"timers.inactive_timeout": 86400}, "timers.inactive_timeout", ("hour",)),
}

DRILLS: dict[str, Case] = {
    "drills by true": ({"drills": True}, "drills", ("refused, allowed",)),
    "drills by another word": ({"drills": "allow"}, "drills", ('"allow"', "Did you mean allowed")),
}

DATABASES: dict[str, Case] = {
    "mysql": ({"databases.mysql": {}}, "databases.mysql", ("reserved",)),
    "Sys": ({"databases.Sys": {}}, "databases.Sys", ("reserved",)),
    "the drills'": ({"databases.hactl_drill_x": {}}, "databases.hactl_drill_x", ("reserved", "drills")),
    "name with a slash": ({"databases.my/app": {}}, "databases.my/app", ("no database name",)),
    "name that a command would take for an option":
        ({"databases.-app": {}}, "databases.-app", ("no database name", "not - first")),
    "the stack's own": ({"databases.mariadb_ha": {}}, "databases.mariadb_ha", ("reserved", "remembers")),
    "password of digits": ({"databases.app.accounts.app.password": 123456789012},
        "databases.app.accounts.app.password", ("in quotes", "digits")),
    "name too long": ({f"databases.{'a' * 65}": {}}, f"databases.{'a' * 65}", ("at most 64",)),
    "unknown character set":
        ({"databases.app.character_set": "utf8mb5"}, "databases.app.character_set", ("utf8mb5", "Did you mean utf8mb")),
    "root": ({"databases.app.accounts.root": {}}, "databases.app.accounts.root", ("reserved",)),
    "the SST account":
        ({"databases.app.accounts.mariadb_ha_sst": {}}, "databases.app.accounts.mariadb_ha_sst", ("reserved", "SST")),
    "account with a blank": ({"databases.app.accounts.a b": {}}, "databases.app.accounts.a b", ("no account name",)),
    "no privileges":
        ({"databases.app.accounts.app.privileges": []}, "databases.app.accounts.app.privileges", ("no entries",)),
    "unknown privilege": ({"databases.app.accounts.app.privileges": ["SELCT"]},
        "databases.app.accounts.app.privileges[0]", ("SELCT", "SELECT")),
    "SUPER": ({"databases.app.accounts.app.privileges": ["SELECT", "super"]},
        "databases.app.accounts.app.privileges[1]", ("SUPER", "read-only")),
    "GRANT OPTION": ({"databases.app.accounts.app.privileges": ["GRANT OPTION"]},
        "databases.app.accounts.app.privileges[0]", ("GRANT OPTION",)),
    "rights beside a purpose": (
        {"databases.app.accounts.watch": {"purpose": "monitoring", "privileges": ["SELECT"]}},
        "databases.app.accounts.watch.privileges", ("monitoring", "purpose")),
    "two purposes": (
        {"databases.app.accounts.app": {"purpose": "backup"}, "databases.other": {"accounts": {"app": {}}}},
        "databases.other.accounts.app.purpose", ("backup", "another account name")),
    "unknown purpose": ({"databases.app.accounts.app.purpose": "monitor"},
        "databases.app.accounts.app.purpose", ("monitor",)),
    "ALL and more": ({"databases.app.accounts.app.privileges": ["ALL", "SELECT"]},
        "databases.app.accounts.app.privileges", ("alone",)),
    "host by name": ({"databases.app.accounts.app.host": "web1.example.org"}, "databases.app.accounts.app.host",
        ("skip_name_resolve",)),
    "host by prefix length":
        ({"databases.app.accounts.app.host": "172.16.21.0/24"}, "databases.app.accounts.app.host", ("255.255.255.0",)),
    "host by IPv6": ({"databases.app.accounts.app.host": "fd00::1"}, "databases.app.accounts.app.host", ("IPv6",)),
    "host beyond 255":
        ({"databases.app.accounts.app.host": "172.16.21.300"}, "databases.app.accounts.app.host", ("172.16.21.300",)),
    "password too short": ({"databases.app.accounts.app.password": "hunter2"}, "databases.app.accounts.app.password",
        ("7 characters", "12")),
    "password by number":
        ({"databases.app.accounts.app.password": 123456789012}, "databases.app.accounts.app.password", ("not text",)),
    "one account, two passwords": (
        {"databases.shop": {"accounts": {"app": {"password": "long-enough-for-all"}}}},
            "databases.shop.accounts.app.password", ("databases.app.accounts.app",),
    ),
    "one account, two hosts":
        ({"databases.shop": {"accounts": {"app": {"host": "10.%"}}}}, "databases.shop.accounts.app.host", ('"10.%"',)),
}  # fmt: skip

REST: dict[str, Case] = {
    "no secret": (
        {"stack_secret": GONE},
        "stack_secret",
        ("missing", "pulumi config set --secret mariadb-ha:stack_secret"),
    ),
    "two secrets": ({"stack_secret_file": ".state/x"}, "stack_secret", ("both",)),
    "short secret": ({"stack_secret": "abcDEF123!"}, "stack_secret", ("10 characters", "32")),
    "secret of one letter": ({"stack_secret": "a" * 40}, "stack_secret", ("1 different", "random")),
    "absolute secret file": (
        {"stack_secret": GONE, "stack_secret_file": "/etc/secret"},
        "stack_secret_file",
        ("/etc/secret", "relative"),
    ),
    "unknown purpose": (
        {"secret_generations.root-pasword": 2},
        "secret_generations.root-pasword",
        ("Did you mean root-password",),
    ),
    "generation 0": ({"secret_generations.root-password": 0}, "secret_generations.root-password", ("0", "less than 1")),
    "uri without a path": ({"hypervisor.uri": "qemu+ssh://kvm1"}, "hypervisor.uri", ("/system",)),
    "uri of a session": ({"hypervisor.uri": "qemu:///session"}, "hypervisor.uri", ("session",)),
    "uri of another driver": ({"hypervisor.uri": "xen:///system"}, "hypervisor.uri", ("xen", "qemu")),
    "uri with a typo": ({"hypervisor.uri": "qemu+shh://kvm1/system"}, "hypervisor.uri", ("shh",)),
    "uri with a password": ({"hypervisor.uri": "qemu+ssh://me:geheim@kvm1/system"}, "hypervisor.uri", ("password",)),
    "uri is a path": ({"hypervisor.uri": "/var/run/libvirt/libvirt-sock"}, "hypervisor.uri", ("no libvirt URI",)),
    "no such socket": (
        {"hypervisor.uri": "qemu+unix:///system?socket=/nonexistent/sock"},
        "hypervisor.uri",
        ("/nonexistent/sock", "does not answer"),
    ),
    "nobody listens": (
        {"hypervisor.uri": "qemu+tcp://127.0.0.1:1/system"},
        "hypervisor.uri",
        ("does not answer", "refused"),
    ),
    "no such image": ({"hypervisor.image": "no/such.qcow2"}, "hypervisor.image", ("no file", "no/such.qcow2")),
    "unknown domain type": ({"hypervisor.domain_type": "kmv"}, "hypervisor.domain_type", ("Did you mean kvm",)),
    "pool twice": (
        {"hypervisor.pool": "default", "hypervisor.pool_path": "/srv/x"},
        "hypervisor.pool_path",
        ("default",),
    ),
    "relative pool path": ({"hypervisor.pool_path": "pool"}, "hypervisor.pool_path", ("absolute",)),
    "protect by a number": (
        {"hypervisor.protect_data_volumes": 7},
        "hypervisor.protect_data_volumes",
        ("true or false",),
    ),
    "ssh as root": ({"ssh.user": "root"}, "ssh.user", ("root",)),
    "a private key": (
        {"ssh.authorized_keys": ["-----BEGIN OPENSSH PRIVATE KEY-----"]},
        "ssh.authorized_keys[0]",
        ("private key",),
    ),
    "half a key": ({"ssh.authorized_keys": ["ssh-ed25519"]}, "ssh.authorized_keys[0]", ("one line",)),
    "key of another type": (
        {"ssh.authorized_keys": ["ssh-dss AAAAB3NzaC1kc3M= x"]},
        "ssh.authorized_keys[0]",
        ("ssh-dss",),
    ),
    "key that is cut": (
        {"ssh.authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1 x"]},
        "ssh.authorized_keys[0]",
        ("no such key",),
    ),
    "admin subnet with host bits": ({"ssh.admin_cidrs": ["172.16.21.7/24"]}, "ssh.admin_cidrs[0]", ("172.16.21.0/24",)),
    "admin by IPv6": ({"ssh.admin_cidrs": ["::/0"]}, "ssh.admin_cidrs[0]", ("IPv6",)),
    "admin is a word": ({"ssh.admin_cidrs": ["everywhere"]}, "ssh.admin_cidrs[0]", ("everywhere",)),
    "no admin": ({"ssh.admin_cidrs": []}, "ssh.admin_cidrs", ("empty",)),
    "unknown section": ({"galeria": {}}, "galeria", ("not a known key", "Did you mean galera")),
    "section is no JSON": ({"galera": "{members: "}, "galera", ("no JSON", "--path")),
    "section is text": ({"directors": '"172.16.21.188"'}, "directors", ("text", "a mapping")),
}

BAD: dict[str, Case] = {
    f"{theme}: {name}": case
    for theme, cases in {
        "addresses": ADDRESSES, "hosts": HOSTS, "roles": ROLES, "vrrp": VRRP, "lvs": LVS, "timers": TIMERS,
            "databases": DATABASES, "drills": DRILLS, "rest": REST,
        "bare metal": METAL,
        "lost": LOST,
        "extra hosts": EXTRA_HOSTS,
        "master-master": MASTER_MASTER,
        "arbitrator": ARBITRATOR,
        "web": WEB,
        "firewall": FIREWALL,
        "options": OPTIONS,
        "methods": METHODS,
        "schedulers": SCHEDULERS,
        "silent sessions": TIMEOUTS,
        "read balancing": READ_BALANCING,
        "drbd": DRBD,
    }.items()
    for name, case in cases.items()
}  # fmt: skip
