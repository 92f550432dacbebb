"""A host whose firewall is not in force is named."""

from __future__ import annotations

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
        (Firewall(loaded=True, at_boot=None), "", ""),
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
    ("nft", "boot", "loaded", "at_boot"),
    [
        ((0, CHAIN), (0, "enabled\n"), True, True),
        ((1, GONE), (1, "disabled\n"), False, False),
        ((0, CHAIN.replace("drop", "accept")), (1, "masked\n"), False, False),
        ((124, "nft: no answer in 40 s"), (124, "systemctl: no answer in 40 s"), None, None),
        ((127, "nft: No such file or directory"), (0, "enabled\n"), None, True),
        ((1, "Operation not permitted (you must be root)"), (0, "enabled"), None, True),
    ],
)
def test_what_a_host_says(
    nft: tuple[int, str], boot: tuple[int, str], loaded: bool | None, at_boot: bool | None
) -> None:
    import facts_firewall

    said = {"firewall": nft, "firewall_at_boot": boot}
    assert facts_firewall.facts(said.__getitem__) == {"firewall": {"loaded": loaded, "at_boot": at_boot}}


def test_it_comes_to_the_facts() -> None:
    text = '{"clock": 5, "units": {}, "firewall": {"loaded": false, "at_boot": null}}'
    assert host_facts("mdb2", [], text, sent=5, received=5).firewall == Firewall(loaded=False, at_boot=None)
    assert host_facts("mdb2", [], '{"clock": 5, "units": {}}', sent=5, received=5).firewall is None
