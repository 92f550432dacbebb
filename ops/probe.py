"""What each host is asked: one small program (cloudinit/programs/host-facts), by one SSH session."""

from __future__ import annotations

#: Delivered to every host with its base files; each role adds its own part.
PROGRAM = "/usr/local/lib/mariadb-ha/host-facts"
ASK = f"exec {PROGRAM} </dev/null\n"

#: Seconds between the two samples of the wsrep figures, where the host does not say how long it really was.
SAMPLE = 0.5
SAMPLE_MARK = "--sample--"

#: Its presence takes the node out of service; its text is the reason.
DRAINING = "/var/lib/mariadb-ha/draining"

#: Units that must be active, by role.
UNITS = {
    "director": ("keepalived", "mariadb-ha-ipvs-sync", "mariadb-ha-drain-watch"),
    "galera": ("mariadb", "mariadb-ha-agent"),
    "realserver": ("mariadb-ha-lvsdr",),
}
