"""Where packets may come from, as the rules of nftables begin (nft(8))."""

from __future__ import annotations

from collections.abc import Sequence

from settings.parts.clients import WORLD


def admitted_from(cidrs: Sequence[str]) -> tuple[str, ...]:
    """The beginning of one rule for each subnet; of one for all where everybody is meant. Subnets may overlap, which
    those of one rule must not.
    """
    return ("",) if WORLD in cidrs else tuple(f"ip saddr {cidr} " for cidr in dict.fromkeys(cidrs))
