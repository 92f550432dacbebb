"""A clean shutdown of all hosts at once: the cluster forms again unattended, and nobody bootstraps over data."""

from __future__ import annotations

import pytest

from tests.lab.stacks import Stack


@pytest.mark.matrix
def test_all_hosts_rebooted_at_once(stack: Stack) -> None:
    stack.sql("mdb1", "CREATE OR REPLACE TABLE app.survives (id INT PRIMARY KEY); INSERT INTO app.survives VALUES (7)")
    uuid = stack.sql("mdb1", "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'")
    boots = {
        host: stack.ssh(host, "cat /proc/sys/kernel/random/boot_id").out.strip() for host in stack.inventory["hosts"]
    }
    for host in stack.inventory["hosts"]:
        stack.ssh(host, "sudo systemd-run --on-active=1 systemctl reboot")
    assert stack.healthy_within(1800), stack.hactl("status").out
    for host, boot in boots.items():
        assert stack.ssh(host, "cat /proc/sys/kernel/random/boot_id").out.strip() != boot, f"{host} did not reboot"
    for node in ("mdb1", "mdb2", "mdb3"):
        assert stack.sql(node, "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'") == uuid
        assert stack.sql(node, "SELECT id FROM app.survives") == "7"
        # The one that formed the cluster again must not do so at its next start.
        left = stack.ssh(
            node, "systemctl show-environment | grep WSREP_NEW; cat /run/mariadb-wsrep-new-cluster"
        ).out.strip()
        assert left == "cat: /run/mariadb-wsrep-new-cluster: No such file or directory"
    stack.sql("mdb1", "DROP TABLE app.survives")


@pytest.mark.matrix
def test_up_after_the_reboot_changes_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out
    assert "nothing to do; SQL answers" in again.out
