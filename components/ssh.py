"""How the steps reach hosts: pulumi-command over SSH, the host key always checked."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pulumi_command as command

from plan.secrets import SshKey

#: Time for one step on one host; a state transfer of a large database takes hours.
STEP_TIMEOUT = "6h"


@dataclass(frozen=True, kw_only=True)
class SshAccess:
    """Login on one host.

    Attributes:
        address: IPv4 address.
        user: a login with password-less sudo.
        port: port of sshd.
        key: the stack's own key pair; its private half becomes a Pulumi secret.
        host_key: the host's public key. None: unchecked, for the first contact under `bare_metal.trust_on_first_use`
            only.
    """

    address: str
    user: str
    port: int
    key: SshKey = field(repr=False)
    host_key: pulumi.Input[str] | None

    def connection(self, *, gate: bool = False) -> command.remote.ConnectionArgs:
        """Connection of a step; the gate's dials go on until its own timeout ends them."""
        return command.remote.ConnectionArgs(
            host=self.address,
            user=self.user,
            port=self.port,
            private_key=pulumi.Output.secret(self.key.private),
            host_key=self.host_key,
            dial_error_limit=-1 if gate else 10,
            per_dial_timeout=60,
        )


def remote_command(
    name: str,
    *,
    access: SshAccess,
    program: str | None,
    triggers: list[pulumi.Input[str]] | None,
    opts: pulumi.ResourceOptions,
    stdin: pulumi.Input[str] | None = None,
    gate: bool = False,
    delete: str | None = None,
) -> command.remote.Command:
    """One repeatable command as root on a host. Only a withdrawal has a `delete`, and neither `program` nor triggers:
    with them the old one's delete would run after the new one's create.

    Where the host is logged in as root, sudo need not be there.
    """
    sudo = "" if access.user == "root" else "sudo -n "
    return command.remote.Command(
        name,
        connection=access.connection(gate=gate),
        create=None if program is None else f"{sudo}{program}",
        delete=None if delete is None else delete.format(sudo=sudo),
        stdin=stdin,
        triggers=triggers,
        add_previous_output_in_env=False,
        opts=opts,
    )
