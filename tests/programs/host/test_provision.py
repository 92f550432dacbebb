"""provision and ready: looks first, repairs, and says which step failed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.programs.conftest import Desk

LastLine = Callable[[CompletedProcess[str]], str]
DPKG = """
shift 3
if [ $# -eq 0 ]; then
    for file in {root}/installed/*; do [ -e "$file" ] && echo "${{file##*/}} installed"; done
    exit 0
fi
for p in "$@"; do
    [ -e {root}/installed/$p ] && echo "$p installed" || echo "dpkg-query: no packages found matching $p" >&2
done
exit 1
"""
APT = """
case "$*" in
*" install "*) [ -e {root}/mirror-down ] && {{ echo "E: Unable to fetch some archives" >&2; exit 100; }}
  cp {root}/usr/sbin/policy-rc.d {root}/seen-policy 2>/dev/null
  for p in "$@"; do case $p in -*|install|*=*) ;; *) touch {root}/installed/$p ;; esac; done ;;
*) [ -e {root}/mirror-down ] && {{ echo "E: Failed to fetch" >&2; exit 100; }} ;;
esac
exit 0
"""
SYSTEMCTL = """
verb=$1; shift
for unit in "$@"; do
case $verb in
is-enabled) [ -e {root}/enabled/$unit ] && echo enabled || echo disabled ;;
is-active) [ -e {root}/active/$unit ] && echo active || echo inactive ;;
enable) touch {root}/enabled/$unit ;;
disable) rm -f {root}/enabled/$unit ;;
start) touch {root}/active/$unit ;;
esac
done
[ "$verb" != is-enabled ]
"""


@pytest.fixture(autouse=True)
def host(desk: Desk) -> None:
    for folder in ("installed", "enabled", "active", "usr/sbin", "proc/sys/net/ipv4/vs", "sys/module/ip_vs"):
        (desk.root / folder).mkdir(parents=True, exist_ok=True)
    desk.fake("dpkg-query", DPKG.format(root=desk.root))
    desk.fake("dpkg", "exit 0")
    desk.fake("apt-get", APT.format(root=desk.root))
    desk.fake("systemctl", SYSTEMCTL.format(root=desk.root))
    desk.fake("modprobe", f'shift; for m in "$@"; do mkdir -p {desk.root}/sys/module/$m; done')
    desk.fake("sleep", "exit 0")
    desk.write("/etc/mariadb-ha/packages", "mariadb-server\nsocat\n")
    desk.write("/etc/mariadb-ha/units", "nftables.service\nmariadb-ha-agent.service\nmariadb-ha-galera-start.service\n")
    desk.write("/etc/modules-load.d/mariadb-ha-directors.conf", "ip_vs\nip_vs_rr\n")
    desk.write("/etc/sysctl.d/60-mariadb-ha-directors.conf", "# comment\nnet.ipv4.vs.expire_nodest_conn = 1\n")
    desk.write("/etc/sysctl.d/99-other.conf", "net.ipv4.vs.other = 5\n")
    desk.write("/proc/sys/net/ipv4/vs/expire_nodest_conn", "0\n")
    desk.write("/proc/sys/net/ipv4/vs/other", "0\n")
    desk.path("/enabled/mariadb.service").touch()


def result(desk: Desk) -> dict[str, object]:
    found: dict[str, object] = json.loads(desk.read("/var/lib/mariadb-ha/provision.json"))
    return found


def test_a_bare_host_becomes_what_the_plan_says(desk: Desk) -> None:
    done = desk.run("provision")
    assert done.returncode == 0, done.stderr
    assert result(desk) == {"ok": True, "failed_step": None, "log": "/var/lib/mariadb-ha/provision.log"}
    assert desk.path("/installed/mariadb-server").exists()
    assert desk.path("/sys/module/ip_vs_rr").exists()
    assert desk.read("/proc/sys/net/ipv4/vs/expire_nodest_conn") == "1\n"
    assert desk.read("/proc/sys/net/ipv4/vs/other") == "0\n", "only our own files are ours to apply"
    assert desk.path("/enabled/mariadb-ha-galera-start.service").exists()
    assert not desk.path("/active/mariadb-ha-galera-start.service").exists(), (
        "enabled, not started: the first start is up's"
    )
    assert desk.path("/active/nftables.service").exists()
    assert not desk.path("/enabled/mariadb.service").exists()


def did(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(desk.read("/var/lib/mariadb-ha/host-changes.json"))
    return found


def test_what_it_changed_is_written_down_as_it_was_before(desk: Desk) -> None:
    for name in ("bash", "socat", "systemd-timesyncd"):
        desk.path(f"/installed/{name}").touch()
    desk.path("/active/nftables.service").touch()
    desk.write("/var/lib/mariadb-ha/stack.json", '{"stack": "shop", "host": "mdb1"}\n')
    also = f"*) touch {desk.root}/installed/libdep; rm -f {desk.root}/installed/systemd-timesyncd; touch"
    desk.fake("apt-get", APT.format(root=desk.root).replace("*) touch", also))
    desk.run("provision", "--packages")
    assert not desk.path("/var/lib/mariadb-ha/provision.json").exists(), "that step alone does not make a host ready"
    assert desk.read("/proc/sys/net/ipv4/vs/expire_nodest_conn") == "0\n"
    desk.run("provision")
    desk.run("provision")
    found = did(desk)
    assert found["packages"] == ["libdep", "mariadb-server"]
    assert found["asked"] == ["mariadb-server"]
    assert found["removed"] == ["systemd-timesyncd"]
    assert found["sysctls"] == {"net.ipv4.vs.expire_nodest_conn": "0"}
    assert found["units"]["nftables.service"] == {"enabled": "disabled", "active": "active"}
    assert found["units"]["mariadb.service"] == {"enabled": "enabled", "active": "inactive"}
    assert "packages_before" not in found


def test_an_installation_that_was_cut_short_is_settled_from_its_beginning(desk: Desk) -> None:
    desk.path("/installed/bash").touch()
    desk.path("/mirror-down").touch()
    desk.run("provision", "--packages")
    assert did(desk)["packages_before"] == ["bash"]
    desk.path("/installed/socat").touch()  # dpkg got that far before the power went
    desk.path("/mirror-down").unlink()
    desk.run("provision", "--packages")
    assert did(desk)["packages"] == ["mariadb-server", "socat"]


def test_packages_alone_need_no_other_file(desk: Desk) -> None:
    for path in (
        "/etc/mariadb-ha/units",
        "/etc/modules-load.d/mariadb-ha-directors.conf",
        "/etc/sysctl.d/60-mariadb-ha-directors.conf",
    ):
        desk.path(path).unlink()
    done = desk.run("provision", "--packages")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "packages: 2 packages installed"), done.stderr
    assert desk.run("provision", "--packages").stdout == "packages: nothing to do\n"


def test_second_run_has_nothing_to_do(desk: Desk) -> None:
    desk.run("provision")
    desk.forget()
    done = desk.run("provision")
    assert done.stdout.splitlines()[-1] == "nothing to do"
    assert not [
        call
        for call in desk.calls
        if call.split()[0] in ("apt-get", "modprobe") or " start " in call or " enable " in call
    ]


def test_no_service_starts_while_packages_are_installed(desk: Desk) -> None:
    desk.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0 # the user's own\n", 0o755)
    desk.run("provision")
    assert "exit 101" in desk.read("/seen-policy")
    assert "the user's own" in desk.read("/usr/sbin/policy-rc.d")


def test_policy_left_by_a_killed_run_goes(desk: Desk) -> None:
    desk.write(
        "/usr/sbin/policy-rc.d",
        "#!/bin/sh\n# mariadb-ha: no service starts while packages are installed\nexit 101\n",
        0o755,
    )
    desk.write("/usr/sbin/policy-rc.d.mariadb-ha-kept", "the user's own\n", 0o755)
    desk.run("provision")
    assert desk.read("/usr/sbin/policy-rc.d") == "the user's own\n"


def test_policy_left_by_a_killed_run_goes_also_when_no_package_is_missing(desk: Desk) -> None:
    desk.run("provision")
    desk.write(
        "/usr/sbin/policy-rc.d",
        "#!/bin/sh\n# mariadb-ha: no service starts while packages are installed\nexit 101\n",
        0o755,
    )
    desk.run("provision")
    assert not desk.path("/usr/sbin/policy-rc.d").exists()


def test_anothers_policy_stays_beside_a_kept_one(desk: Desk) -> None:
    desk.run("provision")
    desk.write("/usr/sbin/policy-rc.d", "new\n", 0o755)
    desk.write("/usr/sbin/policy-rc.d.mariadb-ha-kept", "old\n", 0o755)
    desk.run("provision")
    assert desk.read("/usr/sbin/policy-rc.d") == "new\n"


def test_a_mirror_that_is_down(desk: Desk, last_line: LastLine) -> None:
    desk.path("/mirror-down").touch()
    done = desk.run("provision")
    assert done.returncode == 1
    assert sum(call.startswith("apt-get") and " install " in call for call in desk.calls) == 3
    assert last_line(done).startswith("mdb1: provision: packages: ")
    assert "Unable to fetch" in last_line(done)
    assert "To do: " in last_line(done)
    assert result(desk)["failed_step"] == "packages"


def test_a_module_that_is_not_there(desk: Desk, last_line: LastLine) -> None:
    desk.fake("modprobe", "echo 'modprobe: FATAL: Module ip_vs_rr not found' >&2; exit 1")
    done = desk.run("provision")
    assert result(desk)["failed_step"] == "modules"
    assert "stock kernel" in last_line(done)


def test_a_setting_that_does_not_exist(desk: Desk, last_line: LastLine) -> None:
    desk.write("/etc/sysctl.d/61-mariadb-ha.conf", "net.ipv4.nonsense = 1\n-net.ipv4.optional = 1\n")
    assert "net.ipv4.nonsense" in last_line(desk.run("provision"))
    desk.write("/etc/sysctl.d/61-mariadb-ha.conf", "-net.ipv4.optional = 1\n")
    assert desk.run("provision").returncode == 0


def test_ready_without_cloud_init(desk: Desk) -> None:
    desk.run("provision")
    done = desk.run("ready")
    assert done.returncode == 0
    assert "ready after 0 s" in done.stdout


def test_ready_waits_for_cloud_init_and_gives_up(desk: Desk, last_line: LastLine) -> None:
    desk.write("/run/cloud-init/status.json", '{"v1": {"stage": "modules-final"}}')
    done = desk.run("ready", "--timeout", "1")
    assert done.returncode == 1
    assert "modules-final" in last_line(done)


@pytest.mark.parametrize(
    ("result_json", "status_json", "words"),
    [
        ('{"v1": {"errors": ["scripts-user failed"]}}', "{}", "scripts-user failed"),
        (
            '{"v1": {"errors": []}}',
            '{"v1": {"recoverable_errors": {"ERROR": ["bad key"], "DEPRECATED": ["old"]}}}',
            "bad key",
        ),
    ],
)
def test_ready_tells_cloud_inits_errors_of_both_ages(
    desk: Desk, result_json: str, status_json: str, words: str
) -> None:
    desk.run("provision")
    desk.write("/run/cloud-init/result.json", result_json)
    desk.write("/run/cloud-init/status.json", status_json)
    done = desk.run("ready")
    assert done.returncode == 0
    assert words in done.stdout
    assert "old" not in done.stdout


def test_the_gate_before_the_files_does_not_ask_how_provision_went(desk: Desk) -> None:
    desk.write("/var/lib/mariadb-ha/provision.json", '{"ok": false, "failed_step": "packages", "log": "/x"}')
    done = desk.run("ready", "--cloud-init-only")
    assert done.returncode == 0, done.stdout
    assert done.stdout == "no cloud-init here: nothing to wait for\n"
    desk.write("/run/cloud-init/result.json", '{"v1": {"errors": []}}')
    done = desk.run("ready", "--cloud-init-only")
    assert done.returncode == 0, done.stdout
    assert "cloud-init has ended" in done.stdout


def test_ready_repairs_a_provision_that_failed_before(desk: Desk) -> None:
    desk.path("/mirror-down").touch()
    desk.run("provision")
    desk.path("/mirror-down").unlink()
    done = desk.run("ready")
    assert done.returncode == 0, done.stderr
    assert "running it again (it failed at packages)" in done.stdout


def test_ready_shows_the_failed_step_and_its_log(desk: Desk, last_line: LastLine) -> None:
    desk.path("/mirror-down").touch()
    done = desk.run("ready")
    assert done.returncode == 1
    assert "Unable to fetch" in done.stdout
    assert last_line(done).startswith("mdb1: ready: provision failed at its step packages")


def test_ready_gives_up_at_a_standstill_not_by_the_clock(desk: Desk) -> None:
    """A first boot that goes on, by its logs, is waited for however long it takes;
    one that writes nothing more is not.
    """
    desk.write("/run/cloud-init/status.json", '{"v1": {"stage": "modules-final"}}')
    writer = 'i=0; while [ $i -lt 70 ]; do i=$((i + 1)); echo line >>"$1"; sleep 0.1; done'
    log = desk.write("/var/log/cloud-init.log", "")
    with subprocess.Popen(["sh", "-c", writer, "-", str(log)]) as writing:
        done = desk.run("ready", "--timeout", "5", "--cloud-init-only")
        assert writing.poll() == 0, "it was waited for as long as it wrote"
    assert done.returncode == 1
    assert "has written nothing for 5 s (stage modules-final)" in done.stderr
