"""The VIPs that this host may hold by the word of its health agent (vip.env)."""

from __future__ import annotations

from dataclasses import dataclass

from facts_host import ipv4
from mha_common import Failure, at, read_env
from mha_files import read_text
from vip_eligible import is_eligible

ENV = "/etc/mariadb-ha/vip.env"


@dataclass(frozen=True)
class WatchedVip:
    """vip.env. `takeover`: seconds after which the next host has the VIP of one that lost its power."""

    name: str
    vips: tuple[str, ...]
    takeover: float

    def held(self) -> list[str]:
        """Those that this host has on a link."""
        here = {address for interface, address in ipv4() if interface != "lo"}
        return [vip for vip in self.vips if vip in here]

    @property
    def eligible(self) -> bool:
        """Whether this host may hold them."""
        return is_eligible(self.name)

    @property
    def why(self) -> str:
        """Why it may not; empty when it may."""
        if self.eligible:
            return ""
        return read_text(f"/run/mariadb-ha/{self.name}.why").strip() or "nobody has looked yet"


def watched_vip() -> WatchedVip | None:
    """None on a host that may hold none. Raises Failure where vip.env is not whole."""
    if not at(ENV).exists():
        return None
    env = read_env(ENV)
    try:
        return WatchedVip(env["NAME"], tuple(env["VIPS"].split()), float(env["TAKEOVER"]))
    except (KeyError, ValueError) as error:
        raise Failure(f"{ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None
