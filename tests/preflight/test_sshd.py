"""The real client against a real sshd on loopback: host key, login, and facts of this machine."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from plan.context import Context
from tests.preflight.hosts import bare_metal, check_hosts, host_key
from tests.toolchain.sshd import SSHD, Sshd, free_port

pytestmark = pytest.mark.skipif(not SSHD.exists() or os.getuid() != 0, reason="needs root and Debian's openssh-server")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server that knows nothing of the stack yet."""
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def here(port: int, keys: dict[str, str | None]) -> Context:
    """A stack whose only bare-metal hosts are this machine, by their keys."""
    context = bare_metal(vms=("ha1", "ha2", "mdb1", "mdb2", "mdb3"))
    hosts = {
        name: entry.model_copy(
            update={"provisioner": "bare-metal", "address": IPv4Address("127.0.0.1"), "ssh_host_key": keys[name]}
        )
        if name in keys
        else entry
        for name, entry in context.settings.hosts.items()
    }
    ssh = context.settings.ssh.model_copy(update={"port": port, "user": pwd.getpwuid(os.getuid()).pw_name})
    return replace(context, settings=context.settings.model_copy(update={"hosts": hosts, "ssh": ssh}))


def public(sshd: Sshd) -> str:
    """The server's own host key, without comment."""
    return " ".join(sshd.host_key("ed25519").split()[:2])


def test_refused_login_then_admitted_as_the_message_says(sshd: Sshd) -> None:
    context = here(sshd.port, {"mdb1": public(sshd), "mdb2": public(sshd)})
    authorized = sshd.home / "authorized_keys"
    before = authorized.read_text()
    refused = check_hosts(context)
    assert [message.split()[0] for message in refused] == ["mdb1", "mdb2"]
    admit = re.search(
        r"echo '([^']*)' \| ssh -p \d+ root@127.0.0.1 'umask 077; mkdir -p ~/.ssh; cat >> ~/.ssh/authorized_keys'",
        refused[0],
    )
    assert admit
    try:
        authorized.write_text(before + admit[1] + "\n")
        found = check_hosts(context)
    finally:
        authorized.write_text(before)
    assert any(message.startswith("mdb1") and "Write hosts.mdb1.interface: lo" in message for message in found), found
    twice = [message for message in found if "same machine" in message or "machine-id" in message]
    assert [message.split()[0] for message in twice] == ["mdb2"]
    init = Path("/proc/1/comm").read_text().strip()
    assert any(f'process 1 is "{init}"' in message for message in found) == (init != "systemd")
    assert not any("clock" in message for message in found)


def test_another_host_key(sshd: Sshd) -> None:
    shown = subprocess.run(
        ["ssh-keygen", "-lf", sshd.home / "host_ed25519.pub"], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    found = check_hosts(here(sshd.port, {"mdb1": host_key("mdb1")}))
    assert len(found) == 1
    assert f"it shows the SSH host key {shown}; hosts.mdb1.ssh_host_key is SHA256:" in found[0]


def test_no_key_is_trusted_at_first_use(sshd: Sshd) -> None:
    found = check_hosts(here(sshd.port, {"mdb1": None}))
    assert len(found) == 1
    assert "refuses the login" in found[0], "the host key was taken, the login was not"


def test_nobody_listens() -> None:
    found = check_hosts(here(free_port(), {"mdb1": host_key("mdb1")}))
    assert len(found) == 1
    assert "refuses connections" in found[0]
