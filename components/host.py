"""A host, made or taken over: a machine, the gate, today's files over SSH.

What changes in which file is in its own inputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.bare_metal import BareMetalSite, enrol, withdraw
from components.machine import Machine
from components.site import LibvirtSite
from components.ssh import SshAccess, remote_command
from components.vm import make_vm
from plan.model import HostPlan
from plan.render import LIB
from plan.secrets import SshKey
from settings.hosts import HostSettings, Ssh

#: Longest first boot: five emulated guests at once on two cores took 400 s, and three times that on a slower machine;
#: packages come on top. The gate itself gives up when the first boot stands still (`ready`).
FIRST_BOOT = "90m"


@dataclass(frozen=True, kw_only=True)
class HostArgs:
    """One host.

    Attributes:
        plan: what lies on the host.
        machine: its own settings.
        ssh: how it is reached.
        site: the hypervisor, or what the stack's bare-metal hosts share.
        admin_key: the stack's own SSH key pair.
        host_key: the SSH key pair that a VM gets, known before its first boot. None on bare metal.
        fingerprints: by path of a secret file what a preview shows in its place (`Secrets.fingerprint`).
    """

    plan: HostPlan
    machine: HostSettings
    ssh: Ssh
    site: LibvirtSite | BareMetalSite
    admin_key: SshKey
    host_key: SshKey | None = None
    fingerprints: Mapping[str, str] = field(default_factory=dict)


class Host(pulumi.ComponentResource):
    """A machine with its plan's files on it. Steps of clusters wait for `delivered`.

    Its input is the files' texts as `shown` has them: `pulumi preview --diff` shows the changed lines there. What is
    sent to the host is the same again as one manifest, kept out of sight.
    """

    machine: Machine
    delivered: list[pulumi.Resource]
    """What a step must wait for before it may rely on the host's files."""

    def __init__(self, name: str, args: HostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mariadb-ha:index:Host", name, {"files": shown(args.plan, args.fingerprints)}, opts)
        self.plan = args.plan
        self.machine = self._make(name, args)
        gate = self._gate(name, "gate", "--cloud-init-only", after=self.machine.reachable)
        # Files come before the check of what the first boot did: one of them may mend what stopped it (a mirror,
        # adoption of a volume).
        plain = self._deliver(name, "files", gate)
        ready = self._gate(name, "ready", after=plain)
        self.delivered = [plain, ready]
        if args.plan.manifest("secret"):
            self.delivered.append(self._deliver(name, "secrets", ready))
        self.register_outputs({"machine_id": self.machine.identity})

    def _make(self, name: str, args: HostArgs) -> Machine:
        if isinstance(args.site, BareMetalSite):
            access = server_access(args.plan.address, args.machine, args.ssh, args.admin_key)
            machine = enrol(name, plan=args.plan, access=access, site=args.site, parent=self)
            withdraw(
                name, host=args.plan.name, access=machine.access, site=args.site, parent=self, after=machine.reachable
            )
            return machine
        if args.host_key is None:
            raise ValueError(f"{args.plan.name}: a VM's host key must be known before its first boot")
        return make_vm(
            name,
            plan=args.plan,
            machine=args.machine,
            ssh=args.ssh,
            site=args.site,
            admin_key=args.admin_key,
            host_key=args.host_key,
            parent=self,
        )

    def manifest(self, owner_set: str) -> pulumi.Output[str]:
        """A set of the host's files as the delivery programs read it (JSON)."""
        return pulumi.Output.secret(json.dumps(self.plan.manifest(owner_set), indent=1, sort_keys=True))

    def _gate(self, name: str, role: str, *options: str, after: pulumi.Resource) -> pulumi.Resource:
        """Waits for the host; `ready` repeats a failed `provision` once."""
        return remote_command(
            f"{name}-{role}",
            access=self.machine.access,
            program=" ".join([f"{LIB}/ready", *options]),
            triggers=[self.machine.identity],
            gate=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[after],
                custom_timeouts=pulumi.CustomTimeouts(create=FIRST_BOOT, update=FIRST_BOOT),
            ),
        )

    def _deliver(self, name: str, kind: str, after: pulumi.Resource) -> pulumi.Resource:
        """The same files as cloud-init's, or the secret ones: content is an update,
        the machine's identity a trigger.
        """
        owner_set = "secret" if kind == "secrets" else "plain"
        return remote_command(
            f"{name}-{kind}",
            access=self.machine.access,
            program=f"{LIB}/apply --owner-set {owner_set}",
            stdin=self.manifest(owner_set),
            triggers=[self.machine.identity],
            # On bare metal this installs the packages.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[after],
                custom_timeouts=pulumi.CustomTimeouts(create=FIRST_BOOT, update=FIRST_BOOT),
            ),
        )


class LostHost(pulumi.ComponentResource):
    """What is left of a bare-metal host that is gone for good: nothing is run there, neither now nor when the stack is
    destroyed.
    """

    def __init__(
        self, name: str, host: str, access: SshAccess, site: BareMetalSite, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        # The type is that of a living host: its withdrawal keeps its URN, and learns here that nobody is there to be
        # withdrawn.
        super().__init__("mariadb-ha:index:Host", name, {"lost": True}, opts)
        withdraw(name, host=host, access=access, site=site, parent=self, after=None, lost=True)
        self.register_outputs({})


def server_access(address: str, machine: HostSettings, ssh: Ssh, key: SshKey) -> SshAccess:
    """The way to a server as the settings have it."""
    return SshAccess(address=address, user=ssh.user, port=ssh.port, key=key, host_key=machine.host_key)


def shown(plan: HostPlan, fingerprints: Mapping[str, str]) -> str:
    """What a preview shows of the files, line by line as grep -r would: `PATH: LINE`.

    Of a secret file only that it is there and whether it changed.

    One text, not a property for each file: a changed property is displayed with all its neighbours, whole.
    """
    lines = []
    for file in sorted(plan.files, key=lambda file: file.path):
        content = f"[secret] {fingerprints.get(file.path, '')}".strip() if file.secret else file.content
        lines += [
            f"{file.path}: {line}".rstrip()
            for line in (f"[{file.mode} {file.owner}:{file.group}]", *content.splitlines())
        ]
    return "".join(f"{line}\n" for line in lines)
