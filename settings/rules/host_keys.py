"""SSH host keys of bare metal: the program must know whom it hands secrets to (sshd(8), ssh-keyscan(1))."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem, quote
from settings.rules.access import wrong_key
from settings.rules.machines import bare_metal
from settings.rules.registry import rule
from settings.stack import Stack

KIND = "ssh-ed25519"
_COMPARE = (
    "compare it at the host's console (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` there, `ssh-keygen -lf "
    "FILE` here)"
)


def fetch(stack: Stack, host: str) -> str:
    """The command that prints a host's key, and what to do with its line."""
    command = f"`ssh-keyscan -t ed25519 -p {stack.ssh.port} {stack.hosts[host].address}`"
    return f"run {command}, {_COMPARE}, and write the line from {KIND} on as hosts.{host}.ssh_host_key"


@rule("hosts", "ssh", "bare_metal")
def known(stack: Stack) -> Iterator[Problem]:
    """Every host that is there already shows a key that is in the settings, unless trust on first use is chosen."""
    for name, host in bare_metal(stack).items():
        if host.ssh_host_key is None and not host.lost and not stack.bare_metal.trust_on_first_use:
            yield Problem(
                f"hosts.{name}.ssh_host_key",
                "is missing",
                f"whoever answers at {host.address} would be taken for {name} and given the stack's passwords",
                f"{fetch(stack, name)}; or set bare_metal.trust_on_first_use to true, where nobody else can answer "
                "at that address",
            )


@rule("hosts", "ssh")
def well_formed(stack: Stack) -> Iterator[Problem]:
    """One line of type and key."""
    for name, host in bare_metal(stack).items():
        if host.ssh_host_key is None:
            continue
        key = f"hosts.{name}.ssh_host_key"
        if "PRIVATE KEY" in host.ssh_host_key:
            yield Problem(
                key,
                "is a private key (not shown)",
                f"whoever reads the settings could pass for {name}, so the key must be taken for lost",
                "make the host a new one (`rm /etc/ssh/ssh_host_*; dpkg-reconfigure openssh-server`) and write its "
                "public half, the line in the .pub file",
            )
        elif wrong := _wrong_host_key(host.ssh_host_key):
            yield Problem(
                key,
                wrong,
                f"no machine could be known as {name} by it, and every connection would be refused",
                fetch(stack, name),
            )


def _wrong_host_key(line: str) -> str | None:
    words = line.split()
    if words[:1] != [KIND] and KIND in words[1:3]:
        return f"begins with {quote(words[0])}, as lines of ssh-keyscan and known_hosts do"
    if line.startswith(("SHA256:", "MD5:")):
        return "is the fingerprint of a key, not the key"
    return wrong_key(line, admitted=(KIND,))


@rule("hosts")
def distinct(stack: Stack) -> Iterator[Problem]:
    """No two hosts show one key."""
    owners: dict[str, str] = {}
    for name, host in bare_metal(stack).items():
        words = (host.ssh_host_key or "").split()
        if host.lost or len(words) < 2 or wrong_key(" ".join(words[:2])):
            continue
        if words[1] in owners:
            yield Problem(
                f"hosts.{name}.ssh_host_key",
                f"is also the key of {owners[words[1]]}",
                "one machine would be taken for both, or they were copied from one image and each can pass for the "
                "other",
                "write each host's own key; give a copied host new ones (`rm /etc/ssh/ssh_host_*; dpkg-reconfigure "
                "openssh-server`)",
            )
        owners.setdefault(words[1], name)
