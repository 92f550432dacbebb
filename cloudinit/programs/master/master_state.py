"""What this master is: its settings in /etc/mariadb-ha/master.env."""

from __future__ import annotations

from dataclasses import dataclass

from mha_common import Failure, read_env

ENV = "/etc/mariadb-ha/master.env"


@dataclass(frozen=True)
class Config:
    """master.env. `peer`: empty where the other host is declared lost. `own_vip`: the pair has a VIP of its own, and
    boots read-only.
    """

    host: str
    peer: str
    peer_address: str
    address: str
    port: int
    datadir: str
    own_vip: bool
    first: bool
    """This host is the preferred writer."""
    one_writer: bool = True
    """One server takes clients at a time."""
    clone_port: int = 4444
    data_from: str = ""
    """The host whose data the pair begins with; the other one is made a copy of it."""
    peer_timeout: float = 1.0
    """Seconds of silence after which the other host counts as gone."""


def load_config() -> Config:
    """Raises Failure where master.env is missing or not whole."""
    env = read_env(ENV)
    try:
        return Config(
            host=env["HOST"],
            peer=env["PEER"],
            peer_address=env["PEER_ADDRESS"],
            address=env["ADDRESS"],
            port=int(env["PORT"]),
            datadir=env["DATADIR"],
            own_vip=env["OWN_VIP"] == "yes",
            first=env["FIRST"] == "yes",
            one_writer=env.get("ONE_WRITER", "yes") == "yes",
            clone_port=int(env["CLONE_PORT"]),
            data_from=env["DATA_FROM"],
            peer_timeout=float(env.get("PEER_TIMEOUT", "1")),
        )
    except (KeyError, ValueError) as error:
        raise Failure(f"{ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None
