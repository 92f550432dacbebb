"""The firewall: a rule set of the user's own is not replaced, and no other manager rules beside the stack's."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.candidate import Candidate
from settings.problem import Problem, listed


def own_rules(candidate: Candidate) -> Iterator[Problem]:
    """/etc/nftables.conf is absent, Debian's own, or the stack's."""
    lines = candidate.facts.nftables
    if not lines or "generated" in lines or candidate.ours:
        return
    debians = {line.split()[1] for line in lines if line.startswith("conffile ") and len(line.split()) > 1}
    now = {line.split()[0] for line in lines if not line.startswith("conffile ")}
    if now & debians:
        return
    yield candidate.problem(
        "/etc/nftables.conf holds a rule set that is not Debian's",
        "the stack replaces that file, and what these rules admit or refuse would change",
        "move rules that are still needed to /etc/nftables.d/input-NAME.nft there (lines of an input chain, such as "
        "`tcp dport 9100 accept`: the stack's rule set includes them), then delete /etc/nftables.conf",
    )


def managers(candidate: Candidate) -> Iterator[Problem]:
    """No other firewall manager is active."""
    found = candidate.facts.firewalls
    if found:
        plural = len(found) > 1
        turn_off = "; ".join("ufw disable" if name == "ufw" else f"systemctl disable --now {name}" for name in found)
        yield candidate.problem(
            f"{listed(found)} {'are' if plural else 'is'} active there",
            "a packet must pass the stack's rules and the others too: the stack's own may be shut out, at the next "
            "reboot at the latest",
            f"the stack shuts what need not be open; run there, as root: {turn_off}",
        )


RULES = (own_rules, managers)
