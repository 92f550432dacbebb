"""Does the hypervisor answer, is the image there? Asked only for what the user wrote explicitly; no libvirt library
needed.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from settings.problem import Problem, quote
from settings.project import project_folder
from settings.rules.hypervisor import split, wrong_uri
from settings.rules.machines import vms
from settings.stack import Stack

#: Seconds of patience with a connection.
PATIENCE = 3.0
PORTS = {"tcp": 16509, "tls": 16514}
#: Where a system daemon listens: the monolithic one, then the modular one (libvirt.org/daemons.html).
SOCKETS = ("/var/run/libvirt/libvirt-sock", "/var/run/libvirt/virtqemud-sock")


def world_problems(stack: Stack, sound: frozenset[str]) -> Iterator[Problem]:
    """What an explicit URI or image does not lead to. Without VMs nobody is asked."""
    if "hypervisor" not in sound or ("hosts" in sound and not vms(stack)):
        return
    section = stack.hypervisor
    if "uri" in section.model_fields_set and not wrong_uri(section.uri):
        yield from _unreachable(section.uri)
    if "image" in section.model_fields_set and section.image.strip():
        yield from _missing_image(section.image)


def _unreachable(uri: str) -> Iterator[Problem]:
    found = split(uri)
    if found is None or found[0] == "test":
        return
    _, transport, parts = found
    try:
        tried = _connect(transport, parts)
    except (OSError, UnicodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        tried = reason
    if tried:
        yield Problem(
            "hypervisor.uri",
            f"{quote(uri)} does not answer: {tried}",
            "no VM could be made or looked at",
            _advice(transport, parts),
        )


def _connect(transport: str, parts: SplitResult) -> str | None:
    """Connect as libvirt would. None when something answered or cannot be known; else what failed."""
    if transport in ("", "unix"):
        return _unix(parse_qs(parts.query).get("socket", [""])[0])
    host, port = parts.hostname or "", parts.port or PORTS.get(transport, 22)
    if "ssh" in transport:
        resolved = _ssh_destination(host, parts)
        if resolved is None:
            return None
        host, port = resolved
    with socket.create_connection((host, port), timeout=PATIENCE):
        return None


def _unix(given: str) -> str | None:
    failures = []
    for path in (unquote(given),) if given else SOCKETS:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(PATIENCE)
            try:
                probe.connect(path)
            except OSError as error:
                failures.append(f"{path}: {error.strerror or error}")
            else:
                return None
    return "; ".join(failures)


def _ssh_destination(host: str, parts: SplitResult) -> tuple[str, int] | None:
    """Host and port as ssh_config(5) has them; None where a jump host or a proxy command leads there."""
    port = parts.port or 22
    if host.startswith("-") or not shutil.which("ssh"):
        return host, port
    command = ["ssh", "-G", *(["-p", str(parts.port)] if parts.port else []), host]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError):
        return host, port
    settings = dict(line.split(" ", 1) for line in answer.stdout.splitlines() if " " in line)
    if settings.get("proxyjump", "none") != "none" or settings.get("proxycommand", "none") != "none":
        return None
    return settings.get("hostname", host), int(settings.get("port", port))


def _advice(transport: str, parts: SplitResult) -> str:
    if transport in ("", "unix"):
        return (
            "start libvirt there (`systemctl start libvirtd`; the lab: `make up`), check that this user may use the "
            "socket, or correct the URI"
        )
    return f"check the name {parts.hostname}, its firewall and that its libvirt or sshd listens; or correct the URI"


def _missing_image(image: str) -> Iterator[Problem]:
    """A path is read by the machine that runs Pulumi; a URL is fetched later."""
    try:
        parts = urlsplit(image)
        if parts.scheme in ("http", "https"):
            return
        path = project_folder() / Path(unquote(parts.path) if parts.scheme == "file" else image).expanduser()
        exists = path.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        yield Problem(
            "hypervisor.image",
            f"{quote(image)} cannot be looked at ({error})",
            "no VM could be made",
            "write the path of a Debian 12 image, or its URL",
        )
        return
    if not exists:
        yield Problem(
            "hypervisor.image",
            f"there is no file {quote(image)}",
            "no VM could be made from it",
            "download a Debian 12 generic image there, make one (`lab/image`), or write another path or URL",
        )
