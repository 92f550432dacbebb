"""Every rendered file is accepted by the program that reads it: in the guest image's own root directory, on an overlay,
offline.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cloudinit.seed import make_seed
from plan import make_plan
from plan.context import Context
from plan.model import HostPlan
from plan.render import LIB
from tests.conftest import make_context
from tests.image_root import image_root, inside
from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported

VARIANTS: dict[str, dict[str, Any]] = {
    "dev": {},
    "single-writer": {"galera": {"routing": "single-writer"}, "directors": {"virtual_server": {}}},
    "reader": {"directors": {"reader": {"vip": "172.16.21.189"}}},
    "single-writer-reader": {
        "galera": {"routing": "single-writer"},
        "directors": {"virtual_server": {}, "reader": {"vip": "172.16.21.189"}},
    },
    "version-2-unicast": {
        "timers": {"profile": "classic"},
        "directors": {"vrrp_version": 2, "authentication": {"auth_type": "PASS"}},
    },
    "at-once": {"directors": {"preempt_delay": 0}},
    "seed-values": {
        "timers": {"profile": "classic"},
        "directors": {
            "vrrp_version": 2,
            "unicast": False,
            "authentication": {"auth_type": "PASS"},
            "virtual_server": {"check": "tcp"},
        },
    },
    "mh": {
        "directors": {
            "virtual_server": {"lb_algo": "mh"},
            "preempt": False,
            "preempt_delay": 0,
            "lvs_sync_daemon": False,
        }
    },
    "e-mail": {
        "directors": {"notification": {"notification_email": ["dba@example.org"], "smtp_server": "127.0.0.1 2525"}}
    },
    "options": {
        "galera": {
            "server_options": {"sql_mode": "ANSI,TRADITIONAL", "slow-query-log": True, "long_query_time": 0.5},
            "wsrep_provider_options": {"gcs.fc_limit": 64, "socket.checksum": 2},
        }
    },
    "wan": {"timers": {"profile": "wan"}, "network": {"ntp": []}, "galera": {"wsrep_sst_method": "rsync"}},
}


@pytest.fixture
def desk_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for `/` to the servers' programs."""
    monkeypatch.setenv("MHA_ROOT", str(tmp_path / "desk"))
    return tmp_path / "desk"


def hosts(variant: str) -> tuple[HostPlan, HostPlan]:
    """A director and a real server of a variant."""
    plan = make_plan(make_context(VARIANTS[variant]))
    return plan.hosts["ha1"], plan.hosts["mdb2"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_keepalived(variant: str, tmp_path: Path) -> None:
    interface = "ip link add eth0 type veth peer name far && ip link set eth0 up"
    done = inside(tmp_path, hosts(variant)[0], f"{interface} && keepalived -t -f /etc/keepalived/keepalived.conf")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ignoring" not in (done.stdout + done.stderr).lower(), done.stderr


@pytest.mark.parametrize(("name", "labelled"), [("enp74e8468.66", True), ("enp74e8468.661", False)])
def test_a_vip_has_a_label_where_the_kernel_can_hold_it(name: str, labelled: bool, tmp_path: Path) -> None:
    """A label is at most 15 characters long; a VIP without one serves as well."""
    plan = make_plan(make_context({"network": {"interface": name}}))
    interface = f"ip link add {name} type veth peer name far && ip link set {name} up"
    check = f"{interface} && keepalived -t -f /etc/keepalived/keepalived.conf"
    done = inside(tmp_path, plan.hosts["ha1"], check)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ignoring" not in (done.stdout + done.stderr).lower(), done.stderr
    text = next(file.content for file in plan.hosts["ha1"].files if file.path.endswith("50-vrrp-directors.conf"))
    assert f"172.16.21.188/24 dev {name}{f' label {name}:0' if labelled else ''}\n" in text


def test_unattended_upgrades_read_what_they_leave_alone(tmp_path: Path) -> None:
    for host in hosts("dev"):
        done = inside(tmp_path / host.name, host, "apt-config dump Unattended-Upgrade::Package-Blacklist")
        assert done.returncode == 0, done.stderr
        assert ("keepalived$" in done.stdout) == (host.name == "ha1")
        assert ("mariadb-" in done.stdout) == (host.name == "mdb2")


@pytest.mark.parametrize("variant", VARIANTS)
def test_directors_keep_the_sessions_of_a_node_that_drains(variant: str) -> None:
    """Every real server has its weight asked for, and, where the agent judges, its place: two files, and nothing of
    keepalived's own that would remove all of them at once.
    """
    text = next(file.content for file in hosts(variant)[0].files if file.path.endswith("60-lvs-directors.conf"))
    blind = "TCP_CHECK {" in text
    assert text.count("FILE_CHECK {") == text.count("real_server 172.") * (1 if blind else 2) > 0
    assert "HTTP_GET" not in text
    for block in text.split("real_server ")[1:]:
        weights = [weight for weight in re.findall(r"^ +weight (\d+)$", block, re.MULTILINE) if weight != "0"]
        assert len(weights) == 2
        assert weights[0] == weights[1], "-1 in the file takes exactly the weight away"
    named = set(re.findall(r"^            track_file (\S+)", text, re.MULTILINE))
    assert named == {"mdb2", "mdb3"} | (set() if blind else {"out:mdb2", "out:mdb3"})
    for folder in ("servers", "out"):
        files = set(re.findall(rf'^    file "/run/mariadb-ha/{folder}/(\S+)"', text, re.MULTILINE))
        assert files == {"mdb2", "mdb3"}, folder
    assert text.count("    weight 0\n}") == 2, "of these any value but 0 is a failure, whatever FILE_CHECK says"
    dropin = next(
        file.content for file in hosts(variant)[0].files if file.path.endswith("keepalived.service.d/mariadb-ha.conf")
    )
    assert "for name in mdb2 mdb3; do" in dropin, "nobody has a place at a boot before its first word"
    env = next(file.content for file in hosts(variant)[0].files if file.path.endswith("director.env"))
    assert 'SERVERS="mdb2=172.16.21.181 mdb3=172.16.21.182"' in env
    assert "misc_path" not in text, "no process is started per server and second"


@pytest.mark.parametrize(("variant", "wanted"), [("dev", "yes"), ("mh", "no")])
def test_directors_share_connections_without_keepalived(variant: str, wanted: str) -> None:
    """keepalived hangs when it stops a sync daemon that has not run yet (docs/decisions/0011)."""
    texts = {file.path: file.content for file in hosts(variant)[0].files}
    assert not [
        path for path, text in texts.items() if path.startswith("/etc/keepalived/") and "lvs_sync_daemon" in text
    ]
    lines = texts["/etc/mariadb-ha/ipvs-sync.env"].replace('"', "").splitlines()
    assert {f"LVS_SYNC_DAEMON={wanted}", "INTERFACE=eth0", "SYNC_ID=51"} <= set(lines)


def test_a_director_that_is_left_alone(context: Context, tmp_path: Path) -> None:
    lost = {
        "address": "172.16.21.202",
        "provisioner": "bare-metal",
        "lost": True,
        "ssh_host_key": context.secrets.ssh_key("ssh-host-key", "ha2").public,
    }
    plan = make_plan(make_context({"hosts": {"ha2": lost}}))
    interface = "ip link add eth0 type veth peer name far && ip link set eth0 up"
    done = inside(tmp_path, plan.hosts["ha1"], f"{interface} && keepalived -t -f /etc/keepalived/keepalived.conf")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_start_of_mariadb_writes_down_what_it_reads(tmp_path: Path, desk_root: Path) -> None:
    """The drop-in's own command, in the guest's root directory; galera-roll understands it."""
    node = hosts("dev")[1]
    dropin = next(file.content for file in node.files if file.path.endswith("mariadb.service.d/mariadb-ha.conf"))
    command = next(line for line in dropin.splitlines() if "mariadb.sha256" in line).split("'")[1]
    done = inside(tmp_path, node, f"{command} && cat /run/mariadb-ha/mariadb.sha256")
    assert done.returncode == 0, done.stderr
    texts = {file.path: file.content for file in node.files if file.path.startswith("/etc/mysql/")}
    for path, text in {**texts, "/run/mariadb-ha/mariadb.sha256": done.stdout}.items():
        target = desk_root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    from server_in_force import in_force

    assert len(done.stdout.splitlines()) == 3
    assert in_force()
    (desk_root / "etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf").write_text("changed\n")
    assert not in_force()


@pytest.mark.parametrize("variant", VARIANTS)
def test_nftables(variant: str, tmp_path: Path) -> None:
    for index, host in enumerate(hosts(variant)):
        (tmp_path / str(index)).mkdir()
        done = inside(tmp_path / str(index), host, "nft -c -f /etc/nftables.conf")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("variant", VARIANTS)
def test_mariadbd(variant: str, tmp_path: Path) -> None:
    done = inside(tmp_path, hosts(variant)[1], "mariadbd --help --verbose --user=mysql")
    assert done.returncode == 0, done.stderr
    assert "unknown variable" not in done.stderr
    shown = {parts[0]: parts[1] for line in done.stdout.splitlines() if len(parts := line.split(maxsplit=1)) == 2}
    assert shown["wsrep-cluster-address"] == "gcomm://172.16.21.180,172.16.21.181,172.16.21.182"
    assert shown["innodb-flush-log-at-trx-commit"] == "1"
    assert shown["bind-address"] == "0.0.0.0"  # noqa: S104


JUDGE = f"{LIB}/accepts-mariadbd-provider"


@pytest.mark.parametrize("variant", ["dev", "options", "single-writer", "wan"])
def test_galeras_provider_takes_its_options(variant: str, tmp_path: Path) -> None:
    done = inside(tmp_path, hosts(variant)[1], f"{JUDGE} && ls /tmp /var/lib/mysql")
    assert done.returncode == 0, done.stderr
    assert "mariadb-ha-provider" not in done.stdout, "its folder is left"
    assert "galera.cache" not in done.stdout, "the server's own state was touched"


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("gcs.fc_limt", 64, "gcs.fc_limt"),
        ("gcs.fc_limit", "many", "gcs.fc_limit"),
        ("gcs.fc_factor", 7, "out of range"),
        ("socket.ssl_key", "/etc/shadow", "socket.ssl"),
    ],
)
def test_galeras_provider_refuses_what_the_server_would_not_start_with(
    option: str, value: str | int, words: str, tmp_path: Path
) -> None:
    host = make_plan(make_context({"galera": {"wsrep_provider_options": {option: value}}})).hosts["mdb2"]
    assert inside(tmp_path / "server", host, "mariadbd --help --verbose --user=mysql").returncode == 0, "it cannot tell"
    done = inside(tmp_path / "provider", host, JUDGE)
    assert done.returncode == 1, done.stderr
    assert "Galera's provider refuses them" in done.stderr
    assert words in done.stderr


def test_units(tmp_path: Path) -> None:
    for index, host in enumerate(hosts("dev")):
        (tmp_path / str(index)).mkdir()
        units = " ".join(
            file.path
            for file in host.files
            if file.path.startswith("/etc/systemd/system/") and file.path.endswith(".service")
        )
        services = f"{units} keepalived.service mariadb.service nftables.service"
        done = inside(tmp_path / str(index), host, f"systemd-analyze verify --man=no --recursive-errors=no {services}")
        ours = [line for line in done.stderr.splitlines() if "mariadb-ha" in line]
        assert not ours, done.stderr
        assert done.returncode == 0, done.stderr


def test_chrony(tmp_path: Path) -> None:
    done = inside(tmp_path, hosts("dev")[0], "chronyd -p -f /etc/chrony/chrony.conf && cat /etc/chrony/sources.d/*")
    assert done.returncode == 0, done.stderr
    assert "server 172.16.21.1 iburst" in done.stdout


def seed(context: Context, host: str) -> tuple[str, str]:
    """User-data and network-config of a host."""
    key = context.secrets.ssh_key("ssh-host-key", host)
    made = make_seed(
        make_plan(context).hosts[host],
        stack="dev",
        network=context.settings.network,
        ssh=context.settings.ssh,
        authorized_keys=(context.secrets.ssh_key("admin-ssh-key").public,),
        host_key_private=key.private,
        host_key_public=key.public,
    )
    return made.user_data, made.network_config


def test_cloud_init_schema(context: Context, tmp_path: Path) -> None:
    user_data, network_config = seed(context, "mdb1")
    host = make_plan(context).hosts["mdb1"]
    done = inside(
        tmp_path,
        host,
        "cloud-init schema --config-file /tmp/user-data",
        {"/tmp/user-data": user_data, "/tmp/network-config": network_config},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Valid cloud-config" in done.stdout


def test_the_host_key_is_accepted_by_ssh_keygen(context: Context, tmp_path: Path) -> None:
    key = context.secrets.ssh_key("ssh-host-key", "mdb1")
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(key.private)
    done = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1] == key.public.split()[1]


def test_the_seed_holds_no_secret_but_the_host_key(context: Context) -> None:
    user_data, _ = seed(context, "mdb1")
    for hidden in (
        context.secrets.password("sst-password"),
        context.secrets.password("root-password"),
        context.secrets.password("account-password", "app"),
    ):
        assert hidden not in user_data
    assert context.secrets.ssh_key("admin-ssh-key").private not in user_data


def test_schedulers_are_modules_of_the_kernel() -> None:
    shipped = {
        path.name.split(".")[0] for path in Path(image_root()).glob("usr/lib/modules/*/kernel/net/netfilter/ipvs/*")
    }
    assert shipped, "the image has no IPVS modules"
    for variant in VARIANTS:
        wanted = next(
            file.content
            for file in hosts(variant)[0].files
            if file.path.endswith("modules-load.d/mariadb-ha-directors.conf")
        ).split()
        assert set(wanted) <= shipped


def test_sloppy_tcp_with_mh_only() -> None:
    for variant in VARIANTS:
        text = next(file.content for file in hosts(variant)[0].files if "sysctl.d" in file.path)
        assert ("sloppy_tcp" in text) is (variant == "mh")


def test_env_files_are_shell(tmp_path: Path) -> None:
    for host in make_plan(make_context()).hosts.values():
        for file in host.files:
            if file.path.endswith(".env"):
                done = subprocess.run(["sh", "-eu"], input=file.content, capture_output=True, text=True, check=False)
                assert done.returncode == 0, (file.path, done.stderr)
