"""withdraw: whose host it is, the order of the stop, everything back as it was, the data left alone,
killed anywhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.programs.conftest import PROGRAMS, Desk
from tests.programs.host.test_apply import entry

LastLine = Callable[[CompletedProcess[str]], str]
SYSTEMCTL = """
verb=$1; shift
case $verb in
daemon-reload) exit 0 ;;
list-units) ls {root}/active | grep "^mariadb-ha-" | sed "s/$/ loaded active running/"; exit 0 ;;
show) cat {root}/after 2>/dev/null; exit 0 ;;
esac
for unit in "$@"; do
case $verb in
is-enabled) [ -e {root}/unit/$unit ] || {{ echo "Failed to get unit file state" >&2; exit 1; }}
  [ -e {root}/enabled/$unit ] && echo enabled || echo disabled ;;
is-active) [ -e {root}/active/$unit ] && echo active || {{ echo inactive; exit 3; }} ;;
enable) touch {root}/enabled/$unit ;;
disable) rm -f {root}/enabled/$unit ;;
stop) [ -e {root}/stuck ] && {{ echo "Job for $unit failed" >&2; exit 1; }}; rm -f {root}/active/$unit ;;
reload) [ -e {root}/active/$unit ] ;;
esac
done
"""
# `needs/A` names packages that go when A goes.
APT = """
mode=install; simulate=
for p in "$@"; do case $p in -s) simulate=yes ;; remove) mode=remove ;; esac; done
[ -e {root}/mirror-down ] && [ $mode = install ] && {{ echo "E: no mirror" >&2; exit 100; }}
for p in "$@"; do
case $p in -*|remove|install|*=*) continue ;; esac
[ $mode = install ] && {{ touch {root}/installed/$p; continue; }}
for q in $p $(cat {root}/needs/$p 2>/dev/null); do
[ "$simulate" ] && {{ echo "Remv $q [1.0]"; continue; }}
rm -f {root}/installed/$q {root}/unit/$q.service {root}/active/$q.service
cp {root}/usr/sbin/policy-rc.d {root}/seen-policy
done
done
exit 0
"""
DPKG_QUERY = 'for file in {root}/installed/*; do [ -e "$file" ] && echo "${{file##*/}} installed"; done; exit 0'
HOSTS = "127.0.0.1 before\n"
CONF = "/etc/keepalived/keepalived.conf"
UNIT = "/etc/systemd/system/mariadb-ha-agent.service"
SECRET = "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf"


def prepare(desk: Desk) -> None:
    """A node that is also a director, as a stack made it on a host with a life before."""
    root = desk.root
    for folder in (
        "installed",
        "enabled",
        "active",
        "unit",
        "needs",
        "usr/sbin",
        "proc/sys/net/ipv4/vs",
        "etc/apt/sources.list.d",
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
    desk.fake("systemctl", SYSTEMCTL.format(root=root))
    desk.fake("apt-get", APT.format(root=root))
    desk.fake("dpkg-query", DPKG_QUERY.format(root=root))
    desk.fake("apt-mark", "echo mariadb-server; echo bash")
    desk.fake("dpkg", f'[ "$1" = -S ] && [ -e {root}/owned/"$(echo "$2" | tr / _)" ]')
    desk.fake("nft", f"case $1 in list) [ -e {root}/table ] ;; delete) rm {root}/table ;; esac")
    desk.path("/table").touch()
    desk.write("/etc/hosts", HOSTS, 0o600)
    plain = {
        "/etc/hosts": entry("127.0.0.1 ours\n"),
        CONF: entry("global\n"),
        UNIT: entry("[Unit]\n"),
        "/etc/systemd/system/mariadb.service.d/mariadb-ha.conf": entry("[Unit]\n"),
        "/etc/mariadb-ha/packages": entry("chrony\nmariadb-server\n"),
        "/etc/mariadb-ha/galera.env": entry("NODE=mdb1\nDATADIR=/var/lib/mysql\n"),
        "/usr/local/lib/mariadb-ha/withdraw": entry("#!/bin/sh\n", mode="0755"),
    }
    assert desk.run("apply", "--owner-set", "plain", stdin=json.dumps(plain)).returncode == 0
    assert (
        desk.run("apply", "--owner-set", "secret", stdin=json.dumps({SECRET: entry("key\n", mode="0640")})).returncode
        == 0
    )
    for unit in (
        "keepalived.service",
        "mariadb.service",
        "mariadb-ha-agent.service",
        "mariadb-ha-galera-start.service",
        "nftables.service",
        "chrony.service",
    ):
        desk.path(f"/unit/{unit}").touch()
        desk.path(f"/active/{unit}").touch()
        desk.path(f"/enabled/{unit}").touch()
    desk.path("/enabled/mariadb.service").unlink()
    for name in ("bash", "nftables", "keepalived", "mariadb-server", "libdep", "chrony", "python3"):
        desk.path(f"/installed/{name}").touch()
    units = {
        "keepalived.service": {"enabled": "disabled", "active": "inactive"},
        "mariadb.service": {"enabled": "", "active": "inactive"},
        "nftables.service": {"enabled": "enabled", "active": "active"},
        "chrony.service": {"enabled": "", "active": "inactive"},
    }
    did = {
        "packages": ["chrony", "libdep", "mariadb-server", "python3"],
        "asked": ["chrony", "mariadb-server"],
        "removed": ["systemd-timesyncd"],
        "units": units,
        "sysctls": {"net.ipv4.vs.expire_nodest_conn": "0", "net.ipv4.gone": "5"},
    }
    desk.write("/var/lib/mariadb-ha/host-changes.json", json.dumps(did))
    desk.write("/var/lib/mariadb-ha/stack.json", '{"stack": "shop", "host": "mdb1"}\n')
    desk.write("/proc/sys/net/ipv4/vs/expire_nodest_conn", "1\n")
    desk.write(
        "/var/lib/mysql/grastate.dat",
        "# GALERA saved state\nversion: 2.1\nuuid:    0b6d7fd4-1111-11ee-be56-0242ac120002\nseqno:   5\n",
    )
    desk.write("/var/lib/mysql/mysql/user.frm", "x")
    desk.write("/var/lib/mysql/shop/orders.ibd", "precious")
    desk.forget()


@pytest.fixture(autouse=True)
def host(desk: Desk) -> None:
    prepare(desk)


def withdraw(desk: Desk, *options: str, stack: str = "shop") -> CompletedProcess[str]:
    done = desk.run("withdraw", "--stack", stack, *options)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def tree(desk: Desk) -> dict[str, tuple[int, str]]:
    """Everything on the desk: path to mode and content; a folder's content is its kind."""
    found = {}
    for file in sorted(desk.root.rglob("*")):
        name = str(file.relative_to(desk.root))
        if name in ("calls", "seen-policy"):
            continue
        text = str(file.readlink()) if file.is_symlink() else "folder" if file.is_dir() else file.read_text()
        found[name] = (file.lstat().st_mode & 0o7777, text if "retained" not in name else text.split('"at"')[0])
    return found


def names(desk: Desk, path: str) -> list[str]:
    return sorted(file.name for file in desk.path(path).iterdir())


def test_everything_goes_but_the_data(desk: Desk) -> None:
    done = withdraw(desk)
    assert done.returncode == 0, done.stderr
    for path in (
        CONF,
        UNIT,
        SECRET,
        "/etc/mariadb-ha",
        "/usr/local/lib/mariadb-ha",
        "/var/lib/mariadb-ha/sets",
        "/var/lib/mariadb-ha/stack.json",
        "/table",
    ):
        assert not desk.path(path).exists(), path
    assert desk.read("/etc/hosts") == HOSTS
    assert desk.path("/etc/hosts").stat().st_mode & 0o777 == 0o600
    assert not desk.path("/etc/systemd/system/mariadb.service.d").exists(), "a folder that was made for our file"
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"
    kept = json.loads(desk.read("/var/lib/mariadb-ha/retained.json"))
    assert (kept["stack"], kept["host"], kept["datadir"]) == ("shop", "mdb1", "/var/lib/mysql")
    assert kept["cluster_uuid"] == "0b6d7fd4-1111-11ee-be56-0242ac120002"
    assert done.stdout.splitlines()[-1].startswith("kept: /var/lib/mysql (")
    assert "bare_metal.adopt_retained_data" in done.stdout
    assert names(desk, "/var/lib/mariadb-ha") == ["retained.json"]


def test_the_stop_is_in_order_and_comes_before_anything_else(desk: Desk) -> None:
    desk.path("/active/mariadb-ha-lvsdr.service").touch()
    withdraw(desk)
    stops = [call.split()[-1] for call in desk.calls if call.startswith("systemctl stop") and "chrony" not in call]
    order = ["keepalived", "mariadb-ha-galera-start", "mariadb", "mariadb-ha-agent", "mariadb-ha-lvsdr"]
    assert stops == [f"{name}.service" for name in order]
    others = [
        number for number, call in enumerate(desk.calls) if call.startswith(("nft ", "apt-get ")) or " disable " in call
    ]
    last = desk.calls.index(f"systemctl stop {order[-1]}.service")
    assert min(others) > last
    assert not any(call == "systemctl stop nftables.service" for call in desk.calls), (
        "its stop flushes rules that are not ours"
    )


def stopped(desk: Desk) -> list[str]:
    """Units in the order in which they were stopped."""
    return [call.split()[-1] for call in desk.calls if call.startswith("systemctl stop") and "chrony" not in call]


def running(desk: Desk, *units: str, drop_ins: tuple[str, ...] = ()) -> None:
    """Beside what runs already. `drop_ins`: units that the stack has a drop-in for."""
    for unit in (*units, *drop_ins):
        desk.path(f"/unit/{unit}").touch()
        desk.path(f"/active/{unit}").touch()
    files = {f"/etc/systemd/system/{unit}.d/mariadb-ha.conf": entry("[Unit]\n") for unit in drop_ins}
    if files:
        assert desk.run("apply", "--owner-set", "pair", stdin=json.dumps(files)).returncode == 0
        desk.forget()


def test_a_pairs_promoter_ends_after_the_vip_is_gone_and_before_its_database(desk: Desk) -> None:
    """A promoter that lived on would start and stop MariaDB behind the withdrawal's back."""
    running(desk, "mariadb-ha-promoter.service", "mariadb-ha-vip-watch.service", "mariadb-ha-donor.socket",
            "mariadb-ha-donor@3.service")  # fmt: skip
    assert withdraw(desk).returncode == 0
    order = stopped(desk)
    for first, then in (
        ("mariadb-ha-donor.socket", "mariadb-ha-donor@3.service"),
        ("keepalived.service", "mariadb-ha-promoter.service"),
        ("mariadb-ha-promoter.service", "mariadb.service"),
        ("mariadb-ha-vip-watch.service", "mariadb.service"),
        ("mariadb.service", "mariadb-ha-agent.service"),
    ):
        assert order.index(first) < order.index(then), order
    assert not any(name.startswith("mariadb-ha-") for name in names(desk, "/active"))


def test_what_lies_below_the_database_ends_after_it(desk: Desk) -> None:
    """A replicated device: unmounted when nobody writes any more, taken down when it is unmounted."""
    desk.write("/after", "basic.target mariadb-ha-drbd.service network.target\n")
    running(desk, "mariadb-ha-drbd.service", drop_ins=("srv-data.mount",))
    desk.write("/etc/mariadb-ha/drbd.env", "DISK=/dev/vdb\nMOUNT=/srv/data\n")
    done = withdraw(desk)
    assert done.returncode == 0, done.stderr
    order = stopped(desk)
    assert order.index("mariadb.service") < order.index("srv-data.mount") < order.index("mariadb-ha-drbd.service")
    assert "kept: what is on /dev/vdb, with or without --purge-data" in done.stdout


def test_programs_of_packages_that_the_stack_runs_end_and_others_stay(desk: Desk) -> None:
    running(desk, "apache2.service", "nginx.service", drop_ins=("haproxy.service",))
    assert withdraw(desk).returncode == 0
    assert {"haproxy.service", "nginx.service"} <= set(stopped(desk))
    assert "apache2.service" not in stopped(desk)
    assert "nftables.service" in names(desk, "/active")


@pytest.mark.parametrize("env", ["VIP=10.0.0.9\n", 'VIPS="10.0.0.8 10.0.0.9"\n'])
def test_a_vip_that_stayed_behind_goes(desk: Desk, env: str) -> None:
    """Whoever held it: a director, a pair, a balancer, a web host."""
    desk.fake(
        "ip",
        f"case $*:$(cat {desk.root}/gone 2>/dev/null) in *'to 10.0.0.9:') "
        "echo '2: eth0 inet 10.0.0.9/32 scope global' ;; "
        f"*'addr del 10.0.0.9/32 dev eth0'*) echo gone >{desk.root}/gone ;; esac",
    )
    desk.write("/etc/mariadb-ha/some.env", env)
    assert "10.0.0.9: taken off eth0" in withdraw(desk).stdout


@pytest.mark.parametrize("env", ["master.env", "replica.env"])
def test_every_servers_data_is_labelled_and_emptied_only_with_the_word(desk: Desk, env: str) -> None:
    desk.path("/etc/mariadb-ha/galera.env").rename(desk.path("/etc/mariadb-ha/") / env)
    withdraw(desk)
    assert json.loads(desk.read("/var/lib/mariadb-ha/retained.json"))["datadir"] == "/var/lib/mysql"
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"


def test_a_database_that_does_not_stop_stops_the_withdrawal(desk: Desk, last_line: LastLine) -> None:
    desk.path("/stuck").touch()
    done = withdraw(desk, "--purge-data")
    assert done.returncode == 1
    assert "systemctl stop" in last_line(done)
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"
    assert desk.path(CONF).exists()


def test_addresses_that_are_up_without_the_unit_go_too(desk: Desk) -> None:
    desk.write("/usr/local/lib/mariadb-ha/lvsdr.sh", f'#!/bin/sh\necho "lvsdr.sh $*" >>{desk.root}/calls\n', 0o755)
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="10.0.0.9"\n')
    desk.write("/run/mariadb-ha/lvsdr/vips", "10.0.0.9\n")
    assert withdraw(desk).returncode == 0
    assert "lvsdr.sh stop" in desk.calls


def test_units_and_settings_are_as_before(desk: Desk) -> None:
    withdraw(desk)
    assert not desk.path("/enabled/keepalived.service").exists()
    assert desk.path("/enabled/nftables.service").exists()
    assert "systemctl reload nftables.service" in desk.calls, "the rules from before the stack"
    assert desk.read("/proc/sys/net/ipv4/vs/expire_nodest_conn") == "0\n"
    assert not desk.path("/enabled/mariadb-ha-agent.service").exists()


def test_packages_go_that_came_and_only_those(desk: Desk) -> None:
    done = withdraw(desk)
    left = names(desk, "/installed")
    assert left == ["bash", "keepalived", "nftables", "python3", "systemd-timesyncd"]
    assert "kept: packages that came with the stack and are in use: python3" in done.stdout
    assert "systemd-timesyncd back" in done.stdout
    removals = [call for call in desk.calls if call.startswith("apt-get") and " remove " in call and " -s " not in call]
    assert len(removals) == 1
    assert not any("purge" in call or "autoremove" in call for call in desk.calls)
    assert "nftables" in desk.read("/seen-policy")
    assert not desk.path("/usr/sbin/policy-rc.d").exists()


def test_a_package_that_something_else_needs_stays(desk: Desk) -> None:
    desk.write("/needs/libdep", "wordpress\n")
    desk.path("/installed/wordpress").touch()
    done = withdraw(desk)
    assert done.returncode == 0, done.stderr
    assert {"libdep", "wordpress"} <= set(names(desk, "/installed"))
    assert not desk.path("/installed/mariadb-server").exists()
    assert "in use: libdep python3" in done.stdout


def test_what_needs_a_package_that_stays_goes_and_what_it_needs_stays(desk: Desk) -> None:
    desk.write("/needs/libdep", "mariadb-server wordpress\n")  # mariadb-server depends on libdep, and so does wordpress
    desk.path("/installed/wordpress").touch()
    withdraw(desk)
    assert desk.path("/installed/libdep").exists()
    assert not desk.path("/installed/mariadb-server").exists()


def test_a_dependency_that_somebody_asked_for_since_stays(desk: Desk) -> None:
    desk.fake("apt-mark", "echo mariadb-server; echo libdep")
    withdraw(desk)
    assert desk.path("/installed/libdep").exists()
    assert not desk.path("/installed/mariadb-server").exists()


def test_broken_packages_stop_before_a_removal_and_the_next_run_goes_on(desk: Desk, last_line: LastLine) -> None:
    working = (desk.bin / "apt-get").read_text()
    desk.fake("apt-get", "exit 100")
    done = withdraw(desk)
    assert done.returncode == 1
    assert "apt-get -f install" in last_line(done)
    assert desk.path("/installed/mariadb-server").exists()
    (desk.bin / "apt-get").write_text(working)
    assert withdraw(desk).returncode == 0
    assert not desk.path("/installed/mariadb-server").exists()
    assert desk.read("/etc/hosts") == HOSTS


def test_without_a_mirror_it_ends_all_the_same(desk: Desk) -> None:
    desk.path("/mirror-down").touch()
    done = withdraw(desk)
    assert done.returncode == 0
    assert "systemd-timesyncd made way and could not be put back" in done.stdout


# --- whose host, whose data


@pytest.mark.parametrize("options", [(), ("--purge-data",)])
def test_another_stacks_host_is_refused(desk: Desk, last_line: LastLine, options: tuple[str, ...]) -> None:
    before = tree(desk)
    done = withdraw(desk, *options, stack="other")
    assert done.returncode == 1
    assert "belongs to the stack shop, not other: nothing was touched" in last_line(done)
    assert {k: v for k, v in tree(desk).items() if not k.startswith("run")} == {
        k: v for k, v in before.items() if not k.startswith("run")
    }


def test_another_host_of_the_stack_is_refused(desk: Desk, last_line: LastLine) -> None:
    assert "this host is mdb1 of the stack shop, not mdb2" in last_line(withdraw(desk, "--host", "mdb2"))
    assert desk.path(CONF).exists()
    assert withdraw(desk, "--host", "mdb1").returncode == 0


def test_purging_where_nobody_knows_whose_data_it_is_is_refused(desk: Desk, last_line: LastLine) -> None:
    desk.path("/var/lib/mariadb-ha/stack.json").unlink()
    done = withdraw(desk, "--purge-data")
    assert done.returncode == 1
    assert "nobody knows whose data /var/lib/mysql holds: nothing was touched" in last_line(done)
    assert not any(call.startswith("systemctl stop") for call in desk.calls)
    assert withdraw(desk).returncode == 0, "without --purge-data it goes on"
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"


def test_an_identity_that_cannot_be_read_is_refused(desk: Desk, last_line: LastLine) -> None:
    desk.write("/var/lib/mariadb-ha/stack.json", "{")
    assert "cannot be read" in last_line(withdraw(desk))
    assert desk.path(CONF).exists()


def test_purge(desk: Desk) -> None:
    done = withdraw(desk, "--purge-data")
    assert done.returncode == 0, done.stderr
    assert names(desk, "/var/lib/mysql") == []
    assert "/var/lib/mysql: emptied (" in done.stdout
    assert done.stdout.splitlines()[-1] == "nothing is kept of the data: /var/lib/mysql is empty"
    assert not desk.path("/var/lib/mariadb-ha").exists()


@pytest.mark.parametrize("datadir", ["/var", "/var/lib", "/var/lib/mysql/.."])
def test_no_odd_directory_is_emptied(desk: Desk, last_line: LastLine, datadir: str) -> None:
    desk.write("/etc/mariadb-ha/galera.env", f"DATADIR={datadir}\n")
    done = withdraw(desk, "--purge-data")
    assert done.returncode == 1
    assert "does not look like a data directory: left alone" in last_line(done)
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"


def test_a_directory_without_a_database_in_it_is_not_emptied(desk: Desk, last_line: LastLine) -> None:
    desk.write("/srv/data/files/holiday.jpg", "x")
    desk.write("/etc/mariadb-ha/galera.env", "DATADIR=/srv/data/files\n")
    assert "but not MariaDB's data" in last_line(withdraw(desk, "--purge-data"))
    assert desk.path("/srv/data/files/holiday.jpg").exists()


def test_a_mount_below_the_data_is_not_emptied(desk: Desk, last_line: LastLine) -> None:
    desk.write("/proc/self/mounts", f"/dev/sdb {desk.root}/var/lib/mysql/shop ext4 rw 0 0\n")
    assert "is mounted below" in last_line(withdraw(desk, "--purge-data"))
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"


def test_data_in_which_a_process_works_is_not_emptied(desk: Desk, last_line: LastLine) -> None:
    desk.path("/proc/4711").mkdir(parents=True)
    desk.path("/proc/4711/cwd").symlink_to(desk.path("/var/lib/mysql"))
    desk.write("/proc/4711/comm", "mariadbd\n")
    assert "the process 4711 (mariadbd) still works in /var/lib/mysql" in last_line(withdraw(desk, "--purge-data"))
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"


def test_a_link_in_the_data_is_removed_and_not_followed(desk: Desk) -> None:
    far = desk.write("/srv/far/file", "x")
    desk.path("/var/lib/mysql/link").symlink_to(far.parent)
    assert withdraw(desk, "--purge-data").returncode == 0
    assert far.exists()


# --- half of it missing, and killed


def test_a_host_with_nothing_of_ours(desk: Desk) -> None:
    withdraw(desk)
    before = tree(desk)
    done = withdraw(desk)
    assert done.returncode == 0, done.stderr
    assert tree(desk) == before
    assert done.stdout.splitlines()[-1].startswith("kept: /var/lib/mysql (")


@pytest.mark.parametrize("missing", ["sets", "host-changes.json", "original", "stack.json"])
def test_half_of_the_state_missing(desk: Desk, missing: str) -> None:
    path = desk.path(f"/var/lib/mariadb-ha/{missing}")
    subprocess.run(["rm", "-r", str(path)], check=True)
    done = withdraw(desk)
    assert done.returncode == 0, done.stderr
    assert not desk.path("/usr/local/lib/mariadb-ha").exists()
    assert desk.read("/var/lib/mysql/shop/orders.ibd") == "precious"


def test_an_enrolled_host_that_got_no_file_yet(desk: Desk) -> None:
    missing = ("/var/lib/mariadb-ha/sets", "/var/lib/mariadb-ha/host-changes.json", "/etc/mariadb-ha")
    subprocess.run(["rm", "-r", *(str(desk.path(path)) for path in missing)], check=True)
    desk.write("/etc/apt/sources.list.d/mariadb-ha.list", "deb x\n")
    desk.write("/var/lib/mariadb-ha/enrolled-packages", "libdep\npython3\n")
    assert withdraw(desk).returncode == 0
    assert not desk.path("/etc/apt/sources.list.d/mariadb-ha.list").exists()
    assert not desk.path("/installed/libdep").exists()
    assert desk.path("/installed/python3").exists(), "this program runs by it"


def test_what_the_user_made_since_in_the_place_of_a_file_of_ours_is_not_lost(desk: Desk) -> None:
    """A second run must not take the original that the first one put back for a file of ours."""
    assert killed(desk, 10_000, "--purge-data") == 0
    assert desk.read("/etc/hosts") == HOSTS
    assert withdraw(desk, "--purge-data").returncode == 0
    assert desk.read("/etc/hosts") == HOSTS


KILL = """
import os, runpy, sys
left = int(sys.argv[2])
def dying(name):
    real = getattr(os, name)
    def call(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return real(*arguments, **options)
    setattr(os, name, call)
for name in ("unlink", "rename", "rmdir", "remove"):
    dying(name)
sys.path.insert(0, sys.argv[1])
program = sys.argv[1] + "/withdraw"
sys.argv = ["withdraw", "--stack", "shop", *sys.argv[3:]]
runpy.run_path(program, run_name="__main__")
"""


def killed(desk: Desk, changes: int, *options: str) -> int:
    """A run that dies before its change number `changes` of the file system."""
    done = subprocess.run(
        [sys.executable, "-c", KILL, str(PROGRAMS), str(changes), *options],
        capture_output=True,
        text=True,
        env=desk.env,
        check=False,
    )
    return done.returncode


# All changes without --purge-data, but for the data's label, are among those with it.
@pytest.mark.parametrize(
    ("options", "changes"),
    [
        pytest.param((), 3, id="label"),
        pytest.param((), 1000, id="keep", marks=pytest.mark.matrix),
        pytest.param(("--purge-data",), 1000, id="purge"),
    ],
)
def test_killed_before_any_change_of_the_file_system_the_next_run_ends_alike(
    desk: Desk, tmp_path: Path, options: tuple[str, ...], changes: int
) -> None:
    start = tmp_path / "start"
    subprocess.run(["cp", "-a", str(desk.root), str(start)], check=True)
    assert withdraw(desk, *options).returncode == 0
    wanted = tree(desk)
    for number in range(changes):
        subprocess.run(["sh", "-c", 'rm -r "$1" && cp -a "$2" "$1"', "sh", str(desk.root), str(start)], check=True)
        code = killed(desk, number, *options)
        again = withdraw(desk, *options)
        assert again.returncode == 0, (number, again.stderr)
        assert tree(desk) == wanted, number
        if code == 0:
            assert number > 20, "the count of changes did not work"
            return
    assert changes < 1000, "it changes the file system without end"


def test_a_vip_that_a_stopped_keepalived_left_is_taken_off(desk: Desk) -> None:
    """Two directors that are withdrawn at once: the second takes the VIP over in the moment in which it is stopped."""
    prepare(desk)
    desk.write("/etc/mariadb-ha/director.env", 'VIPS="172.16.21.188"\nPORT="3306"\n')
    desk.path("/vip").touch()
    shown = "2: eth0    inet 172.16.21.188/24 scope global secondary eth0:0"
    desk.fake(
        "ip",
        f'case "$*" in *show*) [ ! -e {desk.root}/vip ] || echo "{shown}" ;; "addr del 172.16.21.188/24 dev eth0") '
        f"rm {desk.root}/vip ;; esac",
    )
    done = desk.run("withdraw", "--stack", "shop")
    assert done.returncode == 0, done.stderr
    assert not desk.path("/vip").exists()
    assert "172.16.21.188: taken off eth0" in done.stdout
