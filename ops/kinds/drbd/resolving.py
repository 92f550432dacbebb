"""A split of a DRBD pair, and how it is resolved so that one side's data are given up."""

from __future__ import annotations

from collections.abc import Mapping

from ops.component import Resolution
from ops.errors import Exit, OpsError
from ops.kinds.drbd.device import Device
from ops.paths import PROGRAMS
from ops.roles import drain

#: The reason for which a host whose data are discarded is out of service meanwhile.
RESOLVING = "hactl split-brain resolve"


def resolving(name: str, devices: Mapping[str, Device], *, discard: str, keep: str, minor: int) -> Resolution:
    """The host `discard` is taken out of service, saved, and connected as the one that gives up its data; `keep` is
    only connected. `devices`: of the hosts that were reached.

    Raises:
        OpsError: refused, with the reason.
    """
    missing = [host for host in (discard, keep) if host not in devices or not devices[host].there]
    if missing:
        words = f"the device of {' and '.join(missing)} could not be seen: nothing is discarded"
        raise OpsError(words, "bring it back first; see `hactl status`", Exit.UNHEALTHY)
    wait = (discard, f"exec {PROGRAMS}/drbd-form </dev/null\n")
    end = (discard, f"grep -qs '^{RESOLVING}' {drain.FLAG} && rm -f {drain.FLAG}; true\n")
    mine, theirs = devices[discard], devices[keep]
    standalone = f"grep -q '^ *{minor}: cs:StandAlone' /proc/drbd"
    if "StandAlone" not in (mine.connection, theirs.connection):
        if mine.connection == theirs.connection == "WFConnection":
            words = f"{discard} and {keep} look for each other: whether their data differ is not known"
            raise OpsError(words, "mend the link between them first; DRBD then finds out", Exit.REFUSED)
        return Resolution(question=f"{discard} and {keep} speak with each other: wait?", commands=(wait, end))
    if theirs.disk not in ("UpToDate", "Consistent"):
        words = f"the data of {keep} are not whole ({theirs.disk}): those of {discard} are not discarded for them"
        raise OpsError(words, f"discard {keep} instead", Exit.REFUSED)
    return Resolution(
        question=f"Discard what {discard} wrote alone ({mine.out_of_sync_kib} KiB of blocks) and keep what {keep}"
        f" wrote ({theirs.out_of_sync_kib} KiB)?",
        commands=(
            (discard, f"[ -e {drain.FLAG} ] || echo '{RESOLVING}' >{drain.FLAG}\n"),
            (discard, f"exec {PROGRAMS}/drbd-discard </dev/null\n"),
            (keep, f"{standalone} || exit 0; drbdadm connect {name}\n"),
            wait,
            end,
        ),
    )
