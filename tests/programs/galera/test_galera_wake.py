"""A node that came with data of a cluster is started as at a boot; any other is left alone."""

from __future__ import annotations

import pytest

from tests.programs.conftest import Desk

GRASTATE = "uuid: 87a58d75-e593-11f1-a70f-9743278e44fb\nseqno: {}\nsafe_to_bootstrap: 0\n"
START = "systemctl start --no-block mariadb-ha-galera-start.service"


@pytest.fixture
def node(desk: Desk) -> Desk:
    """A host of a cluster with a systemctl that does nothing."""
    desk.galera_env()
    desk.fake("systemctl", "exit 0")
    desk.write("/var/lib/mysql/mysql/db.frm", "x")
    return desk


def test_kept_data_wakes_the_node(node: Desk) -> None:
    node.write("/var/lib/mysql/grastate.dat", GRASTATE.format(6767))
    done = node.run("galera-wake")
    assert done.returncode == 0, done.stderr
    assert "started as at a boot" in done.stdout
    assert START in node.calls


@pytest.mark.parametrize("unit", ["mariadb.service", "mariadb-ha-galera-start.service"])
def test_a_node_at_work_is_left_alone(node: Desk, unit: str) -> None:
    node.write("/var/lib/mysql/grastate.dat", GRASTATE.format(-1))
    node.write(f"/sys/fs/cgroup/system.slice/{unit}/cgroup.procs", "77\n")
    assert "nothing to do" in node.run("galera-wake").stdout
    assert START not in node.calls


def test_a_restored_backup_wakes_the_node(node: Desk) -> None:
    node.write("/var/lib/mysql/app/t.ibd", "x")
    assert "data of no known cluster is here: started as at a boot" in node.run("galera-wake").stdout
    assert START in node.calls


def test_an_empty_node_is_left_alone(node: Desk) -> None:
    assert "nothing to do: this node holds no data" in node.run("galera-wake").stdout
    assert START not in node.calls
