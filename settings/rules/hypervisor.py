"""The hypervisor: a URI that leads somewhere, storage and network that do not contradict each other
(libvirt.org/uri.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from settings.problem import Problem, quote
from settings.rules.machines import vms
from settings.rules.registry import rule
from settings.stack import Stack

TRANSPORTS = ("", "unix", "tcp", "tls", "ssh", "libssh", "libssh2")
_REMOTE = ("tcp", "tls", "ssh", "libssh", "libssh2")
_EXAMPLES = "write qemu:///system, or qemu+ssh://user@host/system"
_PATH = re.compile(r"/[A-Za-z0-9._/+-]*")


def split(uri: str) -> tuple[str, str, SplitResult] | None:
    """(driver, transport, parts) of a libvirt URI; None where it is none."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme or port == 0 or not uri.isprintable() or " " in uri:
        return None
    driver, _, transport = parts.scheme.partition("+")
    return driver, transport, parts


def wrong_uri(uri: str) -> tuple[str, str] | None:
    """What is wrong with a URI, and what follows; None when it is well formed."""
    found = split(uri)
    if found is None:
        return "is no libvirt URI", "no VM could be made"
    driver, transport, parts = found
    if parts.password is not None:
        return "holds a password (not shown)", "it would be readable in state and logs"
    if driver == "test":
        return None
    if driver != "qemu":
        return (
            f"{quote(uri)} names the driver {driver or 'of nothing'}",
            "only qemu (which includes KVM) can make these VMs",
        )
    if transport not in TRANSPORTS:
        return f"{quote(uri)} names the unknown transport {transport}", "libvirt could not be reached"
    if parts.path == "/session":
        return (
            f"{quote(uri)} is a user's session",
            "it has no networks or bridges of its own, so the hosts could not talk to each other",
        )
    if parts.path != "/system":
        return f"{quote(uri)} lacks /system at its end", "libvirt would refuse the connection"
    if transport in _REMOTE and not parts.hostname:
        return f"{quote(uri)} names no host", "libvirt could not be reached"
    if transport in ("", "unix") and parts.hostname and not transport:
        return (
            f"{quote(uri)} names a host, but no way to it",
            "libvirt would try TLS, which needs certificates on both sides",
        )
    return None


@rule("hypervisor", "hosts")
def uri(stack: Stack) -> Iterator[Problem]:
    """A well-formed URI of a system daemon, where there are VMs."""
    wrong = wrong_uri(stack.hypervisor.uri) if vms(stack) else None
    if wrong:
        yield Problem("hypervisor.uri", *wrong, _EXAMPLES)


@rule("hypervisor", "hosts")
def storage(stack: Stack) -> Iterator[Problem]:
    """One pool: an existing one or the stack's own."""
    section = stack.hypervisor
    if not vms(stack):
        return
    if section.pool is not None and not section.pool.strip():
        yield Problem(
            "hypervisor.pool",
            "is empty",
            "no volume could be made",
            "write the pool's name (`virsh pool-list`), or leave it out",
        )
    if section.pool is not None and "pool_path" in section.model_fields_set:
        yield Problem(
            "hypervisor.pool_path",
            f"is given although hypervisor.pool is {quote(section.pool)}",
            "an existing pool has its own folder, so the path means nothing",
            "keep one of the two",
        )
    if not _PATH.fullmatch(section.pool_path) or section.pool_path == "/" or "/../" in f"{section.pool_path}/":
        yield Problem(
            "hypervisor.pool_path",
            f"{quote(section.pool_path)} is no absolute path of a folder",
            "libvirt could not make a pool there",
            "write it such as /var/lib/libvirt/mariadb-ha",
        )
    if not section.image.strip() or not section.image.isprintable():
        yield Problem(
            "hypervisor.image",
            f"{quote(section.image)} names no file",
            "no VM could be made",
            "write the path or URL of a Debian 12 generic image",
        )


@rule("network", "hosts")
def own_network(stack: Stack) -> Iterator[Problem]:
    """The stack's own libvirt network needs an address on the hypervisor."""
    if vms(stack) and stack.network.bridge is None and stack.network.gateway is None:
        yield Problem(
            "network.gateway",
            "is missing, and network.bridge too",
            "the stack makes a network of its own, and nobody outside could reach its hosts",
            "write the address that the network's bridge is to have, such as the first of the subnet; or name an "
            "existing bridge",
        )
