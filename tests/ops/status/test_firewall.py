"""A host whose firewall is not in force is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.hosts.answer import host_facts
from ops.hosts.facts import Firewall, HostFacts
from ops.status.firewall_findings import firewall_findings
from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported

CHAIN = "table inet mariadb_ha {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n"
GONE = "Error: No such file or directory\nlist chain inet mariadb_ha input\n"


@pytest.mark.parametrize(
    ("firewall", "severity", "words"),
    [
        (None, "", ""),
        (Firewall(loaded=True, at_boot=True), "", ""),
        (Firewall(loaded=False, at_boot=True), "problem", "is not loaded"),
        (Firewall(loaded=None, at_boot=True), "unknown", "does not say"),
        (Firewall(loaded=True, at_boot=False), "warning", "not started at boot"),
    ],
)
def test_findings(firewall: Firewall | None, severity: str, words: str) -> None:
    found = firewall_findings(HostFacts(host="mdb2", reached=True, firewall=firewall))
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert all(words in finding.what for finding in found)


@pytest.mark.parametrize(
    ("nft", "loaded"),
    [
        ((0, CHAIN), True),
        ((1, GONE), False),
        ((0, CHAIN.replace("drop", "accept")), False),
        ((124, "nft: no answer in 40 s"), None),
        ((127, "nft: No such file or directory"), None),
        ((1, "Operation not permitted (you must be root)"), None),
    ],
)
def test_what_nft_says(nft: tuple[int, str], loaded: bool | None) -> None:
    import facts_firewall

    assert facts_firewall.loaded(nft) is loaded


def test_what_systemd_will_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import facts_firewall

    monkeypatch.setattr(facts_firewall, "ROOT", str(tmp_path))
    assert not facts_firewall.at_boot()
    link, mask = (Path(f"{tmp_path}{path}") for path in (facts_firewall.ENABLED, facts_firewall.MASK))
    link.parent.mkdir(parents=True)
    link.symlink_to("/lib/systemd/system/nftables.service")
    assert facts_firewall.at_boot(), "its target need not be looked at"
    mask.symlink_to("/dev/null")
    assert not facts_firewall.at_boot()


def test_it_comes_to_the_facts() -> None:
    text = '{"clock": 5, "units": {}, "firewall": {"loaded": false, "at_boot": true}}'
    assert host_facts("mdb2", [], text, sent=5, received=5).firewall == Firewall(loaded=False, at_boot=True)
    assert host_facts("mdb2", [], '{"clock": 5, "units": {}}', sent=5, received=5).firewall is None
