"""The health agent on a web host: its verdict by table, and what it reads of nginx and of the other host's agent."""

from __future__ import annotations

from typing import Any

import check_web
import pytest
import web_state
from agent_http import REFUSE, SERVE

from tests.programs.web.conftest import WebHost


def check(host: WebHost) -> check_web.WebCheck:
    """Without the thread that asks the other host."""
    assert host.port
    return check_web.WebCheck(web_state.load_config())


GOOD: dict[str, Any] = {"nginx": "", "page": 200, "vip": True, "peer_vip": False}


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({}, SERVE, "ok: nginx answers; holds the VIP"),
        ({"vip": False, "peer_vip": None}, SERVE, "ok: nginx answers; stands by"),
        ({"peer_vip": True}, REFUSE, "both hold the VIP: web2 has it too"),
        ({"peer_vip": None}, SERVE, "holds the VIP"),
        ({"vip": False, "peer_vip": True}, SERVE, "stands by"),
        ({"nginx": "Connection refused"}, REFUSE, "nginx does not answer: Connection refused; holds the VIP"),
        ({"nginx": "Connection refused", "peer_vip": True}, REFUSE, "both hold the VIP"),
        ({"page": 502}, REFUSE, "the page answers with 502; holds the VIP"),
        ({"page": None, "vip": False}, REFUSE, "the page answers with nothing; stands by"),
        ({"page": 301}, SERVE, "ok"),
        ({"page": 404}, SERVE, "ok"),
    ],
)
def test_verdict(host: WebHost, change: dict[str, Any], status: int, words: str) -> None:
    found = check(host).judge({**GOOD, **change})
    assert found[0] == status
    assert words in found[1]


def test_a_look_at_a_well_host(host: WebHost, monkeypatch: pytest.MonkeyPatch) -> None:
    host.settings(PEER_ADDRESS="127.0.0.1")
    host.nginx.start(host.port)
    host.agent.words = '{"vip": true}'
    host.agent.start(host.agent_port)
    monkeypatch.setattr(web_state, "addresses", lambda: {"eth0": ["172.16.21.61", "172.16.21.60"]})
    mine = check(host)
    assert mine.look() == {"nginx": "", "page": 200, "vip": True, "peer_vip": None}, "nobody was asked yet"
    mine.peer.ask()
    assert mine.look() == {"nginx": "", "page": 200, "vip": True, "peer_vip": True}
    assert host.nginx.asked == ["/.mariadb-ha", "/"] * 2
    assert host.agent.asked == ["/kept"], "what needs no look: two agents that ask each other do not wait"
    mine.peer.seen = (mine.peer.seen[0] - 60, True)
    assert mine.look()["peer_vip"] is None, "an old answer says nothing"


def test_a_stand_by_does_not_ask_the_other_host(host: WebHost, monkeypatch: pytest.MonkeyPatch) -> None:
    host.settings(PEER_ADDRESS="127.0.0.1")
    host.agent.start(host.agent_port)
    monkeypatch.setattr(web_state, "addresses", lambda: {"lo": ["172.16.21.60"], "eth0": ["172.16.21.61"]})
    mine = check(host)
    mine.peer.ask()
    assert mine.look() == {"nginx": "Connection refused", "page": None, "vip": False, "peer_vip": None}
    assert host.agent.asked == []


def test_a_silent_peer_is_not_known_to_hold_anything(host: WebHost) -> None:
    host.settings(PEER_ADDRESS="127.0.0.1")
    config = web_state.load_config()
    assert web_state.peer_holds(config, host.agent_port, timeout=0.5) is None
    host.agent.start(host.agent_port)
    for words, known in (('{"vip": false}', False), ('{"vip": true}', True), ("{}", None), ("nginx was late", None)):
        host.agent.words = words
        assert web_state.peer_holds(config, host.agent_port, timeout=0.5) is known, words
