"""Generated histories of a cluster against the model: no decision loses an acknowledged write that a disk in reach
still has, and at most one node forms the cluster. The controls show that the histories find the faults of earlier
rules.

A history comes from a seed, for it has to be long to be of use: hypothesis chooses the seeds, and a failure tells the
history.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from random import Random
from typing import Any

import galera_form
import node_facts
import pytest
import start_decision
from galera_decision import Bootstrap, Join
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from node_facts import NO_UUID

from tests.programs.galera.galera_model import BROKEN, Cluster, Disk, File

#: Histories of each kind: 5000, and a quarter of them in `make test` (tests/conftest.py).
EXAMPLES = 50 * settings.default.max_examples
#: A control ends with the history that finds its rule.
AT_MOST = 20_000


class History:
    """What happens to a cluster: outages, one after the other, each with what people and machines do to it until it is
    back.
    """

    def __init__(self, seed: int, *, arbitrated: bool = False) -> None:
        self.random = Random(seed)  # noqa: S311  no secret
        names = [f"n{index}" for index in range(self.random.choice([3, 3, 5]))]
        # Two or four nodes have an arbitrator beside them.
        self.cluster = Cluster(names[:-1], voter="arb") if arbitrated else Cluster(names)
        self.cluster.first_bootstrap()
        self.disks: list[Disk] = []
        self.files: list[File | None] = [None, (NO_UUID, -1, 0)]
        self.told: list[str] = []

    def some(self, *, least: int = 0) -> list[str]:
        names = list(self.cluster.order)
        self.random.shuffle(names)
        return names[: self.random.randint(least, len(names))]

    def one_in(self, number: int) -> bool:
        return self.random.randrange(number) == 0

    def tell(self, what: str, *about: object) -> None:
        self.told.append(" ".join([what, *map(str, about)]))

    def outage(self) -> None:
        """Some are stopped in order, the power of some or all of the rest is cut, disks and files are damaged, the
        power comes back in part or whole.
        """
        self.write()
        if self.one_in(2):
            self.stop(self.some(least=1))
        if not self.one_in(4):
            names, ddl = self.some() if self.one_in(3) else list(self.cluster.order), self.one_in(4)
            for group in [[name] for name in names] if self.one_in(3) else [names]:
                self.tell("power cut", group, "during a DDL" if ddl else "")
                if self.cluster.voter and self.one_in(3):
                    self.tell("and of the arbitrator")
                    group = [*group, self.cluster.voter]
                self.cluster.cut(group, ddl=ddl)
                for name in self.cluster.order:
                    self.cluster.write(name)
        while self.one_in(2):
            self.damage(self.random.choice(self.cluster.order))
        for _ in range(self.random.randint(1, 3)):
            self.come_back(self.some(least=1) if self.one_in(2) else list(self.cluster.order))
            self.decide()
        self.write()

    def write(self) -> None:
        """Acknowledged writes; the others may not have them on disk yet."""
        for name in self.some():
            self.tell("write on", name)
            self.cluster.write(name)
        for name in self.some() if self.one_in(2) else self.cluster.order:
            self.tell("on disk of", name)
            self.cluster.apply(name)
        if self.one_in(2):
            name = self.random.choice(self.cluster.order)
            self.disks.append(dataclasses.replace(self.cluster.hosts[name].disk))

    def stop(self, names: list[str]) -> None:
        """One after the other, with writes between; copies of their state files are kept."""
        for index, name in enumerate(names):
            self.tell("stopped in order", name)
            self.cluster.stop(name)
            self.files.append(self.cluster.hosts[name].disk.file)
            for writer in names[index + 1 :]:
                if self.one_in(2):
                    self.tell("write on", writer)
                    self.cluster.write(writer)

    def damage(self, name: str) -> None:
        """Of a node that is down: a lost disk; a lost, an empty or an old state file; a restore; the disk of another
        cluster's node.
        """
        what = self.random.choice(["disk", "view", "file", "file", "snapshot", "backup", "dump", "other"])
        if self.cluster.hosts[name].server:
            return
        self.tell("damage", name, what)
        if what == "disk":
            self.cluster.lose_disk(name)
        elif what == "view":
            self.cluster.forget_view(name)
        elif what == "file":
            self.cluster.put_file(name, self.random.choice(self.files))
        elif what == "other":
            uuid, log = self.cluster.new_uuid(), tuple(self.cluster.number("t") for _ in range(3))
            self.cluster.acknowledged.update(log)
            self.cluster.restore(name, Disk(uuid, log, (uuid, 3, 1)))
        elif self.disks:
            self.restore(name, self.random.choice(self.disks), what)

    def restore(self, name: str, disk: Disk, what: str) -> None:
        """A snapshot of the whole directory; a backup without state files; the same rows in a server that was in no
        cluster.

        Of what the cluster has kept: nobody can tell what else a backup once had under the same numbers.
        """
        if self.cluster.log[: len(disk.log or ())] != disk.log:
            return
        if what == "snapshot":
            self.cluster.old_views = True
        else:
            disk = dataclasses.replace(disk, file=None, view=None)
        self.cluster.restore(name, dataclasses.replace(disk, uuid="") if what == "dump" else disk)

    def come_back(self, names: list[str]) -> None:
        """Two agents may not hear each other; a long time may pass."""
        self.tell("power on", names)
        for name in names:
            self.cluster.power_on(name)
        if self.cluster.voter and not self.one_in(3):
            self.tell("the arbitrator is on")
            self.cluster.voter_on()
        if self.one_in(3):
            pair = self.random.sample(self.cluster.order, 2)
            self.tell("do not hear each other", pair)
            self.cluster.cut_links.add(frozenset(pair))
        elif self.one_in(3):
            self.tell("all hear each other")
            self.cluster.cut_links.clear()
        if self.one_in(2):
            self.tell("a long time")
            self.cluster.long_time()

    def decide(self) -> None:
        """Those that have power and no server decide, in any order; some may be slower than others."""
        for _ in range(self.random.randint(5, 40)):
            name = self.random.choice(self.cluster.order)
            before = len(self.cluster.decided)
            self.cluster.decide(
                name, transfer_cut=self.random.choice(["old", BROKEN, "nothing"]) if self.one_in(20) else ""
            )
            for decision in self.cluster.decided[before:]:
                self.tell(name, decision)
            if self.one_in(15):
                self.cluster.give_up(self.random.choice(self.cluster.order))


def play(examples: int, *, arbitrated: bool = False) -> None:
    """Raises AssertionError with the history."""

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.integers(0, 2**64))
    def histories(seed: int) -> None:
        history = History(seed, arbitrated=arbitrated)
        try:
            for _ in range(4):
                history.outage()
        except AssertionError as error:
            raise AssertionError("\n".join([f"seed {seed}:", *history.told, str(error)])) from None

    histories()


def test_no_history_loses_an_acknowledged_write() -> None:
    play(EXAMPLES)


def test_nor_one_with_an_arbitrator() -> None:
    play(EXAMPLES, arbitrated=True)


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """An earlier rule in the place of today's."""

    def put(module: Any, name: str, rule: Any) -> None:
        monkeypatch.setattr(module, name, rule)

    return put


def zero_is_empty(state: Any) -> Any:
    """A zero UUID counted as "no data"."""
    found = REAL(state)
    return dataclasses.replace(found, data=False) if found and found.data and not found.uuid else found


def file_is_believed(state: Any) -> Any:
    """The seqno of grastate.dat counted as the position."""
    found, file = REAL(state), (state or {}).get("grastate")
    if found and found.data and file and found.uuid and file["seqno"] >= 0:
        return dataclasses.replace(found, recovered=(found.uuid, file["seqno"]))
    return found


def alone_is_a_view(me: str, known: Any, order: Any, *_more: Any) -> Any:
    """Nodes that remember the same view joined "their" view whatever the others hold."""
    mine = known[me].view
    return Join("old") if mine and sum(node.view == mine for node in known.values()) >= mine[1] else None


def nobody_is_asked(me: str, best: str, seqno: int, nodes: Any, order: Any, missing: Any) -> Any:
    """The best one formed the cluster without the others' word."""
    return Bootstrap("old", without=tuple(missing)) if best == me else galera_form.Wait("old")


def anybody_may_go(known: Any, order: Any, *_more: Any) -> bool:
    """Who does not answer for long is done without, whatever the others remember."""
    return True


REAL = node_facts.node_from_state
OLD = {
    "a zero UUID is no data": (node_facts, "node_from_state", zero_is_empty),
    "the state file's position": (node_facts, "node_from_state", file_is_believed),
    "a view outranks positions": (start_decision, "whole_view", alone_is_a_view),
    "no word of the others": (galera_form, "stand", nobody_is_asked),
    "no majority of the view": (start_decision, "may_go_without", anybody_may_go),
    "no memory of who was left out": (node_facts, "formed_from", lambda _records: ()),
    "any position may join": (start_decision, "doubt_about_join", lambda *_facts: None),
}


#: Found by about one history in a thousand.
RARE = {"no majority of the view", "no memory of who was left out"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.matrix] if name in RARE else []) for name in OLD]
)
def test_the_histories_find_an_earlier_rule(name: str, old: Callable[..., None]) -> None:
    """A control of the test above."""
    old(*OLD[name])
    with pytest.raises(AssertionError):
        play(AT_MOST)
