"""The VIPs that this host may hold by the word of its health agent (vip.env)."""

from __future__ import annotations

from dataclasses import dataclass

from facts_host import ipv4
from mha_common import Failure, at, read_env, run
from mha_files import read_text
from vip_eligible import is_eligible

ENV = "/etc/mariadb-ha/vip.env"


@dataclass(frozen=True)
class WatchedVip:
    """vip.env. `takeover`: seconds after which the next host has the VIP of one that lost its power. `quiet`: SQL after
    which the server has cut all clients and takes none; `loud`: SQL that ends it.
    """

    name: str
    vips: tuple[str, ...]
    takeover: float
    quiet: str = ""
    loud: str = ""

    def held(self) -> list[str]:
        """Those that this host has on a link."""
        here = {address for interface, address in ipv4() if interface != "lo"}
        return [vip for vip in self.vips if vip in here]

    def hush(self) -> None:
        """Cut the clients while the VIP is here: once it is gone nothing can be sent from it, and a client that waits
        for an answer would wait for ever. A server that does not answer has none.
        """
        if self.quiet:
            run(["mariadb", "--connect-timeout=2", "-e", self.quiet], timeout=5)

    def speak(self) -> None:
        """Take clients again. A server that was started anew does so by itself."""
        if self.loud:
            run(["mariadb", "--connect-timeout=5", "-e", self.loud], timeout=30)

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
        return WatchedVip(env["NAME"], tuple(env["VIPS"].split()), float(env["TAKEOVER"]), env["HUSH"], env["SPEAK"])
    except (KeyError, ValueError) as error:
        raise Failure(f"{ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None
