"""Read balancing with other settings: an e-mail when one master is left, and no reads while every replica lags."""

from __future__ import annotations

import mailbox
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.rb.test_balancing import PATIENCE, READS, REPLICAS, client, reads_go_to, writer
from tests.lab.stacks import ROOT, Stack

pytestmark = pytest.mark.matrix
#: The machine's own address on the lab's bridge, and a port beside the well-known one.
RELAY = ("172.16.21.1", 2525)


@pytest.fixture(scope="module")
def mails(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A mail server in the lab's network (aiosmtpd), and the Maildir that it fills."""
    folder = tmp_path_factory.mktemp("mail") / "box"
    listens = ":".join(map(str, RELAY))
    words = f"-m aiosmtpd --nosetuid --listen {listens} --class aiosmtpd.handlers.Mailbox {folder}"
    server = subprocess.Popen(
        ["lab/run", sys.executable, *words.split()],
        cwd=ROOT,
        env={**os.environ, **stack.env},
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


@pytest.fixture(scope="module")
def changed(stack: Stack, mails: Path) -> Iterator[Stack]:
    """The stack with both settings, as its user changes them."""
    before = stack.file.read_text()
    notification = {"notification_email": ["dba@example.org"], "smtp_server": " ".join(map(str, RELAY))}
    try:
        stack.set_settings("balancers", notification=notification, reads_when_all_lag="refuse")
        up = stack.make("up")
        assert up.code == 0, up.out[-3000:]
        yield stack
    finally:
        stack.file.write_text(before)


def subjects(mails: Path) -> list[str]:
    """Of all mails that have come."""
    return [str(mail["Subject"]) for mail in mailbox.Maildir(mails)] if mails.is_dir() else []


def test_an_e_mail_says_that_one_master_is_left(changed: Stack, mails: Path) -> None:
    """The one that is lost takes no writes, so neither VIP moves: who watches clients alone sees nothing."""
    (standby,) = {"db1", "db2"} - {writer(changed)}
    assert changed.run("lab/power", standby, "off").code == 0
    try:
        deadline = time.monotonic() + PATIENCE
        while not any(f"masters/{standby} is DOWN" in subject for subject in subjects(mails)):
            assert time.monotonic() < deadline, subjects(mails)
            time.sleep(1)
        said = next(mail for mail in mailbox.Maildir(mails) if f"masters/{standby} is DOWN" in str(mail["Subject"]))
        assert said["To"] == "dba@example.org"
        assert "1 active" in str(said["Subject"]) + str(said.get_payload()), "how many are left"
    finally:
        assert changed.run("lab/power", standby, "on").code == 0
    assert changed.healthy_within(PATIENCE)


def test_while_all_lag_nobody_reads_where_the_settings_say_so(changed: Stack) -> None:
    for host in REPLICAS:
        changed.sql(host, "STOP SLAVE SQL_THREAD")
    try:
        for host in REPLICAS:
            changed.agent_says(host, "replication has stopped", 120)
        deadline = time.monotonic() + PATIENCE
        while client(changed, READS, "SELECT @@hostname").code == 0:
            assert time.monotonic() < deadline, "reads are still answered"
            time.sleep(0.5)
    finally:
        for host in REPLICAS:
            changed.sql(host, "START SLAVE SQL_THREAD")
    reads_go_to(changed, set(REPLICAS))
