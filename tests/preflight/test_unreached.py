"""ssh's and sudo's own sentences, and the words that they become."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from preflight.ssh import Done
from preflight.unreached import fingerprint, why
from tests.preflight.hosts import bare_metal, host_key

CHANGED = """\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
The fingerprint for the ED25519 key sent by the remote host is
SHA256:jUSFBBpEmkbDgOJS1YBzW3QCmT2qCiqaybxx1KfIhl0.
Please contact your system administrator.
Host key verification failed.
"""

CASES = {
    "refused": (
        255,
        "ssh: connect to host 172.16.21.181 port 2222: Connection refused",
        ("refuses connections to port 2222", "ssh.port"),
    ),
    "no route": (
        255,
        "ssh: connect to host 172.16.21.181 port 22: No route to host",
        ("no route to host", "hosts.mdb2.lost: true"),
    ),
    "unreachable": (255, "ssh: connect to host 172.16.21.181 port 22: Network is unreachable", ("no route to host",)),
    "silent": (
        255,
        "ssh: connect to host 172.16.21.181 port 22: Connection timed out",
        ("does not answer on port 2222 at all", "firewall"),
    ),
    "silent sshd": (255, "Connection timed out during banner exchange", ("does not answer",)),
    "closed": (
        255,
        "kex_exchange_identification: Connection closed by remote host",
        ("closes it at once", "journalctl -u ssh"),
    ),
    "other key": (
        255,
        CHANGED,
        (
            "SHA256:jUSFBBpEmkbDgOJS1YBzW3QCmT2qCiqaybxx1KfIhl0;",
            fingerprint(host_key("mdb2")),
            "installed anew",
            "ssh-keyscan -t ed25519 -p 2222",
        ),
    ),
    "no such key": (
        255,
        "Unable to negotiate with 1.2.3.4 port 22: no matching host key type found. Their offer: rsa-sha2-512",
        ("rsa-sha2-512", "ssh-keygen -A"),
    ),
    "login": (
        255,
        "debian@172.16.21.181: Permission denied (publickey).",
        (
            "refuses the login debian",
            " | ssh -p 2222 debian@172.16.21.181 'umask 077; mkdir -p ~/.ssh; cat >> ~/.ssh/authorized_keys'",
        ),
    ),
    "else": (255, "ssh: something new", ('"ssh: something new"', "ssh -p 2222 debian@172.16.21.181")),
    "no sudo": (
        127,
        "env: 'sudo': No such file or directory",
        ("sudo is not installed", "apt-get install sudo", "debian ALL=(ALL) NOPASSWD: ALL"),
    ),
    "no sudo, sh": (127, "sh: 1: sudo: not found", ("sudo is not installed",)),
    "password": (1, "sudo: a password is required", ("asks for a password", "debian ALL=(ALL) NOPASSWD: ALL")),
    "not admitted": (1, "debian is not in the sudoers file.", ("sudo refuses", "not in the sudoers file")),
    "some commands only": (
        1,
        "Sorry, user debian is not allowed to execute '/bin/sh -s' as root on mdb2.",
        ("sudo refuses",),
    ),
    "no shell": (1, "", ("exit code 1", "This account is currently not available.")),
    "late": (None, "", ("slow to answer", "was not looked at within 300 s")),
}


@pytest.mark.parametrize(("code", "err", "words"), CASES.values(), ids=CASES)
def test_words(code: int | None, err: str, words: tuple[str, ...]) -> None:
    context = bare_metal({"ssh": {"port": 2222}})
    out = "" if err or code is None else "This account is currently not available.\n"
    message = str(why(context, "mdb2", Done(code=code, out=out, err=err)))
    assert message.startswith("mdb2 (172.16.21.181): ")
    assert "\n" not in message
    for word in words:
        assert word in message


def test_usual_port_is_left_out() -> None:
    message = str(why(bare_metal(), "mdb2", Done(code=255, err="Permission denied (publickey).")))
    assert "| ssh debian@172.16.21.181 'umask" in message


def test_control_characters_of_a_host_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in str(why(bare_metal(), "mdb2", Done(code=1, out="\x1b[2Jowned\n")))


def test_fingerprint_is_that_of_ssh_keygen(tmp_path: Path) -> None:
    file = tmp_path / "key.pub"
    file.write_text(host_key("mdb1") + "\n")
    shown = subprocess.run(["ssh-keygen", "-lf", file], capture_output=True, text=True, check=True).stdout
    assert fingerprint(host_key("mdb1")) == shown.split()[1]
    assert fingerprint("ssh-ed25519") == "unreadable"
