"""A web pair: the page through the VIP before, during and after a failover, a dead nginx, one that stays dead, two
holders of the VIP.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack

VIP = "172.16.21.60"
PATIENCE = 300.0


def said(stack: Stack) -> dict[str, Any]:
    """What `hactl status` says."""
    return stack.status()


def said_within(stack: Stack, words: str) -> dict[str, Any]:
    """The status that has the words among its problems; asked until it has, or for so long that it never will."""
    deadline = time.monotonic() + PATIENCE
    while words not in json.dumps((found := said(stack))["problems"]) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert words in json.dumps(found["problems"]), found["problems"]
    return found


def page(stack: Stack) -> tuple[str, str]:
    """The page through the VIP, and the host that served it; empty where nobody answers."""
    done = stack.run("lab/run", "curl", "-s", "-i", "--max-time", "2", f"http://{VIP}/")
    head, _, body = done.out.replace("\r\n", "\n").partition("\n\n")
    served = [line.split(": ")[1] for line in head.splitlines() if line.lower().startswith("x-served-by: ")]
    return body, served[0] if served else ""


def served_by(stack: Stack, host: str) -> str:
    """The page, once this host serves it."""
    deadline = time.monotonic() + PATIENCE
    while (found := page(stack))[1] != host and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found[1] == host, found
    return found[0]


@contextmanager
def masked_nginx(stack: Stack, host: str) -> Iterator[None]:
    """An nginx that stays dead: its unit cannot be started."""
    try:
        assert stack.ssh(host, "sudo systemctl mask --runtime --now nginx").code == 0
        yield
    finally:
        stack.ssh(host, "sudo systemctl unmask --runtime nginx")


def test_the_page_comes_through_the_vip(stack: Stack, measure: Measure) -> None:
    measure("web: make up on two container hosts", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    body = served_by(stack, "web1")
    assert "<h1>It works</h1>" in body
    found = said(stack)
    assert found["healthy"] is True, found
    assert found["vip_holders"] == {VIP: ["web1"]}
    stack.agent_says("web1", "holds the VIP")
    stack.agent_says("web2", "stands by")


def test_a_second_up_does_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out[-3000:]
    assert "nothing to do; clients are answered at" in again.out


def test_a_stopped_nginx_is_started_again(stack: Stack, measure: Measure) -> None:
    assert drill(stack, "web-stop", measure)["target"] == "web1"
    assert said(stack)["vip_holders"] == {VIP: ["web1"]}, "the VIP stays where it is"
    log = stack.ssh("web1", "sudo journalctl -t web-check -o cat --no-pager").out
    assert "nginx is dead" in log
    assert "nginx answers again" in log


def test_an_nginx_that_stays_dead_loses_its_host_the_vip(stack: Stack) -> None:
    keepalived = "systemctl show keepalived -p InvocationID --value"
    before = stack.ssh("web1", keepalived).out
    with masked_nginx(stack, "web1"):
        assert "It works" in served_by(stack, "web2")
        found = said_within(stack, "nginx is inactive")
        assert found["hosts"]["web1"]["vrrp_state"] == "FAULT"
        assert "the VIP is given up" in found["hosts"]["web1"]["nginx"]["log"]
    assert "It works" in served_by(stack, "web1"), "the VIP comes back when nginx is well"
    assert stack.ssh("web1", keepalived).out == before, "keepalived was never ended"
    assert stack.healthy_within()


def test_the_page_during_a_failover(stack: Stack, measure: Measure) -> None:
    """Asked again and again while keepalived is stopped on the holder and comes back."""
    answers: list[tuple[str, str]] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            answers.append(page(stack))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        report = drill(stack, "director-stop", measure)
    finally:
        ended.set()
        watcher.join()
    assert report["target"] == "web1"
    assert {served for _, served in answers} >= {"web1", "web2"}
    assert all("It works" in body for body, served in answers if served)
    assert page(stack)[1] == "web1"


@pytest.mark.matrix
def test_both_hold_the_vip_while_vrrp_is_blocked(stack: Stack, measure: Measure) -> None:
    told: dict[str, Any] = {}
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            found = said(stack)
            if len(found["vip_holders"][VIP]) == 2:
                told.setdefault("status", found)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        # long enough for a look at the stack on a slow machine
        report = drill(stack, "vrrp-blocked", measure, "--seconds", "90")
    finally:
        done.set()
        watcher.join()
    measure("web: vrrp-blocked, clients reach one host after the repair", f"{report['settled_s']} s")
    assert "status" in told, "no look at the stack ended while VRRP was blocked"
    assert any("both hold the VIP" in problem["what"] for problem in told["status"]["problems"]), told
    said_by_agents = [
        stack.ssh(host, "sudo journalctl -t health-agent -o cat --no-pager").out for host in ("web1", "web2")
    ]
    assert any("both hold the VIP" in log for log in said_by_agents), said_by_agents
    assert said(stack)["vip_holders"] == {VIP: ["web1"]}
    rules = stack.ssh("web1", "sudo nft list tables").out
    assert "mariadb_ha_drill" not in rules


@pytest.mark.matrix
def test_the_ledger_counts_requests(stack: Stack) -> None:
    """`hactl ledger` where there is no SQL."""
    done = stack.hactl("ledger", "--seconds", "5", "--json")
    assert done.code == 0, done.out
    report = json.loads(done.out)
    assert (report["counts"], report["passed"], report["nodes_equal"]) == ("requests", True, True)
    assert report["writes_acked"] > 0


@pytest.mark.matrix
def test_a_changed_page_and_https_come_without_a_gap_in_the_vip(stack: Stack) -> None:
    """A certificate that is made for the stack, and the user's own page; then back to what the stack file says."""
    before = stack.file.read_text()
    try:
        stack.set_settings("web", page="<p>changed</p>\n", tls={"server_names": ["www.example.org"]})
        done = stack.make("up")
        assert done.code == 0, done.out[-3000:]
        secure = stack.run("lab/run", "curl", "-sk", f"https://{VIP}/")
        assert "<p>changed</p>" in secure.out
        plain = stack.run("lab/run", "curl", "-s", "-o", "/dev/null", "-w", "%{redirect_url}", f"http://{VIP}/")
        assert plain.out.strip().endswith(f"https://{VIP}/")
        assert (
            "www.example.org"
            in stack.ssh(
                "web2", "sudo openssl x509 -noout -ext subjectAltName -in /etc/nginx/mariadb-ha-tls/web.pem"
            ).out
        )
        assert stack.ssh("web1", "sudo stat -c %a /etc/nginx/mariadb-ha-tls/web.pem").out.strip() == "600"
    finally:
        stack.file.write_text(before)
    done = stack.make("up")
    assert done.code == 0, done.out[-3000:]
    assert "It works" in served_by(stack, "web1")
