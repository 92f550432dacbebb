"""DRBD pairs: disks that are nobody else's, policies that lose nothing without a word, one Primary."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.drbd.model import DATADIR, VM_DISK, Drbd
from settings.parts.promotion import fencing_problems
from settings.parts.server import ServerSection
from settings.problem import Problem
from settings.rules.registry import rule
from settings.rules.timers import key_of
from settings.stack import Stack

#: Mount points that the system itself needs.
SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var")
#: The gap of priorities that a pair with preemption needs, so that the order is clear.
GAP = 50
#: Policies that throw away writes of one side without asking anybody.
DISCARD = ("discard-younger-primary", "discard-older-primary", "discard-least-changes", "discard-secondary")


@rule("hosts", each=Drbd)
def disks(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Bare metal names its disk; a VM has one of its own."""
    for host, member in pair.members.items():
        machine = stack.hosts.get(host)
        if machine is None:
            continue
        key = f"{name}.members.{host}"
        if machine.provisioner == "bare-metal":
            if member.disk is None:
                yield Problem(
                    f"{key}.disk",
                    f"is missing, and {host} is bare metal",
                    "nothing says which of its disks may become DRBD's",
                    "name a spare disk, partition or logical volume, such as /dev/vg0/mariadb",
                )
            continue
        if member.disk not in (None, VM_DISK):
            yield Problem(
                f"{key}.disk",
                f"{member.disk} is given, but {host} is a VM, whose data volume is {VM_DISK}",
                "DRBD would look for a disk that the stack does not make",
                "leave it out",
            )
        if member.overwrite is not None:
            yield Problem(
                f"{key}.overwrite",
                f"is given, but {host} is a VM, whose data volume is made new",
                "a volume that carries something would be one that was kept, and is not to be overwritten by a word"
                " that was left in the settings",
                "leave it out",
            )


@rule(each=Drbd)
def system_disk(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """A device of DRBD's own cannot lie on itself."""
    for host, member in pair.members.items():
        if member.disk and member.disk.startswith("/dev/drbd"):
            yield Problem(
                f"{name}.members.{host}.disk",
                f"{member.disk} is a device that DRBD makes",
                "a device cannot lie on itself, and one stacked on another pair is not what this kind sets up",
                "name the disk below it, such as /dev/sdb or /dev/vg0/mariadb",
            )


@rule(each=Drbd)
def mount_points(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Where MariaDB looks for its data; and nothing that hides the system."""
    given = pair.mount_point
    if given is None:
        return
    if pair.mariadb and given != DATADIR:
        yield Problem(
            f"{name}.mount_point",
            f"{given} is not MariaDB's data directory {DATADIR}",
            "MariaDB would run on the host's own disk, and nothing of it would be replicated",
            f"leave it out, or set {name}.mariadb to false",
        )
    elif not pair.mariadb and (given in SYSTEM or given.startswith(("/boot/", "/dev/", "/proc/", "/sys/"))):
        yield Problem(
            f"{name}.mount_point",
            f"{given} belongs to the system",
            "what is there would be hidden while the device is mounted, and the host might not boot",
            "write a folder of its own, such as /srv/drbd",
        )


@rule("databases", "components", each=Drbd)
def databases_need_mariadb(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Databases are made in a server."""
    others = [each for each, section in stack.each(ServerSection) if each != name and section.servers()]
    if not pair.mariadb and stack.databases and not others:
        yield Problem(
            f"{name}.mariadb",
            "is false, and there are databases in the settings",
            "no server would be there to make them in",
            "set it to true, or remove the section databases",
        )


@rule(each=Drbd)
def one_primary(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Two Primaries need a cluster file system."""
    if pair.allow_two_primaries:
        yield Problem(
            f"{name}.allow_two_primaries",
            f"true would let both hosts write to one {pair.filesystem}",
            "neither knows what the other has written, and the file system is destroyed",
            "remove it",
        )


@rule(each=Drbd)
def split_brain_policies(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Databases are not thrown away by a policy."""
    policies = {"after_sb_0pri": pair.split_brain.after_sb_0pri, "after_sb_1pri": pair.split_brain.after_sb_1pri}
    for key, given in policies.items():
        if pair.mariadb and given in DISCARD:
            yield Problem(
                f"{name}.split_brain.{key}",
                f"{given} throws one side's acknowledged writes away without asking anybody",
                "a database would lose transactions, and nobody would be told which",
                f"write {'discard-zero-changes' if key == 'after_sb_0pri' else 'consensus'} or disconnect; `hactl"
                " split-brain resolve` saves the side that is discarded",
            )


@rule(each=Drbd)
def fencing_is_whole(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """The agent that is chosen has what it needs."""
    if pair.fencing:
        yield from fencing_problems(f"{name}.fencing", pair.fencing, tuple(pair.members))


@rule(each=Drbd)
def durable(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Fencing promises that nothing acknowledged is lost; protocol A does not keep it."""
    if pair.fencing and pair.protocol == "A":
        yield Problem(
            f"{name}.protocol",
            "A acknowledges a write before the other host has it, and fencing is on",
            "a takeover would power off the only host that has the last writes",
            "write C (or B), or remove fencing",
        )


@rule(each=Drbd)
def verification(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Without a digest nothing is compared."""
    if pair.verify_alg is None and pair.verify_schedule and "verify_schedule" in pair.model_fields_set:
        yield Problem(
            f"{name}.verify_schedule",
            f"{pair.verify_schedule} is given, and verify_alg is null",
            "there is no digest to compare the disks by: blocks that differ would never be found",
            "write a verify_alg such as crc32c, or leave verify_schedule out",
        )


@rule(each=Drbd)
def failing_disks(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """MariaDB stops on a disk error that is passed on."""
    if pair.mariadb and pair.on_io_error == "pass_on":
        yield Problem(
            f"{name}.on_io_error",
            "pass_on hands errors of one disk to MariaDB, although the peer has the data",
            "the server would end, or go on with a file system that is read-only",
            "write detach",
        )


@rule(each=Drbd)
def preemption_gap(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Preempting pairs have a clear order."""
    (high, one), (_, two) = sorted(pair.members.items(), key=lambda item: -item[1].priority)
    if pair.preempt and 0 < one.priority - two.priority < GAP:
        yield Problem(
            f"{name}.members.{high}.priority",
            f"{one.priority} is only {one.priority - two.priority} above the other's {two.priority}, and"
            " preempt is true",
            "the order of the two is to be clear at a glance, and to leave room for trackers with a weight",
            f"write a gap of {GAP} or more, such as 150 and 100, or set preempt to false",
        )


@rule("timers", each=Drbd)
def tenths_and_whole_seconds(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """DRBD counts some timers in whole seconds, others in tenths (drbd.conf-8.4(5))."""
    for key, value in stack.timers.drbd._asdict().items():
        step = 1.0 if key in ("drbd_ping_int", "drbd_connect_int") else 0.1
        if abs(value / step - round(value / step)) > 1e-6:
            yield Problem(
                key_of(stack, key),
                f"{value:g} s is no multiple of {step:g} s",
                "DRBD counts this timer in such steps, and would take another value without a word",
                f"write {round(value / step) * step:g} or {(round(value / step) + 1) * step:g}",
            )


@rule("components", each=Drbd)
def distinct_devices(stack: Stack, name: str, pair: Drbd) -> Iterator[Problem]:
    """Two pairs on one host have devices of their own."""
    for other, section in stack.each(Drbd):
        if other == name:
            return
        shared = sorted(set(section.members) & set(pair.members))
        for host in shared:
            if section.minor == pair.minor:
                yield Problem(
                    f"{name}.minor",
                    f"{pair.minor} is also {other}.minor, and {host} carries both",
                    "one device cannot be two pairs'",
                    "give each a number of its own",
                )
                break
