"""galera-roll, rule by rule: when it begins, what it does in which order, and how it gets out of everything that goes
wrong.
"""

from __future__ import annotations

from typing import Any

import pytest
from mha_common import Failure

from tests.programs.conftest import Desk
from tests.programs.galera.rolling import AGENT, ENV, FLAG, MEMBERS, SERVER, Killed, Rolling, World, living, manifest

RESTART = "restart mariadb-ha-agent.service"
NEW = "max_connections = 300\n"
BAD = "innodb_buffer_pool_size = 900000M\n"


@pytest.fixture
def world(desk: Desk) -> World:
    return World(desk)


@pytest.fixture
def roll(desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> Rolling:
    found = Rolling(desk, world, monkeypatch)
    living(desk, world)
    return found


def test_nothing_to_do(roll: Rolling, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert roll(manifest()) == 0
    assert world.did == []
    assert capsys.readouterr().out == "nothing to do\n"
    world.up = False
    world.peers["mdb1"] = None
    assert roll(manifest()) == 0, "a node that is down with its right files is another step's"


def test_a_change_rolls_in_this_order(roll: Rolling, world: World, desk: Desk) -> None:
    assert roll(manifest(NEW)) == 0
    assert world.did == ["out", "stop", "start", "in"]
    assert NEW in desk.read(SERVER)
    assert roll(manifest(NEW)) == 0
    assert world.did == []
    assert not desk.path("/var/lib/mariadb-ha/roll-before.json").exists()


def test_a_server_that_has_not_read_its_files_is_restarted(roll: Rolling, world: World, desk: Desk) -> None:
    desk.write("/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf", "another password\n")
    assert roll(manifest()) == 0
    assert world.did == ["out", "stop", "start", "in"]


def test_a_list_of_members_is_only_delivered(roll: Rolling, world: World, desk: Desk) -> None:
    world.peers["mdb1"] = None
    assert roll(manifest(members="gcomm://fewer\n")) == 0
    assert world.did == []
    assert desk.read(MEMBERS) == "gcomm://fewer\n"


def test_an_agent_is_restarted_while_the_node_is_out(roll: Rolling, world: World) -> None:
    assert roll(manifest(agent="agent 2\n")) == 0
    assert world.did == ["out", RESTART, "in"]


def test_the_checker_comes_first(roll: Rolling, world: World, desk: Desk) -> None:
    world.checker = lambda text: "Unknown suffix 'b'" if "banana" in text else ""
    with pytest.raises(Failure, match="Unknown suffix 'b'"):
        roll(manifest("innodb_flush_log_at_trx_commit = banana\n"))
    assert world.did == []
    assert "banana" not in desk.read(SERVER)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "mdb1 does not answer"),
        ({"running": False, "process": False}, "mdb1 does not run MariaDB"),
        ({"local_state": 3, "local_state_comment": "Joined"}, "Joined"),
    ],
)
def test_refused_while_the_cluster_is_not_whole(
    roll: Rolling, world: World, desk: Desk, state: dict[str, Any] | None, words: str
) -> None:
    world.peers["mdb1"] = {**(world.peers["mdb1"] or {}), **state} if state else None
    with pytest.raises(Failure, match=words) as failure:
        roll(manifest(NEW))
    assert "nothing was touched" in failure.value.what
    assert failure.value.todo
    assert world.did == []
    assert NEW not in desk.read(SERVER)
    assert not desk.path(FLAG).exists()


def test_looked_at_again_before_the_stop(
    roll: Rolling, world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import roll_drain

    def out(config: Any, given: Any, *, others_serve: bool, settle: Any) -> None:
        world.take_out(config, given, others_serve=others_serve, settle=settle)
        world.peers["mdb3"] = None

    monkeypatch.setattr(roll_drain, "take_out", out)
    with pytest.raises(Failure, match="mdb3 does not answer") as failure:
        roll(manifest(NEW))
    assert "takes clients again" in failure.value.what
    assert world.did == ["out"]
    assert NEW not in desk.read(SERVER)
    assert not desk.path(FLAG).exists()


def test_down_while_others_are_primary_is_refused(roll: Rolling, world: World) -> None:
    world.up = False
    with pytest.raises(Failure, match="mdb2 does not run MariaDB"):
        roll(manifest(NEW))
    assert world.did == []


@pytest.mark.parametrize(
    "peers",
    [{"mdb1": None, "mdb3": None}, {"mdb1": {"running": False, "process": False}, "mdb3": None}],
    ids=["no agents yet", "down"],
)
def test_no_server_anywhere_gets_files_only(roll: Rolling, world: World, desk: Desk, peers: dict[str, Any]) -> None:
    world.up, world.peers = False, peers
    assert roll(manifest(NEW)) == 0
    assert world.did == []
    assert NEW in desk.read(SERVER)


def test_a_host_without_anything_gets_files_only(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bare metal: no galera.env, no agent, no data; the others may live."""
    world.up = False
    assert Rolling(desk, world, monkeypatch)(manifest(NEW)) == 0
    assert world.did == [RESTART]
    assert desk.path(ENV).exists()


def test_galera_start_that_waits_reads_the_new_nodes(roll: Rolling, world: World, desk: Desk) -> None:
    """A cluster that is down waits for a node that is gone for good: declared lost, it is no longer waited for."""
    world.up, world.peers = False, {"mdb1": {"running": False, "process": False}, "mdb3": None}
    desk.write("/sys/fs/cgroup/system.slice/mariadb-ha-galera-start.service/cgroup.procs", "99\n")
    assert roll(manifest(env={"NODES": "mdb1=127.0.0.11 mdb2=127.0.0.12"})) == 0
    assert world.did == [RESTART, "systemctl try-restart mariadb-ha-galera-start.service"]


def test_a_lost_node_is_not_missed(roll: Rolling, world: World) -> None:
    world.peers = {"mdb1": world.peers["mdb1"], "mdb3": None}
    assert roll(manifest(NEW, env={"NODES": "mdb1=127.0.0.11 mdb2=127.0.0.12"})) == 0
    assert world.did == ["out", RESTART, "stop", "start", "in"]


def test_a_node_that_comes_is_not_missed_yet(roll: Rolling, world: World, desk: Desk) -> None:
    nodes = desk.read(ENV).split('NODES="')[1].split('"')[0]
    assert roll(manifest(env={"NODES": f"{nodes} mdb4=127.0.0.14"})) == 0
    assert world.did == ["out", RESTART, "in"]


@pytest.mark.parametrize(
    ("path", "before", "after", "key"), [(SERVER, "= 3306", "= 3307", "port"), (ENV, '"9200"', '"9201"', "AGENT_PORT")]
)
def test_what_can_never_roll(roll: Rolling, world: World, path: str, before: str, after: str, key: str) -> None:
    wanted = manifest()
    wanted[path]["content"] = wanted[path]["content"].replace(before, after)
    with pytest.raises(Failure, match=f"{key} would change") as failure:
        roll(wanted)
    assert "nothing was touched" in failure.value.todo
    assert world.did == []


def test_a_server_that_does_not_come_back_gets_the_old_files(roll: Rolling, world: World, desk: Desk) -> None:
    world.starts_with = lambda text: BAD not in text
    with pytest.raises(Failure, match=r"\[ERROR\] banana; the old configuration is in force again") as failure:
        roll(manifest(BAD, agent="agent 2\n"))
    assert failure.value.todo == "correct that setting"
    assert world.did == ["out", RESTART, "stop", "start", RESTART, "start", "in"]
    assert BAD not in desk.read(SERVER)
    assert desk.read(AGENT) == "agent 1\n"
    assert not desk.path(FLAG).exists()
    assert roll(manifest()) == 0
    assert world.did == []


def test_when_even_that_fails_it_is_said(roll: Rolling, world: World, desk: Desk) -> None:
    world.starts_with = lambda _text: False
    with pytest.raises(Failure, match=r"could not be brought back either.*stays out of service"):
        roll(manifest(BAD))
    assert desk.path(FLAG).exists()
    world.starts_with = lambda text: BAD not in text
    assert roll(manifest(NEW)) == 0, "the next run finds the node that was taken out, and goes on"
    assert world.did == ["out", "start", "in"]


def test_a_state_transfer_that_takes_long_is_not_undone(
    roll: Rolling, world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import roll_run

    def slow(_config: Any, **_: Any) -> None:
        world.up = True
        world.read_files()
        monkeypatch.setattr(roll_run, "figures", lambda: None)
        raise Failure("the node is not Synced after 21000 s")

    monkeypatch.setattr(roll_run, "start_node", slow)
    with pytest.raises(Failure, match="MariaDB still runs with the new configuration") as failure:
        roll(manifest(NEW))
    assert "--finish" in failure.value.todo
    assert NEW in desk.read(SERVER)
    assert desk.path(FLAG).exists()


@pytest.mark.parametrize("point", ["out", RESTART, "stop", "start", "in"])
@pytest.mark.parametrize("again", ["manifest", "--finish"])
def test_killed_anywhere_it_is_healed_by_running_it_again(
    roll: Rolling, world: World, desk: Desk, point: str, again: str
) -> None:
    world.kill_at = point
    wanted = manifest(NEW, agent="agent 2\n")
    with pytest.raises(Killed):
        roll(wanted)
    assert roll(wanted if again == "manifest" else None, *([again] if again == "--finish" else [])) == 0
    assert world.up
    assert not desk.path(FLAG).exists()
    if again == "manifest" or point != "out":
        assert NEW in desk.read(SERVER)
    world.did.clear()
    assert roll(wanted if NEW in desk.read(SERVER) else manifest()) == 0
    assert world.did == []


def test_killed_with_bad_files_it_still_knows_the_way_back(roll: Rolling, world: World, desk: Desk) -> None:
    world.starts_with = lambda text: BAD not in text
    world.kill_at = "start"
    with pytest.raises(Killed):
        roll(manifest(BAD))
    with pytest.raises(Failure, match="the old configuration is in force again"):
        roll(manifest(BAD))
    assert BAD not in desk.read(SERVER)
    assert world.up


def test_a_roll_at_work_elsewhere_is_waited_for(roll: Rolling, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import roll_run

    away = {"draining": True, "draining_reason": "roll: x", "rolling": True, "running": False}
    whole = world.peers["mdb1"] or {}
    world.peers["mdb1"] = {**whole, **away}
    looks = 0

    def pause(_seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            world.peers["mdb1"] = whole

    monkeypatch.setattr(roll_run, "pause", pause)
    assert roll(manifest(NEW)) == 0
    assert looks == 3
    assert world.did == ["out", "stop", "start", "in"]


@pytest.mark.parametrize(
    ("peer", "others_serve"),
    [({"vip_on_lo": False}, False), ({"vip_on_lo": True}, True), ({"vip_on_lo": True, "status": 503}, False)],
)
def test_sessions_are_drained_where_another_real_server_takes_the_clients(
    roll: Rolling, world: World, peer: dict[str, Any], others_serve: bool
) -> None:
    world.peers["mdb1"] = {**(world.peers["mdb1"] or {}), **peer}
    assert roll(manifest(NEW)) == 0
    assert world.others_serve is others_serve
    assert world.did == ["out", "stop", "start", "in"]


def test_a_roll_that_was_killed_elsewhere_is_named_with_its_command(roll: Rolling, world: World) -> None:
    world.peers["mdb1"] = {
        **(world.peers["mdb1"] or {}),
        "running": False,
        "draining_reason": "roll: x by galera-roll, boot=b pid=7",
        "roll_cut_short": True,
    }
    with pytest.raises(Failure, match="mdb1 was taken out by a roll that did not end") as failure:
        roll(manifest(NEW))
    assert "galera-roll --finish" in failure.value.todo
    assert world.did == []


def test_a_persons_draining_is_respected(roll: Rolling, world: World, desk: Desk) -> None:
    desk.write(FLAG, "a new disk\n")
    with pytest.raises(Failure, match="mdb2 is draining"):
        roll(manifest(NEW))
    assert desk.read(FLAG) == "a new disk\n"
    assert world.did == []


def test_recorded_puts_right_what_was_changed_by_hand(roll: Rolling, world: World, desk: Desk) -> None:
    with pytest.raises(Failure, match="never delivered"):
        roll(None, "--recorded")
    roll(manifest())
    desk.write(SERVER, "by hand\n")
    assert roll(None, "--recorded") == 0
    assert world.did == [], "the server has never read it"
    desk.write(SERVER, "by hand\n")
    world.read_files()
    assert roll(None, "--recorded") == 0
    assert world.did == ["out", "stop", "start", "in"]
    assert "max_connections = 200" in desk.read(SERVER)
