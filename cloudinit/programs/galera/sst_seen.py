"""A state transfer (SST) as it shows on a host: who takes part, and a connection for it that nobody answers."""

from __future__ import annotations

import socket

from mha_common import at

#: wsrep_sst_* on the joiner listens here.
SST_PORT = 4444
SYN_SENT = "02"


def sst_role() -> str:
    """`donor`, `joiner`, or empty: what a wsrep_sst_* script at work here says of itself."""
    for entry in at("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(b"wsrep_sst_" in word for word in words[:4]) and b"--role" in words[:-1]:
            return words[words.index(b"--role") + 1].decode(errors="replace")
    return ""


def unanswered() -> dict[str, str]:
    """Connections to a joiner's SST port that wait for an answer (proc(5), /proc/net/tcp): the other end, by the local
    one.
    """
    found = {}
    try:
        lines = at("/proc/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return {}
    for line in lines:
        _, local, remote, state = line.split()[:4]
        address, _, port = remote.partition(":")
        if state == SYN_SENT and int(port, 16) == SST_PORT:
            found[local] = f"{socket.inet_ntoa(bytes.fromhex(address)[::-1])}:{SST_PORT}"
    return found
