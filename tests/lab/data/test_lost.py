"""Power cuts, lost disks and lost files: nobody forms the cluster over data that is later, and what is refused is said
in words.
"""

from __future__ import annotations

import re
import time

import pytest

from tests.lab.data.conftest import HOSTS, START, Data, within
from tests.lab.measuring import Measure

ALL = tuple(HOSTS)
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_power_cut_of_all(stack: Data, measure: Measure) -> None:
    """The usual case: the last view forms again by itself, and nothing is lost."""
    stack.ask("mdb2", "CREATE TABLE app.t (id INT PRIMARY KEY AUTO_INCREMENT, words VARCHAR(200))")
    stack.ask("mdb2", "INSERT INTO app.t (words) SELECT REPEAT('x', 100) FROM seq_1_to_1000")
    stack.power("off", *ALL)
    stack.power("on", *ALL)
    began = time.monotonic()
    stack.reachable(*ALL)
    assert stack.synced(*ALL)
    measure("data: power cut of three nodes, all Synced again", f"{time.monotonic() - began:.0f} s")
    assert stack.ask("mdb1", "SELECT COUNT(*) FROM app.t") == "1000"


def test_power_cut_during_a_ddl_and_the_loss_of_the_first_disk(stack: Data) -> None:
    """`grastate.dat` holds a zero UUID then. The empty first node bootstrapped, and its state transfer wiped the other
    two.
    """
    stack.ask("mdb2", "INSERT INTO app.t (words) SELECT REPEAT('y', 100) FROM seq_1_to_300000")
    indexes = ", ".join(f"ADD INDEX i{index} (more, words)" for index in range(4))
    alter = f'ADD COLUMN more VARCHAR(300) NOT NULL DEFAULT "{"z" * 250}", {indexes}'
    stack.must("mdb2", f"sudo systemd-run --quiet --unit=ddl mariadb -e 'ALTER TABLE app.t {alter}, ALGORITHM=COPY'")
    under_way = f"sudo grep -q 'uuid: *{'0' * 8}-' /var/lib/mysql/grastate.dat"
    assert within(60, lambda: all(stack.host(name, under_way).code == 0 for name in ALL)), (
        "the DDL was not caught under way"
    )
    stack.power("off", *ALL)
    stack.lose_disk("mdb1")
    stack.power("on", *ALL)
    stack.reachable(*ALL)
    for name in ("mdb2", "mdb3"):
        assert within(
            300, lambda name=name: "the last transaction is on a node whose grastate.dat" in stack.said(name)
        ), stack.said(name)
    words = stack.said("mdb2")
    assert re.search(rf"mdb2 {UUID}:\d+ \(state file lost\), mdb3 {UUID}:\d+ \(state file lost\)", words), words
    assert not any(stack.runs(name) for name in ALL)
    refused = stack.host("mdb1", "sudo /usr/local/lib/mariadb-ha/galera-bootstrap", timeout=900)
    assert refused.code != 0
    assert "Traceback" not in refused.out, refused.out[-3000:]
    assert "the last transaction is on a node whose grastate.dat does not name its cluster" in refused.out, refused.out[
        -3000:
    ]
    assert not any(stack.runs(name) for name in ALL)
    # The runbook's remedy: the highest seqno, its UUID into grastate.dat, the start again.
    found = {name: (uuid, int(seqno)) for name, uuid, seqno in re.findall(rf"(mdb\d) ({UUID}):(\d+)", words)}
    best = max(found, key=lambda name: found[name][1])
    text = f"# GALERA saved state\\nversion: 2.1\\nuuid:    {found[best][0]}\\nseqno:   -1\\nsafe_to_bootstrap: 0\\n"
    stack.must(best, f"printf '{text}' | sudo tee /var/lib/mysql/grastate.dat")
    stack.end_start("mdb2", "mdb3")
    assert stack.synced("mdb2", "mdb3"), stack.said(best)
    assert stack.ask(best, "SELECT COUNT(*) FROM app.t") == "301000"
    joined = stack.host("mdb1", "sudo /usr/local/lib/mariadb-ha/galera-join", timeout=900)
    assert joined.code == 0, joined.out[-3000:]
    assert stack.synced(*ALL)
    assert stack.ask("mdb1", "SELECT COUNT(*) FROM app.t") == "301000"


def test_a_node_stopped_in_order_does_not_win_over_lost_state_files(stack: Data) -> None:
    """mdb1 bootstrapped at its old position, and the rows that were written after its stop were gone."""
    before = int(stack.ask("mdb2", "SELECT COUNT(*) FROM app.t"))
    stack.must("mdb1", "sudo systemctl stop mariadb")
    stack.ask("mdb2", "INSERT INTO app.t (words) SELECT 'after the stop' FROM seq_1_to_100")
    stack.must("mdb2", "sudo truncate -s 0 /var/lib/mysql/grastate.dat /var/lib/mysql/gvwstate.dat")
    stack.must("mdb3", "sudo truncate -s 0 /var/lib/mysql/grastate.dat /var/lib/mysql/gvwstate.dat")
    stack.power("off", *ALL)
    stack.power("on", *ALL)
    stack.reachable(*ALL)
    for name in ALL:
        assert within(300, lambda name=name: "(state file lost)" in stack.said(name)), stack.said(name)
    assert not any(stack.runs(name) for name in ALL)
    uuid, _ = re.findall(rf"mdb2 ({UUID}):(\d+)", stack.said("mdb1"))[-1]
    text = f"# GALERA saved state\\nversion: 2.1\\nuuid:    {uuid}\\nseqno:   -1\\nsafe_to_bootstrap: 0\\n"
    stack.must(
        "mdb2", f"printf '{text}' | sudo tee /var/lib/mysql/grastate.dat; sudo chown mysql: /var/lib/mysql/grastate.dat"
    )
    stack.end_start(*ALL)
    assert stack.synced(*ALL), stack.said("mdb2")
    assert {stack.ask(name, "SELECT COUNT(*) FROM app.t") for name in ALL} == {str(before + 100)}


@pytest.mark.matrix
def test_an_old_copy_of_the_state_file_is_not_believed(stack: Data) -> None:
    """Where it says an older position than the data's, Galera would go on from there and mix two histories."""
    stack.must("mdb1", "sudo systemctl stop mariadb && sudo cp -a /var/lib/mysql/grastate.dat /root/old-grastate.dat")
    stack.must("mdb1", f"sudo systemctl restart {START}")
    assert within(300, lambda: stack.synced(*ALL, seconds=5))
    stack.ask("mdb1", "INSERT INTO app.t (words) SELECT 'later' FROM seq_1_to_50")
    rows = stack.ask("mdb1", "SELECT COUNT(*) FROM app.t")
    for name in ("mdb3", "mdb2", "mdb1"):
        stack.must(name, "sudo systemctl stop mariadb")
    stack.must("mdb1", "sudo cp -a /root/old-grastate.dat /var/lib/mysql/grastate.dat")
    stack.end_start(*ALL)
    assert stack.synced(*ALL), stack.said("mdb1")
    assert {stack.ask(name, "SELECT COUNT(*) FROM app.t") for name in ALL} == {rows}
    stack.ask("mdb2", "INSERT INTO app.t (words) VALUES ('more')")
    assert {stack.ask(name, "SET wsrep_sync_wait=1; SELECT COUNT(*) FROM app.t") for name in ALL} == {
        str(int(rows) + 1)
    }


@pytest.mark.matrix
def test_two_of_three_go_on_without_a_dead_third_that_does_not_mix_its_data_in(stack: Data, measure: Measure) -> None:
    """After a while; and what the third alone has written to its disk is refused when it comes back."""
    for name in ALL:
        stack.must(name, f"sudo mkdir -p /etc/systemd/system/{START}.service.d")
        drop_in = f"/etc/systemd/system/{START}.service.d/test.conf"
        stack.must(name, f"printf '[Service]\\nEnvironment=MHA_SILENT=20\\n' | sudo tee {drop_in}")
        stack.must(name, "sudo systemctl daemon-reload; sync")
    rows = int(stack.ask("mdb1", "SELECT COUNT(*) FROM app.t"))
    stack.power("off", *ALL)
    stack.power("on", "mdb1", "mdb2")
    stack.reachable("mdb1", "mdb2")
    began = time.monotonic()
    assert stack.synced("mdb1", "mdb2"), stack.said("mdb1")
    measure(
        "data: two of three form the cluster without the dead third (20 s of silence)",
        f"{time.monotonic() - began:.0f} s",
    )
    record = stack.must("mdb1", "sudo cat /var/lib/mariadb-ha/formed.json")
    assert '"without": ["mdb3"]' in record
    assert stack.must("mdb2", "sudo cat /var/lib/mariadb-ha/formed.json") == record
    stack.ask("mdb1", "INSERT INTO app.t (words) VALUES ('without the third')")
    # As if the third had got one more transaction to its disk than the two: the record says that they went on before
    # that.
    earlier = re.sub(r'"seqno": \d+', '"seqno": 1', record)
    for name in ("mdb1", "mdb2"):
        stack.must(name, "sudo tee /var/lib/mariadb-ha/formed.json >/dev/null", stdin=earlier)
    stack.power("on", "mdb3")
    stack.reachable("mdb3")
    assert within(300, lambda: "formed the cluster again at 1 while it was away" in stack.said("mdb3")), stack.said(
        "mdb3"
    )
    assert not stack.runs("mdb3")
    for name in ("mdb1", "mdb2"):
        stack.must(name, "sudo tee /var/lib/mariadb-ha/formed.json >/dev/null", stdin=record)
    stack.end_start("mdb3")
    assert stack.synced(*ALL), stack.said("mdb3")
    assert {stack.ask(name, "SELECT COUNT(*) FROM app.t") for name in ALL} == {str(rows + 1)}
