"""The flag that takes a host out of service: /var/lib/mariadb-ha/draining. A roll's own begins with the word `roll`.

That one names the program, the boot and the process that set it, so that everybody can tell a roll at work from one
that was killed, and from one that a power-cut ended.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from mha_common import at, boot_id, say
from mha_files import write_atomically

DRAINING = "/var/lib/mariadb-ha/draining"


@dataclass(frozen=True)
class Flag:
    """The draining flag as it is on the disk."""

    reason: str
    boot: str = ""
    pid: int = 0
    program: str = ""

    @property
    def roll(self) -> bool:
        """Set by a program that rolls, not by a person."""
        return bool(self.pid)

    @property
    def earlier_boot(self) -> bool:
        return self.roll and self.boot != boot_id()

    @property
    def at_work(self) -> bool:
        """Whether the program that set it still runs, as far as this user may know; yes where the kernel does not tell
        (hidepid).
        """
        if not self.roll or self.earlier_boot:
            return False
        try:
            return self.program.encode() in at(f"/proc/{self.pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return not at("/proc/1").exists()
        except OSError:
            return True

    @property
    def finish(self) -> str:
        """The command that ends what a roll has begun."""
        return f"sudo /usr/local/lib/mariadb-ha/{self.program} --finish"

    @property
    def cut_short(self) -> bool:
        """Left by a roll that is no more. The node takes clients as far as it can; the change is not finished."""
        return self.roll and not self.at_work


def read_flag() -> Flag | None:
    """The flag; None when the node is not draining."""
    try:
        reason = " ".join(at(DRAINING).read_text(errors="replace").split())
    except FileNotFoundError:
        return None
    except OSError as error:
        return Flag(f"its reason cannot be read: {error.strerror}")
    found = re.match(r"roll\b.*\bby (\S+), boot=(\S+) pid=(\d+)", reason)
    return Flag(reason, found[2], int(found[3]), found[1]) if found else Flag(reason or "no reason given")


def take_out(program: str) -> None:
    """Set the flag in the name of this process, which runs `program`."""
    write_atomically(
        at(DRAINING), f"roll: a change of the configuration by {program}, boot={boot_id()} pid={os.getpid()}\n"
    )


def put_back() -> None:
    at(DRAINING).unlink(missing_ok=True)


def end_roll() -> bool:
    """End a program's own draining; anybody else's stays. Whether there was one."""
    flag = read_flag()
    if not (flag and flag.roll):
        return False
    put_back()
    say("put back")
    return True


def end_drain_of_earlier_boot() -> None:
    """End the draining of a roll that a power-cut or a reboot ended: the node is Synced again, the next `up` finishes
    the change.
    """
    flag = read_flag()
    if flag and flag.earlier_boot:
        put_back()
        say("draining ended: the roll that took this node out was ended by a reboot; `pulumi up` finishes the change")
