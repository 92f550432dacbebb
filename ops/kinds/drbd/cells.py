"""Cells of a DRBD pair's table."""

from __future__ import annotations

from rich.markup import escape

from ops.kinds.drbd.device import CONNECTIONS, DISKS, Device
from ops.roles.promoter import Promoter


def serves(said: Promoter | None) -> str:
    """Whether the promoter has it in service."""
    if said is None or not said.heard:
        return "[red]–[/]"
    return {True: "[green]yes[/]", False: "no", None: f"[yellow]in between[/]: {escape(said.why)}"}[said.active]


def told(device: Device | None, name: str) -> str:
    """One of the kernel's words."""
    return escape(getattr(device, name)) if device and device.there else "[red]–[/]"


def connection(device: Device | None) -> str:
    """The connection, in words."""
    if not device or not device.there:
        return "[red]–[/]"
    words = f"{device.connection}: {CONNECTIONS.get(device.connection, 'see drbdsetup-8.4(8)')}"
    return f"[green]{words}[/]" if device.connection == "Connected" else f"[red]{words}[/]"


def disk(device: Device | None) -> str:
    """The disk, in words."""
    if not device or not device.there:
        return "[red]–[/]"
    words = f"{device.disk}: {DISKS.get(device.disk, 'see drbdsetup-8.4(8)')}"
    return f"[green]{words}[/]" if device.disk == "UpToDate" else f"[red]{words}[/]"


def resync(device: Device | None) -> str:
    """How far a resync is."""
    return (device.progress() or "begins") if device and (device.syncing or device.percent is not None) else "–"


def out_of_sync(device: Device | None) -> str:
    """Blocks that are known to differ."""
    return f"{device.out_of_sync_kib} KiB" if device and device.there else "–"


def verified(device: Device | None) -> str:
    """The last online verification, or how far one is."""
    if device and device.verifying:
        return f"runs: {device.progress() or 'begins'}"
    return escape(device.verified.words()) if device and device.verified else "–"


def mounted(device: Device | None) -> str:
    """Whether the device is in use."""
    return "yes" if device and device.mounted else "no"
