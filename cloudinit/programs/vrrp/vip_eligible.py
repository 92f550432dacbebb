"""The word to keepalived whether this host may hold a VIP: a file below /run, which VRRP tracks."""

from __future__ import annotations

from mha_common import at


def mark_eligible(name: str, reason: str) -> None:
    """What VRRP tracks (keepalived.conf(5), track_file, weight 0): anything but 0 is a fault. Written only when it
    changes.
    """
    file = at(f"/run/mariadb-ha/{name}.eligible")
    word = "1\n" if reason else "0\n"
    try:
        if file.read_text() == word:
            return
    except OSError:
        pass
    # In place: keepalived watches the file itself, and would lose one that is replaced while it reads.
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(word)


def is_eligible(name: str) -> bool:
    """What was said last; False while nothing was said."""
    try:
        return at(f"/run/mariadb-ha/{name}.eligible").read_text().strip() == "0"
    except OSError:
        return False
