"""What this master is: its settings in /etc/mariadb-ha/master.env, and whether its server runs and answers."""

from __future__ import annotations

from dataclasses import dataclass

from mha_common import Deadline, Failure, journal, must, pause, read_env, run
from mha_sql import SqlError, connect

ENV = "/etc/mariadb-ha/master.env"
UNIT = "mariadb.service"
#: Seconds for a start: InnoDB's recovery after a power cut may take long.
START_TIMEOUT = 3600.0


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
            peer_timeout=float(env.get("PEER_TIMEOUT", "1")),
        )
    except (KeyError, ValueError) as error:
        raise Failure(f"{ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None


def active() -> bool:
    return run(["systemctl", "is-active", "--quiet", UNIT]).returncode == 0


def start() -> None:
    """Start the server and wait until it answers. Raises Failure with its last words."""
    done = run(["systemctl", "start", UNIT])
    if done.returncode:
        raise Failure(
            f"MariaDB did not start: {journal(UNIT, lines=5)}", todo="`journalctl -u mariadb`; the data is as it was"
        )
    wait_answers()


def wait_answers(seconds: float = START_TIMEOUT) -> None:
    """Until SQL is answered. Raises Failure."""
    deadline = Deadline(seconds)
    while True:
        try:
            connect(timeout=5).close()
            return
        except SqlError as error:
            if not active():
                raise Failure(f"MariaDB ended: {journal(UNIT, lines=5)}", todo="`journalctl -u mariadb`") from None
            if deadline.over():
                raise Failure(
                    f"MariaDB does not answer after {deadline.waited():.0f} s: {error}", todo="`journalctl -u mariadb`"
                ) from None
            deadline.note(f"waiting for MariaDB: {error}")
        pause(0.5)


def stop() -> None:
    must(["systemctl", "stop", UNIT], todo="`journalctl -u mariadb`")
