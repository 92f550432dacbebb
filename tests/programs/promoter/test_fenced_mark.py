"""A power-off counts for whoever asks next, until the other host is heard; and only one that has succeeded."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fenced_mark import NEVER, laid_at, lay, remove
from mha_common import Failure
from promoter_work import fence

from tests.programs.conftest import Desk, load
from tests.programs.promoter.test_fence_ends import agent, settings

MARK = "/run/mariadb-ha/pair.fenced"
BOOT_ID = "/proc/sys/kernel/random/boot_id"


def change(desk: Desk, **what: Any) -> None:
    desk.write(MARK, json.dumps({**json.loads(desk.read(MARK)), **what}))


def test_a_mark_is_of_one_host_and_of_this_boot(desk: Desk) -> None:
    assert laid_at("pair", "b") == NEVER
    before = time.monotonic()
    lay("pair", "b")
    assert before <= laid_at("pair", "b") <= time.monotonic()
    assert laid_at("pair", "c") == NEVER, "the member's name was changed"
    change(desk, boot="another")
    assert laid_at("pair", "b") == NEVER
    lay("pair", "b")
    change(desk, at=time.monotonic() + 1000)
    assert laid_at("pair", "b") == NEVER, "no clock of this boot"
    desk.write(MARK, "{")
    assert laid_at("pair", "b") == NEVER
    remove("pair")
    remove("pair")
    assert not desk.path(MARK).exists()


def test_a_fencing_lays_it_after_its_success_only(desk: Desk, tmp_path: Path) -> None:
    """Killed before, there is none: the agent is asked again."""
    with pytest.raises(Failure):
        fence(settings(agent(tmp_path, "exit 1")))
    assert laid_at("pair", "b") == NEVER
    fence(settings(agent(tmp_path, f"[ ! -e {desk.root}{MARK} ]")))
    assert laid_at("pair", "b") > NEVER


def promoter(heard_at: float) -> Any:
    module = load("promoter")
    made: Any = module.Promoter.__new__(module.Promoter)
    made.settings = SimpleNamespace(name="pair", peer="b")
    made.watcher = SimpleNamespace(heard_at=heard_at, said=lambda: {"peer_heard": False})
    made.published, made.seen_at = {"vip": True, "fenced": False}, time.monotonic()
    return made


def test_the_promoter_honours_it_as_long_as_the_other_one_is_not_heard(desk: Desk) -> None:
    early, late = promoter(time.monotonic()), promoter(time.monotonic() + 1000)
    assert not early.fenced()
    lay("pair", "b")  # whoever did
    assert early.fenced() and early.state()["fenced"], "the handler asks while the promoter's look waits for it"
    assert not late.fenced(), "heard since, or the promoter was started since"


@pytest.mark.parametrize(("address", "lives"), [("127.0.0.1", False), ("192.0.2.2", True)])
def test_a_question_of_the_other_host_ends_it_before_it_is_answered(desk: Desk, address: str, lives: bool) -> None:
    """Who is answered counts as having heard this host, and may hold the VIP from then on."""
    lay("pair", "b")
    handler: Any = load("promoter").Handler
    asked = handler.__new__(handler)
    here, there = socket.socketpair()
    with here, there:
        asked.promoter, asked.client_address, asked.request = promoter(0.0), (address, 1234), here
        asked.setup()
        assert (laid_at("pair", "b") == NEVER) is lives


def test_a_boot_id_that_cannot_be_read_is_none(desk: Desk) -> None:
    desk.path(BOOT_ID).unlink()
    lay("pair", "b")
    assert laid_at("pair", "b") > NEVER
