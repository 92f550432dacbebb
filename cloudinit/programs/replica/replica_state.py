"""What this replica is: its settings in /etc/mariadb-ha/replica.env."""

from __future__ import annotations

from dataclasses import dataclass, field

from mha_common import Failure, read_env

ENV = "/etc/mariadb-ha/replica.env"


@dataclass(frozen=True)
class Config:
    """replica.env. `source`: the component that is followed, for people; `donors`: its servers' addresses by name, the
    last one the first that is asked for a copy; `siblings`: the other replicas' addresses by name. `drain_timeout`,
    `drain_notice`, `max_lag` in seconds.
    """

    source: str
    source_address: str
    source_port: int
    donors: dict[str, str]
    clone_port: int
    datadir: str
    max_lag: float
    drain_timeout: float
    drain_notice: float
    siblings: dict[str, str] = field(default_factory=dict)


def load_config() -> Config:
    """Raises Failure where replica.env is missing or not whole."""
    env = read_env(ENV)
    try:
        donors = dict(pair.split("=", 1) for pair in env["DONORS"].split())
        return Config(
            source=env["SOURCE"],
            source_address=env["SOURCE_ADDRESS"],
            source_port=int(env["SOURCE_PORT"]),
            donors=donors,
            clone_port=int(env["CLONE_PORT"]),
            datadir=env["DATADIR"],
            max_lag=float(env["MAX_LAG"]),
            drain_timeout=float(env["DRAIN_TIMEOUT"]),
            drain_notice=float(env["DRAIN_NOTICE"]),
            siblings=dict(pair.split("=", 1) for pair in env.get("SIBLINGS", "").split()),
        )
    except (KeyError, ValueError) as error:
        raise Failure(f"{ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None
