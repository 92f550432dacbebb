"""What is wrong with a DRBD pair, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ops.kinds.drbd.device import CONNECTIONS, Device
from ops.status.finding import Finding

RESOLVE = "docs/runbook.md, split brain: `hactl split-brain resolve --discard HOST`"


def device_findings(host: str, device: Device, *, peer: str) -> list[Finding]:
    """One host's device."""
    if not device.there:
        return [
            Finding(
                host=host,
                what=f"its replicated device is not set up ({device.error})",
                follows="this host has no copy that is kept up to date",
                todo="systemctl start mariadb-ha-drbd; journalctl -u mariadb-ha-drbd",
            )
        ]
    found = []
    if device.disk in ("Diskless", "Failed"):
        found.append(
            Finding(
                host=host,
                what=f"its disk has failed or is detached ({device.disk})",
                follows=f"the data is on {peer} alone",
                todo="docs/runbook.md, a disk has failed",
            )
        )
    elif device.syncing:
        way = f"from {peer}" if device.disk == "Inconsistent" else f"to {peer}"
        found.append(
            Finding(
                host=host,
                what=f"resync {way}: {device.progress() or 'begins'} ({device.out_of_sync_kib} KiB out of sync)",
                follows="until it ends one host alone has whole data"
                if device.disk == "Inconsistent"
                else f"{peer} cannot take over before it ends",
                todo="wait",
            )
        )
    elif device.disk not in ("UpToDate",):
        found.append(
            Finding(
                host=host,
                what=f"its data is not up to date ({device.disk})",
                follows="it cannot take over",
                todo=f"bring {peer} back, which has newer data; DRBD then copies what is missing",
            )
        )
    if device.connection == "StandAlone":
        found.append(
            Finding(
                host=host,
                what=f"DRBD does not speak with {peer} (StandAlone)",
                follows="both have data of their own (split brain), or they refuse each other: nothing is copied any"
                " more",
                todo=RESOLVE,
            )
        )
    elif device.connection not in CONNECTIONS or device.connection == "WFConnection":
        found.append(
            Finding(
                host=host,
                what=f"DRBD is not connected with {peer} ({device.connection})",
                follows="what is written is on one disk only",
                todo=f"bring {peer} back, or mend the link between them (DRBD connects by itself)",
            )
        )
    elif device.connection == "Connected" and device.out_of_sync_kib:
        found.append(
            Finding(
                host=host,
                what=f"{device.out_of_sync_kib} KiB differ between the two disks{_where(device)}",
                follows=f"what {peer} has is not what is here",
                todo="docs/runbook.md, blocks that differ: `drbdadm disconnect` and `connect` on the Secondary copies"
                " them from the Primary",
            )
        )
    elif device.verified and not device.verified.whole:
        found.append(
            Finding(
                host=host,
                what=f"the last online verification did not go through ({device.verified.words()})",
                follows="whether the two disks are alike is not known",
                todo="`hactl verify` when both are connected",
                severity="warning",
            )
        )
    return found


def _where(device: Device) -> str:
    """The first blocks that a verification on this host has found."""
    ranges = device.verified.ranges[:3] if device.verified else ()
    return f" (sectors {', '.join(f'{start}+{size}' for start, size in ranges)} …)" if ranges else ""


def two_primaries(hosts: Mapping[str, Device]) -> list[Finding]:
    """Both have the device in use. Two that are connected cannot: the role moved between two looks,
    unless one of them says that its peer is Primary, too.
    """
    primaries = [host for host, device in hosts.items() if device.role == "Primary"]
    if len(primaries) < 2 or all(device.peer_role == "Secondary" for device in hosts.values()):
        return []
    return [
        Finding(
            host="stack",
            what=f"{' and '.join(primaries)} are both Primary",
            follows="each writes to a copy of its own, and one of the two will have to be discarded",
            todo="stop keepalived on the one that clients should not reach, then " + RESOLVE,
        )
    ]


def vip_findings(vip: str, held: list[str], *, all_known: bool) -> list[Finding]:
    """Exactly one host has the VIP."""
    if len(held) > 1:
        return [
            Finding(
                host="stack",
                what=f"{' and '.join(held)} both hold the VIP {vip}",
                follows="clients reach now one, now the other",
                todo="let VRRP (IP protocol 112) pass between them",
            )
        ]
    if not held and all_known:
        return [
            Finding(
                host="stack",
                what=f"no host holds the VIP {vip}",
                follows="clients reach nothing",
                todo="what each host says below is why it may not hold it",
            )
        ]
    return []
