"""ipvs-sync.sh: both sync daemons run, or none, whatever was there before; an answer that the kernel never gives is not
waited for.
"""

from __future__ import annotations

import subprocess

import pytest

from tests.programs.conftest import Desk

#: A kernel with two daemons at most, as `ipvsadm --list --daemon` shows it (ipvsadm 1.31).
IPVSADM = """
run={root}/daemons; mkdir -p $run
case $1 in
--list)
    none=yes
    for state in master backup; do
        [ -e $run/$state ] && none= && echo "$state sync daemon ($(cat $run/$state), maxlen=1472, group=224.0.0.81)"
    done
    [ -z "$none" ] || echo "No daemon is running" ;;
--start-daemon)
    [ ! -e $run/$2 ] || {{ echo "Daemon has already run" >&2; exit 255; }}
    [ "$4" = eth0 ] || exit 255
    echo "mcast=$4, syncid=$6" >$run/$2 ;;
--stop-daemon)
    rm -f $run/$2
    [ ! -e {root}/silent ] || sleep 60 ;;
esac
exit 0
"""


@pytest.fixture
def director(desk: Desk) -> Desk:
    desk.fake("ipvsadm", IPVSADM.format(root=desk.root))
    settings(desk)
    return desk


def settings(desk: Desk, *, wanted: str = "yes", interface: str = "eth0", number: int = 51) -> None:
    desk.write(
        "/etc/mariadb-ha/ipvs-sync.env", f'LVS_SYNC_DAEMON="{wanted}"\nINTERFACE="{interface}"\nSYNC_ID="{number}"\n'
    )


def sync(desk: Desk, verb: str) -> subprocess.CompletedProcess[str]:
    return desk.run("ipvs-sync.sh", verb)


def changes(desk: Desk) -> list[str]:
    return [call for call in desk.calls if "--list" not in call]


def test_both_run_after_a_start_and_a_second_one_has_nothing_to_do(director: Desk) -> None:
    assert sync(director, "status").returncode == 3
    assert sync(director, "start").returncode == 0
    assert changes(director) == [
        f"ipvsadm --start-daemon {state} --mcast-interface eth0 --syncid 51" for state in ("master", "backup")
    ]
    assert sync(director, "status").returncode == 0
    director.forget()
    assert sync(director, "start").stdout == "ipvs-sync.sh: nothing to do: both sync daemons run\n"
    assert changes(director) == []


def test_the_one_that_is_missing_is_started(director: Desk) -> None:
    """As keepalived leaves it: one of the two, by its state."""
    director.write("/daemons/backup", "mcast=eth0, syncid=51\n")
    assert sync(director, "start").returncode == 0
    assert changes(director) == ["ipvsadm --start-daemon master --mcast-interface eth0 --syncid 51"]


def test_another_id_is_another_daemon(director: Desk) -> None:
    """syncid 5 is not 51, and 51 is not 5."""
    assert sync(director, "start").returncode == 0
    settings(director, number=5)
    assert sync(director, "status").returncode == 3
    assert sync(director, "start").returncode == 0
    assert director.read("/daemons/master") == "mcast=eth0, syncid=5\n"
    settings(director, number=51)
    assert sync(director, "status").returncode == 3


def test_none_runs_where_the_settings_say_no(director: Desk) -> None:
    assert sync(director, "start").returncode == 0
    settings(director, wanted="no")
    assert sync(director, "status").returncode == 3
    assert sync(director, "start").returncode == 0
    assert not list(director.path("/daemons").iterdir())
    assert sync(director, "start").stdout == "ipvs-sync.sh: nothing to do: no sync daemon runs\n"


def test_stop_does_not_wait_for_an_answer_that_never_comes(director: Desk) -> None:
    """The kernel says nothing when the thread that it stops has not run yet (netlink_rcv_skb skips the acknowledgement
    of EINTR).
    """
    assert sync(director, "start").returncode == 0
    director.write("/silent", "")
    director.fake("timeout", 'shift; exec /usr/bin/timeout 0.3 "$@"')
    done = sync(director, "stop")
    assert done.returncode == 0, done.stderr
    assert not list(director.path("/daemons").iterdir())


def test_an_interface_that_is_not_there_is_told(director: Desk) -> None:
    settings(director, interface="eth9")
    done = sync(director, "start")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "ipvs-sync.sh: the master sync daemon does not start on eth9. To do: see that eth9 is there"
    )


def test_an_incomplete_environment_is_told(director: Desk) -> None:
    settings(director, interface="")
    done = sync(director, "start")
    assert done.returncode == 1
    assert (
        done.stderr
        == "ipvs-sync.sh: /etc/mariadb-ha/ipvs-sync.env is incomplete. To do: deliver it again with pulumi up\n"
    )
    assert changes(director) == []
