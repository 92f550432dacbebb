"""One read-only call to a host by OpenSSH's client: the stack's own key, the host key of the settings, nothing of the
user's configuration (ssh(1))."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.hosts.patient import port_silent, run_patiently
from plan.context import Context

#: ssh's patience for the TCP connection, the greeting and the key exchange, in seconds. A host that is not there is
#: known sooner (ops.hosts.patient).
CONNECT_TIMEOUT = 120
#: Longest wait for a host that is there, in seconds; hosts are asked at the same time.
PATIENCE = 300.0
#: ssh's own exit code when there was no session.
SSH_FAILED = 255


@dataclass(frozen=True, kw_only=True)
class Done:
    """A call that ended. `code` is None when it was not done in time; `began` and `ended` are this machine's clock
    (seconds since the epoch)."""

    code: int | None
    out: str = ""
    err: str = ""
    began: float = 0.0
    ended: float = 0.0


#: Runs a command: its words, its standard input, patience in seconds. Raises FileNotFoundError where the program is not
#: installed.
Runner = Callable[[Sequence[str], str, float], Done]


def run(words: Sequence[str], stdin: str, patience: float) -> Done:
    """The runner that really runs."""
    began = time.time()
    address, port = words[-2].rpartition("@")[2], int(words[words.index("-p") + 1])
    ended = run_patiently(words, stdin, reach=(address, port), patience=patience)
    code, err = ended.code, ended.err
    if code is None and not ended.slow:
        code, err = SSH_FAILED, f"ssh: connect to host {address} port {port}: {ended.words}"
    elif code == SSH_FAILED and "banner exchange" in err and "timed out" in err and not port_silent(address, port):
        code = None
    return Done(code=code, out=ended.out, err=err, began=began, ended=time.time())


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Files for the time of the call."""

    private: Path
    known_hosts: Path


def known_hosts(context: Context) -> str:
    """The host keys of the settings (sshd(8), known_hosts)."""
    port = context.settings.ssh.port
    lines = []
    for host in context.bare_metal:
        key, address = context.host_key(host), context.address(host)
        if key:
            lines.append(f"{address if port == 22 else f'[{address}]:{port}'} {key}\n")
    return "".join(lines)


@contextmanager
def keys(context: Context) -> Iterator[Keys]:
    """The stack's private key and the known hosts, in a private folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mariadb-ha-") as name:
        found = Keys(private=Path(name) / "key", known_hosts=Path(name) / "known_hosts")
        for path, content in (
            (found.private, context.secrets.ssh_key("admin-ssh-key").private),
            (found.known_hosts, known_hosts(context)),
        ):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                stream.write(content)
        yield found


def command(context: Context, host: str, files: Keys) -> list[str]:
    """The ssh command line for a host: a POSIX shell as root that reads its script from standard input."""
    ssh, key = context.settings.ssh, context.host_key(host)
    options = ["-F", "none", "-T", "-i", str(files.private)]
    given = {
        "BatchMode": "yes",
        "ConnectTimeout": CONNECT_TIMEOUT,
        "LogLevel": "ERROR",
        "ControlPath": "none",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PreferredAuthentications": "publickey",
        "GlobalKnownHostsFile": "/dev/null",
    }
    if key:
        # Only the kind of key that the settings name, or a host with several would show another.
        given |= {
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": files.known_hosts,
            "HostKeyAlgorithms": key.split()[0],
        }
    else:
        given |= {"StrictHostKeyChecking": "no", "UserKnownHostsFile": "/dev/null"}
    for name, value in given.items():
        options += ["-o", f"{name}={value}"]
    # sudo's words in English, whatever the host's language: they are read here.
    as_root = "sh -s" if ssh.user == "root" else "env LC_ALL=C sudo -n sh -s"
    return ["ssh", *options, "-p", str(ssh.port), f"{ssh.user}@{context.address(host)}", as_root]
