"""The rules, as plain functions over a preview's resources: each gives what is wrong, in words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from policy.resource import COMMAND, DOMAIN, HOST, VOLUME, Resource

#: Inputs that the components mark secret (tests/graph): what stands in them is meant to be one.
MARKED = {"stdin", "connection", "userData"}
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|^\s*(wsrep_sst_auth|auth_pass|shared-secret|password|requirepass)\b\s*[=\s]\s*\S",
    re.MULTILINE | re.IGNORECASE,
)
#: A rule of nftables that opens a port to every source.
_ANYBODY = re.compile(r"\s*(ip daddr \S+ )?tcp dport .*accept")
_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")


def unprotected_volume(resource: Resource) -> Iterator[str]:
    """A data volume that `destroy` would delete."""
    if resource.type == VOLUME and resource.holds_data and not resource.protect:
        yield f"the data volume {resource.name} is not protected: set hypervisor.protect_data_volumes to true"


def unprotected_host(resource: Resource) -> Iterator[str]:
    """A VM with data that a change of its network would replace."""
    if resource.type == DOMAIN and resource.holds_data and not resource.protect:
        yield f"the database host {resource.name} is not protected: set hypervisor.protect_database_hosts to true"


def trust_on_first_use(resource: Resource) -> Iterator[str]:
    """A host that is handed secrets whoever it is."""
    if resource.type == COMMAND and not (resource.inputs.get("connection") or {}).get("hostKey"):
        yield (
            f"{resource.name} believes whoever answers: give the host's ssh_host_key, and set "
            "bare_metal.trust_on_first_use to false"
        )


def open_to_the_world(resource: Resource) -> Iterator[str]:
    """A VIP with a public address whose firewall admits clients from anywhere."""
    found, anybody = set(), False
    for path, lines in resource.files().items():
        if path.startswith("/etc/keepalived/"):
            block = re.findall(r"virtual_ipaddress\w*\s*\{([^}]*)\}", "\n".join(lines))
            found |= {address for text in block for address in _ADDRESS.findall(text)}
        elif path.startswith("/etc/nftables.d/"):
            anybody = anybody or any(_ANYBODY.match(line) for line in lines)
    for address in sorted(found):
        if ipaddress.ip_address(address).is_global and anybody:
            yield (
                f"{resource.name} may hold the VIP {address}, a public address, and admits clients from everywhere: "
                "anybody could ask for a password. Name their networks (client_cidrs of the component)"
            )


def secret_in_clear(resource: Resource) -> Iterator[str]:
    """A secret that previews, logs and the state show."""
    for key, value in resource.inputs.items():
        if key not in MARKED and _SECRET.search(_without_paths(resource, key, str(value))):
            yield f"the input {key} of {resource.name} looks like a secret in clear (not shown): mark it secret"


def _without_paths(resource: Resource, key: str, text: str) -> str:
    """A host's files without the paths before their lines, and without the secret ones, which show no content."""
    if resource.type == HOST and key == "files":
        return "\n".join(line for lines in resource.files().values() for line in lines)
    return text


def even_voters(resources: Sequence[Resource]) -> Iterator[str]:
    """A Galera cluster that splits into halves."""
    voters: dict[str, list[str]] = {}
    for resource in resources:
        for path, lines in resource.files().items():
            if path.endswith("wsrep.cnf"):
                name = next((line.split("=")[1].strip() for line in lines if line.startswith("wsrep_cluster_name")), "")
                voters.setdefault(name, []).append(resource.name)
            elif path == "/etc/mariadb-ha/garbd.cnf":
                name = next((line.split("=")[1].strip() for line in lines if line.startswith("group")), "")
                voters.setdefault(name.strip('"'), []).append(resource.name)
    for name, hosts in sorted(voters.items()):
        if len(hosts) % 2 == 0:
            yield f"the cluster {name} has {len(hosts)} voters ({', '.join(hosts)}), an even number: add an arbitrator"


def one_hypervisor(resources: Sequence[Resource]) -> Iterator[str]:
    """All copies of the data in one machine's hands."""
    hosts = [resource for resource in resources if resource.type == DOMAIN and resource.holds_data]
    elsewhere = [
        resource.name
        for resource in resources
        if resource.type == HOST
        and any(path.startswith("/etc/mysql/") for path in resource.files())
        and not any(host.name == f"{resource.name}-domain" for host in hosts)
    ]
    if len(hosts) > 1 and not elsewhere and len({host.provider for host in hosts}) == 1:
        names = ", ".join(sorted(host.name for host in hosts))
        yield (
            f"{names} lie on one hypervisor: all copies of the data go with it. "
            "Spread them, or say that it is meant (not_for of this policy)"
        )
