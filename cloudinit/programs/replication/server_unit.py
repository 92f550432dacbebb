"""The MariaDB server of this host as a unit: whether it runs and answers, its start and its stop."""

from __future__ import annotations

from mha_common import Deadline, Failure, journal, must, pause, run
from mha_sql import SqlError, connect

UNIT = "mariadb.service"
#: Seconds for a start: InnoDB's recovery after a power cut may take long.
START_TIMEOUT = 3600.0


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
