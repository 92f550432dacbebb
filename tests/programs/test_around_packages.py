"""around-packages: dpkg's hooks leave MariaDB as they found it, running or stopped, and never fail dpkg."""

from __future__ import annotations

from tests.programs.conftest import Desk

UNIT = "mariadb-ha-galera-start.service"


def packages(desk: Desk, when: str, *, active: bool, states: str = "installed") -> list[str]:
    """One call of dpkg's hook; what it asked systemd for."""
    desk.forget()
    desk.write("/etc/mariadb-ha/packages.env", f"START_UNIT={UNIT}\n")
    desk.fake("systemctl", f"[ $1 != is-active ] || exit {0 if active else 3}")
    desk.fake("dpkg-query", f"printf '{states}\\n'")
    done = desk.run("around-packages", when)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return [call for call in desk.calls if call.startswith("systemctl") and "is-active" not in call]


def test_what_ran_runs_again_once_its_packages_are_whole(desk: Desk) -> None:
    """dpkg is called twice: to unpack, which stops the server, and to configure."""
    assert packages(desk, "before", active=True) == []
    assert packages(desk, "after", active=False, states="installed\\nunpacked") == []
    assert packages(desk, "before", active=False, states="unpacked") == []
    assert packages(desk, "after", active=False) == [f"systemctl restart --no-block {UNIT}"]
    assert packages(desk, "after", active=False) == [], "once"


def test_what_was_stopped_stays_stopped(desk: Desk) -> None:
    assert packages(desk, "before", active=False) == []
    assert packages(desk, "after", active=False) == []


def test_what_the_scripts_started_is_left_alone(desk: Desk) -> None:
    assert packages(desk, "before", active=True) == []
    assert packages(desk, "after", active=True) == []
    assert packages(desk, "after", active=False) == [], "what is stopped later was stopped by somebody"


def test_dpkg_never_fails_for_it(desk: Desk) -> None:
    packages(desk, "before", active=True)
    desk.fake("systemctl", "exit 3")
    desk.path("/etc/mariadb-ha/packages.env").unlink()
    done = desk.run("around-packages", "after")
    assert done.returncode == 0
    assert "look at `systemctl status mariadb`" in done.stdout
