"""A DRBD pair in `hactl`: what each state is called, what follows from it, and how a split is resolved."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from ops.errors import Exit, OpsError
from ops.hosts.facts import Clock, HostFacts
from ops.inventory import Inventory, parse
from ops.kinds.drbd.component import Drbd
from ops.kinds.drbd.device import Device, Verified, parse_device, parse_verified
from ops.kinds.drbd.drills import FAULTS, SWITCHOVER
from ops.ledger.store import Store, ledger_nodes
from ops.roles.agent import Agent
from ops.roles.promoter import Promoter
from ops.status.look import Status, as_json, status_of
from ops.status.report import print_status
from tests.ops.fakes import FakeShell
from tests.ops.stack import parts

VIP = "172.16.21.219"
WHOLE = Device(
    there=True, connection="Connected", role="Secondary", peer_role="Primary", disk="UpToDate", peer_disk="UpToDate"
)
STANDBY = Promoter(heard=True, active=False, eligible=True, why="the VIP is elsewhere")
SERVING = Promoter(heard=True, active=True, vip=True, right=True, eligible=True, why="it holds the VIP")
PRIMARY = replace(WHOLE, role="Primary", peer_role="Secondary", mounted=True)
UNITS = dict.fromkeys(("mariadb-ha-drbd", "mariadb-ha-agent", "keepalived", "mariadb-ha-promoter"), "active")


def inventory() -> Inventory:
    def host(address: str) -> dict[str, Any]:
        common = {"ssh_user": "debian", "ssh_port": 22, "provisioner": "libvirt", "interface": "eth0"}
        return {"address": address, "roles": ["drbd", "vip"], "domain": "d", **common}

    writer = {"host": VIP, "port": 3306}
    return parse(
        {
            "contract_version": 1,
            "stack": "drbd",
            "system": "drbd",
            "drills": "allowed",
            "vip": VIP,
            "writer": writer,
            "endpoints": {"writer": writer},
            "components": {
                "drbd": {
                    "kind": "drbd",
                    "hosts": ["nod1", "nod2"],
                    "endpoints": {"writer": writer},
                    "members": ["nod1", "nod2"],
                    "vips": [VIP],
                    "drbd_port": 7789,
                    "mariadb": True,
                }
            },
            "hosts": {"nod1": host("172.16.21.221"), "nod2": host("172.16.21.222")},
            "databases": {},
            "promised_write_gap_s": {},
            "access": {"run": [], "client_addresses": []},
        },
        "test",
    )


def facts(
    one: Device = PRIMARY,
    two: Device = WHOLE,
    *,
    said: tuple[Promoter, Promoter] = (SERVING, STANDBY),
    vips: tuple[bool, bool] = (True, False),
) -> dict[str, HostFacts]:
    """The pair, healthy unless told otherwise; nod1 serves."""
    return {
        host: HostFacts(
            host=host,
            reached=True,
            addresses={"eth0": (address, *((VIP,) if vip else ()))},
            units=UNITS,
            clock=Clock(synced=True),
            parts=parts(device, promoter, Agent(status=200 if promoter.active else 503, words="ok")),
        )
        for host, address, device, promoter, vip in zip(
            ("nod1", "nod2"), ("172.16.21.221", "172.16.21.222"), (one, two), said, vips, strict=True
        )
    }


def looked(*given: Any, **more: Any) -> Status:
    return status_of(inventory(), facts(*given, **more))


def component(status: Status) -> Drbd:
    found = status.components["drbd"]
    assert isinstance(found, Drbd)
    return found


def test_a_healthy_pair() -> None:
    status = looked()
    assert status.findings == []
    text = io.StringIO()
    print_status(Console(file=text, width=160), "drbd", status)
    shown = text.getvalue()
    for words in ("Primary", "Secondary", "Connected: connected", "UpToDate: whole and up to date", "0 KiB", VIP):
        assert words in shown
    said = as_json(inventory(), status)
    assert said["hosts"]["nod1"]["drbd"]["role"] == "Primary"
    assert said["vip_holders"] == {VIP: ["nod1"]}


def alone(device: Device, connection: str) -> Device:
    return replace(device, connection=connection, peer_role="Unknown", peer_disk="DUnknown", out_of_sync_kib=340)


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        (
            WHOLE,
            replace(WHOLE, connection="SyncTarget", disk="Inconsistent", percent=12.5, left_s=131),
            "12.5 %, 2 min",
        ),
        (replace(WHOLE, connection="SyncSource", peer_disk="Inconsistent"), WHOLE, "nod2 cannot take over"),
        (alone(WHOLE, "WFConnection"), WHOLE, "not connected with nod2"),
        (alone(WHOLE, "StandAlone"), alone(WHOLE, "StandAlone"), "hactl split-brain resolve"),
        (replace(WHOLE, disk="Diskless"), WHOLE, "its disk has failed"),
        (WHOLE, replace(WHOLE, disk="Outdated"), "not up to date (Outdated)"),
        (WHOLE, replace(WHOLE, out_of_sync_kib=8), "8 KiB differ"),
        (replace(WHOLE, role="Primary"), replace(WHOLE, role="Primary"), "nod1 and nod2 are both Primary"),
        (alone(PRIMARY, "StandAlone"), alone(PRIMARY, "WFConnection"), "nod1 and nod2 are both Primary"),
        (WHOLE, Device(there=False, error="cs:Unconfigured"), "is not set up"),
        (WHOLE, alone(WHOLE, "NetworkFailure"), "NetworkFailure"),
    ],
)
def test_what_is_said_of_each_state(one: Device, two: Device, words: str) -> None:
    status = looked(one, two)
    assert not status.healthy
    assert any(words in finding.line() for finding in status.findings), [each.line() for each in status.findings]


def test_a_role_that_moved_between_two_looks_is_no_second_primary() -> None:
    assert not any("both Primary" in finding.what for finding in looked(PRIMARY, PRIMARY).findings)


def test_both_and_nobody_hold_the_vip() -> None:
    assert any("both hold" in finding.what for finding in looked(vips=(True, True)).findings)
    assert any("no host holds" in finding.what for finding in looked(vips=(False, False)).findings)


def test_a_host_that_may_not_hold_the_vip_says_why() -> None:
    unfit = Promoter(heard=True, active=False, eligible=False, ineligible="its disk is Outdated", why="x")
    assert any("its disk is Outdated" in finding.what for finding in looked(said=(SERVING, unfit)).findings)


def test_disarmed_fencing_is_said() -> None:
    disarmed = replace(SERVING, fencing=True, disarmed="hactl drill split-brain")
    found = [each.what for each in looked(said=(disarmed, STANDBY)).findings]
    assert found == ["fencing is disarmed: hactl drill split-brain"]


def test_the_fault_strikes_the_primary_or_the_other_one() -> None:
    status = looked()
    pair = component(status)
    for fault in FAULTS:
        assert pair.first_target(fault, status.facts) == ("nod1" if fault.role == "primary" else "nod2")


def test_the_host_that_serves_hands_over_and_the_drill_goes_the_same_way() -> None:
    status = looked()
    pair = component(status)
    found = pair.handover(status.facts, None)
    assert found is not None
    assert (found.giver, found.taker) == ("nod1", "nod2")
    drilled = pair.scripted(SWITCHOVER, "nod1")
    assert drilled is not None and drilled.make.strip() == found.script.strip()


@pytest.mark.parametrize(
    ("said", "to", "code", "words"),
    [
        ((SERVING, STANDBY), "nod1", Exit.GOOD, "nothing to do"),
        ((SERVING, STANDBY), "mdb1", Exit.REFUSED, "no server of drbd"),
        ((STANDBY, STANDBY), None, Exit.UNHEALTHY, "not known"),
        ((SERVING, SERVING), None, Exit.UNHEALTHY, "both do"),
    ],
)
def test_a_handover_that_is_refused(said: tuple[Promoter, Promoter], to: str | None, code: Exit, words: str) -> None:
    status = looked(said=said)
    with pytest.raises(OpsError) as raised:
        component(status).handover(status.facts, to)
    assert raised.value.code == code
    assert words in raised.value.what


def test_a_split_is_resolved_in_order() -> None:
    status = looked(alone(replace(WHOLE, role="Primary"), "StandAlone"), alone(WHOLE, "StandAlone"))
    found = component(status).resolution("nod2", status.facts)
    assert found is not None
    assert "340 KiB" in found.question
    steps = [(host, script) for host, script in found.commands]
    assert [host for host, _ in steps] == ["nod2", "nod2", "nod1", "nod2", "nod2"]
    assert "draining" in steps[0][1] and "drbd-discard" in steps[1][1] and "drbdadm connect drbd" in steps[2][1]
    assert not any("discard" in script for host, script in steps if host == "nod1"), "the kept side loses nothing"


def test_a_pair_that_speaks_is_only_waited_for() -> None:
    status = looked()
    found = component(status).resolution("nod2", status.facts)
    assert found is not None
    assert not any("drbd-discard" in script for _, script in found.commands)


@pytest.mark.parametrize(
    ("one", "two", "code", "words"),
    [
        (alone(WHOLE, "WFConnection"), alone(WHOLE, "WFConnection"), Exit.REFUSED, "mend the link"),
        (replace(alone(WHOLE, "StandAlone"), disk="Inconsistent"), alone(WHOLE, "StandAlone"), Exit.REFUSED, "nod1"),
        (Device(there=False), WHOLE, Exit.UNHEALTHY, "bring it back"),
    ],
)
def test_what_is_not_resolved(one: Device, two: Device, code: Exit, words: str) -> None:
    status = looked(one, two)
    with pytest.raises(OpsError) as raised:
        component(status).resolution("nod2", status.facts)
    assert raised.value.code == code
    assert words in f"{raised.value.what} {raised.value.todo}"


CLEAN = Verified(ended=1767225600.0, whole=True)
DIRTY = Verified(ended=1767225600.0, whole=True, out_of_sync_kib=8, found=2, ranges=((3145728, 8), (3145760, 8)))
CUT = Verified(ended=1767225600.0, whole=False, why="the verification was cut short: WFConnection")


def test_the_last_verification_is_shown_and_what_it_found() -> None:
    text = io.StringIO()
    print_status(Console(file=text, width=200), "drbd", looked(replace(PRIMARY, verified=CLEAN)))
    assert "2026-01-01 00:00 UTC: alike" in text.getvalue()
    running = replace(PRIMARY, connection="VerifyS", percent=24.5, left_s=100)
    text = io.StringIO()
    status = looked(running, replace(WHOLE, connection="VerifyT"))
    print_status(Console(file=text, width=200), "drbd", status)
    assert "runs: 24.5 %, 1 min 40 s left" in text.getvalue()
    assert status.findings == [], "a verification is no fault"
    found = looked(replace(PRIMARY, verified=DIRTY, out_of_sync_kib=8)).findings
    assert [each.what for each in found] == ["8 KiB differ between the two disks (sectors 3145728+8, 3145760+8 …)"]
    said = as_json(inventory(), looked(replace(PRIMARY, verified=DIRTY)))
    assert said["hosts"]["nod1"]["drbd"]["verified"]["out_of_sync_kib"] == 8


def test_a_verification_that_was_cut_short_is_a_warning() -> None:
    [found] = looked(replace(PRIMARY, verified=CUT)).findings
    assert found.severity == "warning" and "cut short" in found.what and "hactl verify" in found.todo


def test_the_primary_has_the_disks_compared() -> None:
    status = looked(WHOLE, PRIMARY)
    found = component(status).verification(status.facts)
    assert found.host == "nod2" and "drbd-verify" in found.script
    status = looked(replace(WHOLE, connection="VerifyS"), replace(PRIMARY, connection="VerifyT"))
    assert component(status).verification(status.facts).host == "nod1", "who began it tells how far it is"
    status = looked(WHOLE, Device(there=False))
    with pytest.raises(OpsError, match="device of nod2 could not be seen"):
        component(status).verification(status.facts)


def test_the_record_of_a_host_is_read() -> None:
    record = {
        "began": 1.0,
        "ended": 2.0,
        "whole": True,
        "why": "",
        "out_of_sync_kib": 8,
        "found": 1,
        "ranges": [[7, 8]],
    }
    device = parse_device({"drbd": {"proc": "", "minor": 0, "verified": record}})
    assert device is not None and device.verified is None, "nothing is set up"
    assert parse_verified(record) == Verified(ended=2.0, whole=True, out_of_sync_kib=8, found=1, ranges=((7, 8),))
    assert parse_verified({}) is None


def test_the_kernels_words() -> None:
    proc = (
        "version: 8.4.11 (api:1/proto:86-101)\n\n"
        " 0: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----\n"
        "    ns:1 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:1835008\n"
        "\t[=>..................] sync'ed: 12.5% (1835008/2097052)K\n\tfinish: 0:02:11 speed: 14,204 (13,912) K/sec\n"
    )
    device = parse_device({"drbd": {"proc": proc, "minor": 0, "label": "mha-drbd", "mounted": True}})
    assert device is not None
    assert (device.role, device.percent, device.left_s, device.version) == ("Primary", 12.5, 131, "8.4.11")
    assert device.progress() == "12.5 %, 2 min 11 s left"
    empty = parse_device({"drbd": {"proc": "/proc/drbd: No such file or directory", "minor": 0}})
    assert empty is not None and not empty.there and "No such file" in empty.error


def test_the_host_that_has_the_data_answers_for_the_pair() -> None:
    """MariaDB runs on one of them: that the other one has no answer is no difference."""
    store = Store(ledger_nodes(component(looked())), FakeShell({"nod2": [1, 2, 3]}))
    assert list(store.read()) == ["nod2"]
    silent = Store(ledger_nodes(component(looked())), FakeShell())
    assert silent.read() == {"nod1": None, "nod2": None}
