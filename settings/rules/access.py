"""SSH: who is admitted, and from where."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from settings.problem import Problem, quote
from settings.rules.cidrs import unfit_cidrs
from settings.rules.machines import vms
from settings.rules.registry import rule
from settings.stack import Stack

TYPES = (
    "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip


@rule("ssh")
def authorized_keys(stack: Stack) -> Iterator[Problem]:
    """Public keys as sshd reads them (sshd(8), AUTHORIZED_KEYS FILE FORMAT)."""
    for index, line in enumerate(stack.ssh.authorized_keys):
        key = f"ssh.authorized_keys[{index}]"
        if "PRIVATE KEY" in line:
            yield Problem(
                key,
                "is a private key (not shown)",
                "it would be written to every host, and must now be taken for lost",
                "make a new key pair and write the public one, the line in the .pub file",
            )
        elif wrong := wrong_key(line):
            yield Problem(
                key,
                wrong,
                "sshd would ignore the line and its owner could not log in",
                "copy the one line of the .pub file: type, key, comment",
            )


def wrong_key(line: str, *, admitted: tuple[str, ...] = TYPES) -> str | None:
    """Why a line is no public key of an admitted type; None when it is one."""
    words = line.split()
    if len(line.splitlines()) != 1 or len(words) < 2:
        return "is not one line of type, key and comment"
    if words[0] not in admitted:
        return (
            f"{quote(words[0])} is no type of key that is admitted "
            f"({', '.join(admitted[:3])}{', …' if len(admitted) > 3 else ''})"
        )
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return "is no public key: its second word is not base64"
    length = int.from_bytes(blob[:4], "big")
    short = len(blob) != 51 if words[0] == "ssh-ed25519" else len(blob) <= 4 + length
    if blob[4 : 4 + length] != words[0].encode() or short:
        return f"says {words[0]}, but its second word holds no such key"
    return None


@rule("ssh")
def admin_cidrs(stack: Stack) -> Iterator[Problem]:
    """Subnets that the firewall can read, and at least one."""
    if not stack.ssh.admin_cidrs:
        yield Problem(
            "ssh.admin_cidrs",
            "is empty",
            "the firewall would admit nobody by SSH, this program included",
            "name the networks that administrators and this program come from",
        )
    yield from unfit_cidrs("ssh.admin_cidrs", stack.ssh.admin_cidrs)


@rule("ssh", "hosts")
def login(stack: Stack) -> Iterator[Problem]:
    """A login of its own; root on bare metal at most."""
    if stack.ssh.user == "mysql" or (stack.ssh.user == "root" and vms(stack)):
        why = (
            "Debian's images do not admit root by SSH"
            if stack.ssh.user == "root"
            else "it is the database server's own account"
        )
        yield Problem(
            "ssh.user",
            f"{stack.ssh.user} cannot be the login",
            f"{why}, so no step could run",
            "write another name, such as debian",
        )
