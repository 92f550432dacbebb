"""A server that the stack did not make. Only SSH to a Debian host is assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pulumi

from components.machine import Machine
from components.ssh import SshAccess, remote_command
from plan.enrol import enrol_script
from plan.model import HostPlan
from plan.render import LIB

#: Patience with a host that has to install python3 first.
ENROL_TIMEOUT = "1h"
#: Patience with a withdrawal: InnoDB writes its dirty pages before MariaDB ends.
WITHDRAW_TIMEOUT = "2h"


@dataclass(frozen=True, kw_only=True)
class BareMetalSite:
    """What all servers of a stack share.

    Attributes:
        stack: name of the stack; a host carries it, so that no other stack takes it.
        purge_data: `pulumi destroy` empties the data directories. False: they are kept.
        apt_sources: `packages.apt_sources`, for a host that lacks Python.
    """

    stack: str
    apt_sources: tuple[str, ...] = ()
    purge_data: bool = False


def enrol(name: str, *, plan: HostPlan, access: SshAccess, site: BareMetalSite, parent: pulumi.Resource) -> Machine:
    """Brings the delivery programs to a server and learns who it is. Nothing else is changed there.

    Without a host key in the settings (`bare_metal.trust_on_first_use`) this first connection is unchecked; the key
    that it finds is kept in the state, and every later connection is checked against it.
    """
    enrolled = remote_command(
        f"{name}-enrol",
        access=access,
        program="sh -s",
        stdin=enrol_script(site.stack, plan.name, apt_sources=site.apt_sources),
        # Another host key in the settings means: installed anew.
        triggers=[plan.address, access.host_key or "first use"],
        opts=pulumi.ResourceOptions(
            parent=parent, custom_timeouts=pulumi.CustomTimeouts(create=ENROL_TIMEOUT, update=ENROL_TIMEOUT)
        ),
    )
    last = enrolled.stdout.apply(
        lambda text: text.strip().splitlines()[-1].split(maxsplit=1) if text and text.strip() else ["", ""]
    )
    checked = replace(access, host_key=access.host_key or last.apply(lambda words: words[1]))
    return Machine(identity=last.apply(lambda words: words[0]), access=checked, reachable=enrolled)


def withdraw(
    name: str,
    *,
    host: str,
    access: SshAccess,
    site: BareMetalSite,
    parent: pulumi.Resource,
    after: pulumi.Resource | None,
    lost: bool = False,
) -> pulumi.Resource:
    """What `pulumi destroy` does on a server.

    It has no `create`: nothing is run until then. That of a lost host is let go without contact.
    """
    options = ["--stack", site.stack, "--host", host, *(["--purge-data"] if site.purge_data else [])]
    return remote_command(
        f"{name}-withdraw",
        access=access,
        program=None,
        # A host that was withdrawn before has no program any more.
        delete=f"if [ -x {LIB}/withdraw ]; then {{sudo}}{LIB}/withdraw {' '.join(options)}; else echo 'nothing to "
        "withdraw'; fi",
        triggers=None,
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[after] if after is not None else None,
            retain_on_delete=lost,
            custom_timeouts=pulumi.CustomTimeouts(delete=WITHDRAW_TIMEOUT),
        ),
    )
