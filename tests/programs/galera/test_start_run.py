"""The start loop: each decision is carried out once, and the facts are looked at again right before a bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import start_run
from galera_decision import Bootstrap, Decision, Join, Recover, Refuse, Wait
from galera_state import disk_state, load_config, read_grastate, write_recovered
from mha_common import Failure
from node_facts import Formed

from tests.programs.conftest import Desk

A = "aaaaaaaa-0000-0000-0000-000000000001"
SYNCED = {"wsrep_cluster_status": "Primary", "wsrep_ready": "ON", "wsrep_local_state": "4"}


class World:
    """Decisions to come, and what was done about them."""

    def __init__(self, *decisions: Decision) -> None:
        self.decisions = list(decisions)
        self.done: list[str] = []
        self.up = False
        self.fails = 0
        self.recovered = True

    def decide(self, *_args: Any, **_keywords: Any) -> Decision:
        return self.decisions.pop(0) if len(self.decisions) > 1 else self.decisions[0]

    def start(self, _datadir: str, *, new_cluster: bool = False) -> str:
        self.done.append("bootstrap" if new_cluster else "join")
        return "starter"

    def wait(self, *_args: Any) -> None:
        if self.fails:
            self.fails -= 1
            raise Failure("MariaDB did not start")
        self.up = True


@pytest.fixture
def play(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    desk.galera_env()
    desk.write("/var/lib/mysql/grastate.dat", f"uuid: {A}\nseqno: 5\nsafe_to_bootstrap: 0\n")

    def run(world: World) -> None:
        if world.recovered:
            write_recovered("/var/lib/mysql", A, 7)
        for name, fake in {
            "ask_decision": world.decide,
            "start": world.start,
            "wait_synced": world.wait,
            "figures": lambda: SYNCED if world.up else None,
            "server_runs": lambda: False,
            "forget_bootstrap": lambda: None,
            "clear_stale_sst": lambda _datadir: None,
            "recover": lambda _config: world.done.append("recover"),
            "pause": lambda _seconds: None,
        }.items():
            monkeypatch.setattr(start_run, name, fake)
        start_run.start_node(load_config(), limit=30)

    return run


def test_synced_has_nothing_to_do(play: Callable[[World], None], capsys: pytest.CaptureFixture[str]) -> None:
    world = World(Refuse("never asked", "-"))
    world.up = True
    play(world)
    assert world.done == []
    assert "nothing to do" in capsys.readouterr().out


def test_waits_then_joins(play: Callable[[World], None]) -> None:
    world = World(Wait("mdb2 joins first"), Wait("mdb2 joins first"), Join("mdb1 is Primary"))
    play(world)
    assert world.done == ["join"]


def test_room_is_judged_by_what_the_decision_heard(
    play: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All the others are asked once: with several that are silent each round takes seconds."""
    mine, peer = {"holds": "nothing"}, {"cluster_status": "Primary"}
    asked: list[str] = []
    judged: list[Any] = []
    monkeypatch.setattr(start_run, "ask_peers", lambda _config: asked.append("peers") or {"mdb2": peer, "mdb3": None})
    monkeypatch.setattr(start_run, "disk_state", lambda _config: asked.append("disk") or mine)
    monkeypatch.setattr(start_run, "refuse_without_room", lambda *given: judged.append(given[1:]))
    play(World(Join("mdb2 is Primary")))
    assert asked == ["peers", "disk"]
    assert judged == [(mine, {"mdb2": peer, "mdb3": None})]


def test_winner_sets_the_flag_and_bootstraps_once(play: Callable[[World], None], desk: Desk) -> None:
    world = World(Bootstrap("last"), Bootstrap("last"))
    play(world)
    assert world.done == ["bootstrap"]
    assert read_grastate("/var/lib/mysql") == {"uuid": A, "seqno": -1, "safe_to_bootstrap": 1}, (
        "Galera goes on where InnoDB is, not where an old file says"
    )
    assert disk_state(load_config())["formed"] == []


def test_facts_that_changed_stop_the_bootstrap(play: Callable[[World], None], desk: Desk) -> None:
    world = World(Bootstrap("last"), Wait("mdb2 answers no more"), Join("mdb2 is Primary"))
    play(world)
    assert world.done == ["join"]
    assert "safe_to_bootstrap: 0" in desk.read("/var/lib/mysql/grastate.dat")


def test_refusal_must_hold_for_two_looks(play: Callable[[World], None]) -> None:
    world = World(Refuse("all empty", "up"), Join("mdb1 is Primary"))
    play(world)
    assert world.done == ["join"]


def test_refusal_touches_nothing(play: Callable[[World], None], desk: Desk) -> None:
    before = desk.read("/var/lib/mysql/grastate.dat")
    world = World(Refuse("different clusters", "decide"))
    with pytest.raises(Failure, match="different clusters"):
        play(world)
    assert world.done == []
    assert desk.read("/var/lib/mysql/grastate.dat") == before


def test_recovers_before_it_decides(play: Callable[[World], None]) -> None:
    world = World(Recover("not stopped in order"), Bootstrap("last"), Bootstrap("last"))
    play(world)
    assert world.done == ["recover", "bootstrap"]


def test_three_failed_starts_end_it(play: Callable[[World], None]) -> None:
    world = World(Join("mdb1 is Primary"))
    world.fails = 99
    with pytest.raises(Failure, match="did not start"):
        play(world)
    assert world.done == ["join"] * 3


def test_a_failed_start_is_tried_again(play: Callable[[World], None]) -> None:
    world = World(Join("mdb1 is Primary"))
    world.fails = 1
    play(world)
    assert world.done == ["join"] * 2


def test_recovery_reads_position_not_uuid(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.galera_env()
    desk.fake("galera_recovery", "echo '--wsrep_start_position=aaaaaaaa-0000-0000-0000-000000000001:41,1-1-7'")
    monkeypatch.setenv("PATH", desk.env["PATH"])
    start_run.recover(load_config())
    assert '"seqno": 41' in desk.read("/var/lib/mariadb-ha/recovered.json")


@pytest.mark.parametrize(
    "script", ["echo 'InnoDB: corrupt' >&2; exit 1", "echo", "echo '--wsrep_start_position=garbage:5'"]
)
def test_a_recovery_that_fails_is_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: str
) -> None:
    """The others say that the position cannot be recovered, instead of waiting for it without end."""
    desk.galera_env()
    desk.fake("galera_recovery", script)
    monkeypatch.setenv("PATH", desk.env["PATH"])
    start_run.recover(load_config())
    assert disk_state(load_config())["recovered"] == {"uuid": "", "seqno": -1}
    assert "no position could be recovered" in capsys.readouterr().out


def test_a_start_as_a_member_leaves_a_mark_until_it_is_synced(play: Callable[[World], None], desk: Desk) -> None:
    mark = desk.path("/var/lib/mariadb-ha/joining")
    world = World(Join("mdb1 is Primary"))
    world.fails = 99
    with pytest.raises(Failure):
        play(world)
    assert mark.exists()
    play(World(Join("mdb1 is Primary")))
    assert not mark.exists()


@pytest.mark.parametrize("discard", [True, False])
def test_only_the_word_takes_the_state_files_away(play: Callable[[World], None], desk: Desk, discard: bool) -> None:
    desk.write("/var/lib/mysql/gvwstate.dat", "x")
    desk.write("/var/lib/mysql/ibdata1", "x")
    play(World(Join("mdb1 is Primary", discard=discard)))
    left = {entry.name for entry in desk.path("/var/lib/mysql").iterdir()}
    assert left == ({"ibdata1"} if discard else {"ibdata1", "gvwstate.dat", "grastate.dat"})


def test_the_word_of_the_settings_reaches_the_decision(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.galera_env()
    desk.write("/etc/mariadb-ha/discard.env", 'HOSTS="mdb1 mdb3"\n')
    seen: list[Any] = []
    monkeypatch.setattr(start_run, "decide", lambda *_args, **keywords: seen.append(keywords["discard"]))
    config = load_config()
    start_run.ask_decision(config, start_run.Ears(), dict.fromkeys(config.nodes), patient=True)
    assert seen == [["mdb1", "mdb3"]]


@pytest.mark.parametrize("files", [[], ["ibdata1", "mysql/db.frm"]], ids=["empty", "as the package left it"])
def test_a_boot_before_the_first_bootstrap_waits_for_nobody(desk: Desk, files: list[str]) -> None:
    desk.galera_env()
    for name in files:
        desk.write(f"/var/lib/mysql/{name}", "x")
    done = desk.run("galera-start")
    assert done.returncode == 0
    assert "nothing to do: this node holds no data" in done.stdout


def test_a_bootstrap_without_a_node_is_written_down_before(play: Callable[[World], None], desk: Desk) -> None:
    play(World(Bootstrap("last", without=("mdb3",))))
    (record,) = disk_state(load_config())["formed"]
    assert (record["uuid"], record["seqno"], record["without"]) == (A, 7, ["mdb3"])
    play(World(Bootstrap("last", without=("mdb3",))))
    assert len({one["id"] for one in disk_state(load_config())["formed"]}) == 2


def test_who_joins_remembers_what_the_cluster_was_formed_without(play: Callable[[World], None], desk: Desk) -> None:
    record = Formed("i", A, 7, ("mdb3",))
    for _ in range(2):
        play(World(Join("mdb1 is Primary", formed=(record,))))
    assert disk_state(load_config())["formed"] == [{"id": "i", "uuid": A, "seqno": 7, "without": ["mdb3"]}]


OTHER = "bbbbbbbb-0000-0000-0000-000000000002"


@pytest.mark.parametrize(
    ("uuid", "seqno", "left"),
    [(A, 5, -1), (A, 9, -1), (A, 7, 7), (A, -1, -1), (OTHER, 5, 5)],
    ids=[
        "older than the data",
        "later than the data",
        "the data's",
        "not known",
        "of another cluster: the transfer replaces all",
    ],
)
def test_an_old_state_file_does_not_mislead_galera_at_a_join(
    play: Callable[[World], None], desk: Desk, uuid: str, seqno: int, left: int
) -> None:
    desk.write("/var/lib/mysql/grastate.dat", f"uuid: {uuid}\nseqno: {seqno}\nsafe_to_bootstrap: 0\n")
    play(World(Join("mdb1 is Primary")))
    assert read_grastate("/var/lib/mysql") == {"uuid": uuid, "seqno": left, "safe_to_bootstrap": 0}


def test_a_position_that_is_not_valid_any_more_bootstraps_nothing(play: Callable[[World], None], desk: Desk) -> None:
    write_recovered("/var/lib/mysql", A, 7)
    world = World(Bootstrap("last"))
    world.recovered = False
    desk.write("/var/lib/mysql/ibdata1", "touched since")
    with pytest.raises(Failure, match="touched since"):
        play(world)
    assert world.done == []


def test_a_volume_that_is_not_mounted_is_refused_in_words(play: Callable[[World], None], desk: Desk) -> None:
    desk.write("/etc/fstab", "UUID=2 /var/lib/mysql xfs defaults 0 2\n")
    world = World(Bootstrap("last"))
    with pytest.raises(Failure, match="nothing is mounted on /var/lib/mysql"):
        play(world)
    assert world.done == []


def test_the_word_for_a_candidate_is_kept_until_the_node_is_synced(play: Callable[[World], None], desk: Desk) -> None:
    lets = desk.path("/var/lib/mariadb-ha/lets-form")
    start_run.let_form(load_config(), "mdb2 7")
    assert lets.read_text() == "mdb2 7\n"
    start_run.let_form(load_config(), "mdb1")
    first = lets.read_text()
    assert first.startswith("mdb1 ")
    start_run.let_form(load_config(), "mdb1")
    assert lets.read_text() == first, "one candidacy, one id"
    start_run.let_form(load_config(), "-")
    start_run.let_form(load_config(), "mdb1")
    assert lets.read_text() != first, "a new candidacy: words given to the earlier one do not count"
    play(World(Join("mdb1 is Primary")))
    assert not lets.exists()


def test_silence_counts_only_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(start_run.time, "monotonic", lambda: now[0])
    ears, there = start_run.Ears(), start_run.Node()
    assert ears.silent({"mdb2": None, "mdb3": there}) == []
    now[0] = 899
    assert ears.silent({"mdb2": None, "mdb3": None}) == []
    now[0] = 901
    assert ears.silent({"mdb2": None, "mdb3": None}) == ["mdb2"]
    assert ears.silent({"mdb2": there, "mdb3": None}) == []
    now[0] = 1800
    assert ears.silent({"mdb2": None, "mdb3": None}) == ["mdb3"]


def test_a_transfer_that_cannot_fit_is_never_asked_for(
    play: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sst_room

    world = World(Join("mdb1 is Primary"))
    monkeypatch.setattr(sst_room, "does_not_fit", lambda config, mine, donors: "a whole state transfer cannot fit")
    with pytest.raises(Failure, match="MariaDB was not started"):
        play(world)
    assert world.done == []
