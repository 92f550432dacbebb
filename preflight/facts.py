"""What `facts.sh` saw of a host, typed.

A fact that could not be had is None or empty, and the rules then say nothing or say so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from preflight.lines import Address, Disk, Listener, Process, VipAnswer, address, disk, listener, process, vip_answer

T = TypeVar("T")
Sections = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One host.

    Sizes in MiB, times in seconds; `clock_off` is by how much its clock is at least ahead of this machine's (negative:
    behind).
    """

    clock_off: float = 0.0
    os_id: str = ""
    os_version: str = ""
    os_name: str = ""
    architecture: str = ""
    init: str = ""
    container: bool = False
    read_only_root: bool = False
    kernel: str = ""
    kernel_modules: bool = False
    modules: tuple[str, ...] = ()
    disks: tuple[Disk, ...] = ()
    memory_mib: int | None = None
    hostname: str = ""
    machine_id: str = ""
    boot_id: str = ""
    hosts_file: tuple[str, ...] = ()
    addresses: tuple[Address, ...] | None = None
    vip_files: tuple[tuple[str, str], ...] = ()
    vip_answers: tuple[VipAnswer, ...] = ()
    listeners: tuple[Listener, ...] | None = None
    processes: tuple[Process, ...] = ()
    keepalived: str = ""
    nftables: tuple[str, ...] = ()
    firewalls: tuple[str, ...] = ()
    stack: Mapping[str, Any] | None = None
    retained: Mapping[str, Any] | None = None
    data_folders: tuple[str, ...] = ()
    data_files: tuple[str, ...] = ()
    grastate_uuid: str = ""
    packages: tuple[str, ...] = ()
    dpkg_audit: tuple[str, ...] = ()
    dpkg_busy: bool = False


def sections_of(text: str) -> dict[str, tuple[str, ...]] | None:
    """The script's output by section. None when its end is missing: it was cut short, or something else answered.

    What stands before the first section (a login shell's own words) is passed over.
    """
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.split("\n"):
        if line.startswith("# "):
            name = line[2:].strip()
            found[name] = []
        elif name and line.startswith(" "):
            found[name].append(line[1:].rstrip())
    return {key: tuple(lines) for key, lines in found.items()} if "end" in found else None


def facts_of(sections: Sections, *, began: float, ended: float) -> Facts:
    """Typed facts. `began` and `ended`: this machine's clock (seconds since the epoch) around the call."""

    def lines(name: str) -> tuple[str, ...]:
        return tuple(line for line in sections.get(name, ()) if line.strip())

    def first(name: str) -> str:
        return next((line.strip() for line in lines(name)), "")

    release = dict(line.partition("=")[::2] for line in lines("os-release"))
    kernel = lines("kernel")
    datadir = [line.partition(" ")[::2] for line in lines("datadir")]
    return Facts(
        clock_off=clock_off(first("clock"), began, ended),
        os_id=release.get("ID", "").strip("\"'"),
        os_version=release.get("VERSION_ID", "").strip("\"'"),
        os_name=release.get("PRETTY_NAME", "").strip("\"'"),
        architecture=first("architecture"),
        init=first("init"),
        container=first("container") not in ("", "none"),
        read_only_root="ro" in (lines("root-options") or ("",))[-1].split(","),
        kernel=next((line.split()[-1] for line in kernel if line.startswith("release ")), ""),
        kernel_modules="modules" in kernel,
        modules=tuple(line.split()[1] for line in kernel if line.startswith("module ") and len(line.split()) > 1),
        disks=_each(lines("disks"), disk),
        memory_mib=int(first("memory")) // 1024 if first("memory").isdigit() else None,
        hostname=first("hostname"),
        machine_id=first("machine-id"),
        boot_id=first("boot-id"),
        hosts_file=lines("hosts-file"),
        addresses=_unless_unknown(lines("addresses"), address),
        vip_files=tuple((vip, file) for vip, _, file in (line.partition(" ") for line in lines("vip-files"))),
        vip_answers=_each(lines("vip-answers"), vip_answer),
        listeners=_unless_unknown(lines("listeners"), listener),
        processes=_each(lines("processes"), process),
        keepalived=first("keepalived"),
        nftables=lines("nftables"),
        firewalls=lines("firewalls"),
        stack=_json(sections.get("stack", ())),
        retained=_json(sections.get("retained", ())),
        data_folders=tuple(name for kind, name in datadir if kind == "d"),
        data_files=tuple(name for kind, name in datadir if kind == "f"),
        grastate_uuid=next(
            (line.split()[1] for line in lines("grastate") if line.startswith("uuid:") and len(line.split()) > 1), ""
        ),
        packages=tuple(line.partition(" ")[2] for line in lines("packages") if line.startswith("installed ")),
        dpkg_audit=lines("dpkg-audit"),
        dpkg_busy=bool(lines("dpkg-busy")),
    )


def clock_off(shown: str, began: float, ended: float) -> float:
    """By how much a clock that was read between `began` and `ended` is wrong at least; 0.0 where it cannot be told."""
    try:
        clock = float(shown)
    except ValueError:
        return 0.0
    return clock - ended if clock > ended else min(0.0, clock - began)


def _each(lines: tuple[str, ...], parse: Callable[[str], T | None]) -> tuple[T, ...]:
    return tuple(found for line in lines if (found := parse(line)) is not None)


def _unless_unknown(lines: tuple[str, ...], parse: Callable[[str], T | None]) -> tuple[T, ...] | None:
    """Parsed lines; None where the host lacks the program (`?`)."""
    return None if lines[:1] == ("?",) else _each(lines, parse)


def _json(lines: tuple[str, ...]) -> Mapping[str, Any] | None:
    """A JSON object; an empty one where the file is there and cannot be read as one; None where there is no file."""
    if not lines:
        return None
    try:
        value = json.loads("\n".join(lines))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
