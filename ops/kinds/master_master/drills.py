"""Faults of a master-master pair with a VIP of its own."""

from __future__ import annotations

from ops.component import FaultKind, Scripted

WRITER_STOP = FaultKind(name="writer-stop", role="writer", host_words="writer", kills=False)
WRITER_KILL = FaultKind(name="writer-kill", role="writer", host_words="writer", kills=True)
WRITER_HANG = FaultKind(name="writer-hang", role="writer", host_words="writer", kills=False)
STANDBY_KILL = FaultKind(name="standby-kill", role="standby", host_words="stand-by", kills=True)
FAULTS = (WRITER_STOP, WRITER_KILL, WRITER_HANG, STANDBY_KILL)

#: Seconds after which a host repairs itself although nobody asks for it any more.
ARMED = 180


def hang(host: str) -> Scripted:
    """A server that stands still: SIGSTOP. The promoter may kill it meanwhile; then there is nothing to wake."""
    wake = "pkill -CONT -x mariadbd || true; systemctl start --no-block mariadb"
    arm = f"systemd-run --quiet --collect --unit=mariadb-ha-drill-wake --on-active={ARMED} bash -c '{wake}'"
    return Scripted(
        words=f"mariadbd on {host} stands still (SIGSTOP)",
        by_hand=f"wake mariadbd on {host} (pkill -CONT mariadbd), or start it",
        inject=f"{arm} && pkill -STOP -x mariadbd",
        repair=f"systemctl stop mariadb-ha-drill-wake.timer 2>/dev/null; {wake}",
    )
