"""A state that could not be had is said apart from a bad one, and nothing is concluded from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops.components import components_of
from ops.drill import before
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.hosts.gather import gather_host
from ops.hosts.shell import Answer, Ssh
from ops.kinds.galera.wsrep import Wsrep
from ops.roles.agent import Agent
from ops.status import look
from ops.status.findings import unknown
from tests.ops import stack
from tests.ops.fakes import FakeShell

SLOW = Wsrep(error="no answer in 40 s", slow=True)


def slow(host: str) -> HostFacts:
    return HostFacts(
        host=host, reached=False, unknown=True, error="port 22 takes connections, and no answer came within 180 s"
    )


def severities(**hosts: Any) -> list[tuple[str, str]]:
    return [(finding.host, finding.severity) for finding in stack.looked(**hosts).findings]


def test_a_slow_director_may_hold_the_vip() -> None:
    assert severities(ha1=slow("ha1")) == [("stack", "unknown"), ("ha1", "unknown")]


def test_a_director_that_is_down_holds_nothing() -> None:
    assert ("stack", "problem") in severities(ha1=stack.unreachable("ha1"))


def test_a_slow_server_beside_an_agent_that_serves() -> None:
    found = severities(mdb2={"parts": [SLOW]})
    assert found == [("mdb2", "unknown")]
    hangs = severities(mdb2={"parts": [SLOW, Agent(status=503, words="MariaDB did not answer in time")]})
    assert found[0] in hangs
    assert ("mdb2", "problem") in hangs


def test_a_part_that_failed_is_unknown() -> None:
    findings = stack.looked(mdb2={"failed": {"facts_galera": "OSError: x"}}).findings
    assert unknown(findings)
    assert "facts_galera of host-facts failed" in findings[0].what


def test_drills_refuse_with_that_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "gather", lambda *_, **__: stack.changed(mdb2=slow("mdb2")))
    with pytest.raises(OpsError) as caught:
        before.check_health(stack.inventory(), FakeShell())
    assert caught.value.code is Exit.UNKNOWN
    assert "could not be had" in caught.value.what
    assert "not healthy" not in caught.value.what


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(reached=False, slow=True, error="port 22 takes connections"), "takes connections"),
        (Answer(reached=True, code=127, error="bash: host-facts: No such file"), "host-facts is not there yet"),
    ],
)
def test_what_counts_as_unknown(answer: Answer, words: str) -> None:
    shell = FakeShell()
    shell.fail["exec /usr/local/lib/mariadb-ha/host-facts </dev/null"] = answer
    found = gather_host(components_of(stack.inventory()), shell, "mdb2")
    assert (found.reached, found.unknown) == (False, True)
    assert words in found.error


@pytest.mark.parametrize(
    ("words", "port", "is_slow"),
    [
        ("Connection timed out during banner exchange", "", True),
        ("Timeout, server 172.16.21.181 not responding.", "", True),
        ("Timeout, server 172.16.21.181 not responding.", "No route to host", False),
        ("ssh: connect to host 172.16.21.181 port 22: Connection refused", "", False),
    ],
)
def test_what_ssh_says(words: str, port: str, is_slow: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 255\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("ops.hosts.shell.port_silent", lambda *_: port)
    answer = Ssh(inventory=stack.inventory(), root=tmp_path).run("mdb2", "true")
    assert (answer.reached, answer.slow) == (False, is_slow)
    assert words in answer.error
