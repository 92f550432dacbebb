"""What making or taking over a host gives: a machine that answers, its identity, and the way to it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.ssh import SshAccess


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One machine, a VM or a server.

    Attributes:
        identity: changes when the machine is another one, and with it everything that must be done again.
        access: how it is reached.
        reachable: what the first step on it waits for.
    """

    identity: pulumi.Output[str]
    access: SshAccess
    reachable: pulumi.Resource
