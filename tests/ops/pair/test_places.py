"""Who of a pair hands over to whom, who is given its place again, and who is refused, with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ops.drill.faults import make_fault
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Answer
from ops.inventory import Inventory, parse
from ops.kinds.master_master.component import MasterMaster
from ops.kinds.master_master.drills import LINK_CUT
from ops.roles.promoter import Promoter
from ops.roles.replication import Replication, Surplus, has, parse_replication
from tests.ops.fakes import FakePower

VIP = "172.16.21.50"
WRITER = Replication(gtid="0-1-9", source="172.16.21.52", io="Yes", sql="Yes", semi_sync=True, confirms=True)
STANDBY = replace(WRITER, read_only=True, source="172.16.21.51")
SURPLUS = Surplus(
    gtid="0-2-9", after="0-1-8", file="/s/0-2-9.sql", transactions=1, tables={"app.t": {"rows": 1, "keys": ["7"]}}
)


def inventory(**details: Any) -> Inventory:
    def host(address: str, priority: int) -> dict[str, Any]:
        return {"address": address, "roles": ["master", "vip"], "provisioner": "bare-metal", "priority": priority}

    component = {
        "kind": "master_master",
        "hosts": ["db1", "db2"],
        "endpoints": {"writer": {"host": VIP, "port": 3306}},
        "masters": ["db1", "db2"],
        "vips": [VIP],
        **details,
    }
    hosts = {"db1": host("172.16.21.51", 150), "db2": host("172.16.21.52", 100)}
    data = {"contract_version": 1, "stack": "pair", "hosts": hosts, "components": {"master_master": component}}
    return parse(data, "test")


def pair(**details: Any) -> MasterMaster:
    known = inventory(**details)
    return MasterMaster("master_master", known.components["master_master"], known)


def facts(
    *,
    one: Replication = WRITER,
    two: Replication = STANDBY,
    promoters: tuple[Promoter, Promoter] | None = None,
    reached: bool = True,
) -> dict[str, HostFacts]:
    first, second = promoters or (Promoter(heard=True, active=True), Promoter(heard=True, active=False, eligible=True))
    return {
        "db1": HostFacts(host="db1", reached=True, parts={Replication: one, Promoter: first}),
        "db2": HostFacts(
            host="db2",
            reached=reached,
            error="" if reached else "no route",
            parts={Replication: two, Promoter: second} if reached else {},
        ),
    }


def test_the_writer_hands_over() -> None:
    found = pair().handover(facts(), None)
    assert found is not None
    assert (found.giver, found.taker) == ("db1", "db2")
    assert "switchover" in found.script


@pytest.mark.parametrize(
    ("details", "promoters", "to", "code", "words"),
    [
        ({}, None, "db1", Exit.GOOD, "nothing to do"),
        ({}, None, "ha1", Exit.REFUSED, "no server"),
        ({"preempt": True}, None, None, Exit.REFUSED, "take the VIP back at once"),
        ({}, (Promoter(heard=True, active=False),) * 2, None, Exit.UNHEALTHY, "not known"),
        ({}, (Promoter(heard=True, active=True),) * 2, None, Exit.UNHEALTHY, "both do"),
    ],
)
def test_a_handover_that_is_refused(
    details: dict[str, Any], promoters: tuple[Promoter, Promoter] | None, to: str | None, code: Exit, words: str
) -> None:
    with pytest.raises(OpsError) as refused:
        pair(**details).handover(facts(promoters=promoters), to)
    assert refused.value.code is code
    assert words in refused.value.what


def test_behind_directors_nothing_is_handed_over() -> None:
    assert pair(vips=[]).handover(facts(), None) is None


HOPELESS = (
    Promoter(heard=True, active=True),
    Promoter(heard=True, active=False, needs_person=True, ineligible="it has transactions that db1 has not"),
)


@pytest.mark.parametrize(
    ("host", "two", "promoters", "words"),
    [
        ("db1", STANDBY, None, "takes writes"),
        ("db2", replace(STANDBY, surplus=SURPLUS), HOPELESS, "app.t (1 rows, keys 7)"),
        ("db2", replace(STANDBY, trouble="error 1062: Duplicate entry"), None, "Duplicate entry"),
        ("db2", Replication(error="cannot connect"), None, "does not tell its state"),
    ],
)
def test_a_place_that_is_not_given(
    host: str, two: Replication, promoters: tuple[Promoter, Promoter] | None, words: str
) -> None:
    with pytest.raises(OpsError) as refused:
        pair().rejoin(host, facts(two=two, promoters=promoters), anew=False, discard=False)
    assert refused.value.code is Exit.REFUSED
    assert words in refused.value.what
    assert refused.value.todo


def test_a_host_that_is_gone_cannot_be_given_its_place() -> None:
    with pytest.raises(OpsError) as refused:
        pair().rejoin("db2", facts(reached=False), anew=True, discard=True)
    assert refused.value.code is Exit.UNREACHABLE


def test_whose_data_counts_is_not_guessed() -> None:
    nobody = (Promoter(heard=True, active=False), HOPELESS[1])
    with pytest.raises(OpsError, match="not known whose data counts"):
        pair().rejoin("db2", facts(promoters=nobody), anew=True, discard=True)


COPY = (("db2", "master-clone --discard-its-own"), ("db1", "master-connect --recorded"))


@pytest.mark.parametrize(
    ("two", "promoters", "anew", "discard", "commands"),
    [
        (replace(STANDBY, surplus=SURPLUS), HOPELESS, False, True, COPY),
        (STANDBY, None, True, True, COPY),
        (Replication(error="cannot connect", clone="in"), None, False, False, COPY),
        (replace(STANDBY, io="No", sql="No"), HOPELESS, False, False, (("db2", "master-connect --recorded"),)),
    ],
    ids=["with the word", "rebuild", "a copy that was cut short", "stopped by hand"],
)
def test_how_a_place_is_taken_again(
    two: Replication,
    promoters: tuple[Promoter, Promoter] | None,
    anew: bool,
    discard: bool,
    commands: tuple[tuple[str, str], ...],
) -> None:
    found = pair().rejoin("db2", facts(two=two, promoters=promoters), anew=anew, discard=discard)
    assert found is not None
    assert found.commands == commands


def test_a_replica_has_its_place() -> None:
    with pytest.raises(OpsError) as done:
        pair().rejoin("db2", facts(), anew=False, discard=True)
    assert done.value.code is Exit.GOOD


def test_surplus_is_named_with_tables_and_keys_until_it_is_gone() -> None:
    [finding] = pair().findings(facts(two=replace(STANDBY, gtid="0-1-8,0-2-9", surplus=SURPLUS)))[:1]
    assert "app.t (1 rows, keys 7)" in finding.what
    assert "/s/0-2-9.sql" in finding.follows
    taken_over = facts(one=replace(WRITER, gtid="0-1-9,0-2-9"), two=replace(STANDBY, surplus=SURPLUS))
    assert not [one for one in pair().findings(taken_over) if "app.t" in one.what]


@pytest.mark.parametrize(
    ("gtids", "wanted", "known"),
    [("0-1-9,0-2-5", "0-2-5", True), ("0-1-9", "0-2-5", False), ("0-2-4", "0-2-5", False), ("", "", True)],
)
def test_a_history_has_transactions(gtids: str, wanted: str, known: bool) -> None:
    assert has(gtids, wanted) is known


def test_surplus_that_a_copy_has_replaced_is_history() -> None:
    text = "@@GLOBAL.read_only\tstate\tversion\n1\t0-1-9\t10.11\n"
    found = parse_replication({"code": 0, "text": text, "surplus": {"gtid": "0-2-9"}, "clone": ""})
    assert found is not None
    assert found.surplus is None


class Gone:
    """A shell to a host without power."""

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        return Answer(reached=False, error="no route")

    def follow(self, *_: object, **__: object) -> Answer:
        return Answer(reached=False, error="no route")


def test_a_host_that_was_fenced_is_switched_on() -> None:
    """Its own armed repair went with its power; the one at the power switch was armed, too, and is taken back."""
    scripted, power = pair(fencing=True).scripted(LINK_CUT, "db1"), FakePower([])
    fault = make_fault(LINK_CUT, None, "db1", Gone(), power, scripted, seconds=60)
    with pytest.raises(OpsError, match="arming the repair failed"):
        fault.arm()
    fault.undo()
    assert power.log == ["db1: arm", "db1: restore", "db1: disarm"]


def test_without_fencing_a_host_that_does_not_answer_is_said() -> None:
    scripted, power = pair(fencing=False).scripted(LINK_CUT, "db1"), FakePower([])
    fault = make_fault(LINK_CUT, None, "db1", Gone(), power, scripted, seconds=60)
    with pytest.raises(OpsError):
        fault.arm()
    with pytest.raises(OpsError):
        fault.undo()
    assert power.log == []
