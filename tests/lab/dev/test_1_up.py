"""What `make up` leaves: a serving stack, nothing of it in tracked files, and nothing to do for the next one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pymysql
import pytest
import yaml

from tests.lab.stacks import REUSE, ROOT, Stack, tracked_files


@pytest.mark.skipif(REUSE, reason="the stack was there before")
def test_an_interrupted_up_is_finished_by_the_next(stack: Stack) -> None:
    assert stack.resumed is not None
    assert "nothing to do" not in stack.resumed.out.split("▸ stack dev")[1].split("SQL answers")[0]
    assert "dev-network created" not in stack.resumed.out, "what was there is not made again"
    assert "tear down" in stack.resumed.out
    assert "./hactl status" in stack.resumed.out


def test_no_tracked_file_is_touched(stack: Stack) -> None:
    assert tracked_files("dev") == stack.tracked_before


def test_second_up_changes_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out
    assert "nothing to do; SQL answers" in again.out
    print(f"second make up: {again.seconds:.1f} s")


def test_preview_expects_no_changes(stack: Stack) -> None:
    done = stack.pulumi("preview", "--expect-no-changes")
    assert done.code == 0, done.out


def test_preview_of_a_change_shows_the_line_and_replaces_nothing(stack: Stack, tmp_path: Path) -> None:
    changed = tmp_path / "Pulumi.dev.yaml"
    text = (ROOT / ".state/dev/Pulumi.dev.yaml").read_text()
    document = yaml.safe_load(text)
    document["config"]["mariadb-ha:galera"]["max_connections"] = 210  # so few more that the buffer pool stays
    changed.write_text(yaml.safe_dump(document))
    done = stack.pulumi("preview", "--diff", "--config-file", changed, "--color", "never")
    assert done.code == 0, done.out
    lines = [line.strip() for line in done.out.splitlines()]
    changes = [line for line in lines if line.startswith(("- /", "+ /"))]
    file = "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"
    assert changes == [f"- {file}: max_connections = 200", f"+ {file}: max_connections = 210"] * 3, (
        "one line on each of three hosts"
    )
    assert "wsrep_cluster_name" not in done.out, "only what changes is shown"
    assert len(lines) < 100, "a reviewer reads it"
    assert "to replace" not in done.out
    assert "(replace)" not in done.out
    assert "6 to update" in done.out, "three hosts and their rolling steps"


def test_sql_through_the_vip_by_the_forwarded_port(stack: Stack) -> None:
    account = stack.outputs["databases"]["app"]["accounts"]["app"]
    with (
        pymysql.connect(
            host="127.0.0.1",
            port=stack.port,
            user=account["username"],
            password=account["password"],
            database="app",
            connect_timeout=5,
            autocommit=True,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE OR REPLACE TABLE through_the_vip (id INT PRIMARY KEY)")
        cursor.execute("INSERT INTO through_the_vip VALUES (42)")
    for node in ("mdb1", "mdb2", "mdb3"):
        assert stack.sql(node, "SET SESSION wsrep_sync_wait=1; SELECT id FROM app.through_the_vip") == "42"
    stack.sql("mdb1", "DROP TABLE app.through_the_vip")


def test_a_write_on_each_node_is_seen_on_the_others(stack: Stack) -> None:
    stack.sql("mdb1", "CREATE OR REPLACE TABLE app.each_node (node VARCHAR(10) PRIMARY KEY)")
    for node in ("mdb1", "mdb2", "mdb3"):
        stack.sql(node, f"INSERT INTO app.each_node VALUES ('{node}')")
    for node in ("mdb1", "mdb2", "mdb3"):
        assert stack.sql(node, "SET SESSION wsrep_sync_wait=1; SELECT node FROM app.each_node ORDER BY 1").split() == [
            "mdb1",
            "mdb2",
            "mdb3",
        ]
    stack.sql("mdb2", "DROP TABLE app.each_node")


def test_no_secret_in_the_state_or_the_inventory(stack: Stack) -> None:
    password = stack.outputs["databases"]["app"]["accounts"]["app"]["password"]
    secret = (ROOT / ".state/dev/stack_secret").read_text().strip()
    private = (ROOT / ".state/dev/id_ed25519").read_text().splitlines()[3]
    sst = (
        stack.ssh("mdb1", "sudo grep -h wsrep_sst_auth /etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf")
        .out.split(":")[1]
        .strip()
        .strip('"')
    )
    assert len(sst) >= 20
    files = [
        *(ROOT / ".state/pulumi").rglob("*.json"),
        ROOT / ".state/dev/inventory.json",
        ROOT / ".state/dev/Pulumi.dev.yaml",
    ]
    for path in files:
        text = path.read_text()
        for hidden in (password, secret, private, sst):
            assert hidden not in text, path


def test_first_boot_disk_holds_no_secret_but_the_host_key(stack: Stack) -> None:
    seed = stack.ssh("mdb1", "sudo cat /var/lib/cloud/instance/user-data.txt").out
    sst = (
        stack.ssh("mdb1", "sudo cat /etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf")
        .out.split(":")[1]
        .strip()
        .strip('"')
    )
    assert "ed25519_private" in seed
    assert sst not in seed
    assert stack.ssh("mdb1", "cat /etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf").code != 0, (
        "only root and mysql read it"
    )


def test_steps_on_a_live_cluster_do_no_harm(stack: Stack) -> None:
    before = stack.sql("mdb1", "SHOW STATUS LIKE 'wsrep_cluster_conf_id'")
    for host, step in (
        ("mdb1", "galera-bootstrap"),
        ("mdb2", "galera-join"),
        ("mdb1", "galera-settle"),
        ("mdb2", "realserver-in"),
        ("ha1", "director-up"),
    ):
        done = stack.ssh(host, f"sudo /usr/local/lib/mariadb-ha/{step}")
        assert done.code == 0, done.out
        assert "nothing to do" in done.out, (step, done.out)
    assert stack.sql("mdb1", "SHOW STATUS LIKE 'wsrep_cluster_conf_id'") == before


def test_the_bootstrap_node_was_restarted_as_a_normal_member(stack: Stack) -> None:
    assert "wsrep-new-cluster" not in stack.ssh("mdb1", "tr '\\0' ' ' < /proc/$(pidof mariadbd)/cmdline").out
    assert "_WSREP_NEW_CLUSTER" not in stack.ssh("mdb1", "systemctl show-environment").out


def test_host_keys_are_the_ones_known_before_the_first_boot(stack: Stack) -> None:
    for host, entry in stack.inventory["hosts"].items():
        found = stack.ssh(host, "sudo cat /etc/ssh/ssh_host_ed25519_key.pub").out
        assert entry["ssh_host_key"].split()[1] in found
        assert stack.ssh(host, "ls /etc/ssh/ssh_host_*_key").out.split() == ["/etc/ssh/ssh_host_ed25519_key"]


def test_inventory_and_state_are_for_their_owner_only(stack: Stack) -> None:
    for name in ("id_ed25519", "stack_secret", "passphrase"):
        assert (ROOT / ".state/dev" / name).stat().st_mode & 0o077 == 0
    assert subprocess.run(["git", "check-ignore", "-q", ".state/dev"], cwd=ROOT, check=False).returncode == 0
