"""Everything from settings to serving systems as one component, for programs in any of Pulumi's languages."""
# No `from __future__ import annotations` here: Pulumi's analyzer reads the schema from types, and would find texts.

from pathlib import Path
from typing import Any, Required, TypedDict

import pulumi

from components.stack import build
from components.wrapped import unwrapped
from plan.context import Context
from plan.secrets import Secrets
from settings import SettingsError, check_config, load_stack, read_stack_secret

Section = pulumi.Input[dict[str, pulumi.Input[Any]]]


class MariadbHaArgs(TypedDict, total=False):
    """The sections of a stack file. Their keys are those of docs/settings.md, as they are written there."""

    stack_secret: Required[pulumi.Input[str]]
    """The one secret from which all others are derived (at least 32 characters); pass it as a secret."""
    network: Required[Section]
    """The link: `cidr`, `gateway`, `interface`, `bridge`, `dns`, `ntp`."""
    hosts: Required[Section]
    """Hosts by name: `address`, `provisioner`, `memory_mib`, `ssh_host_key`."""
    secret_generations: Section
    """Rotation: a purpose and its generation number."""
    hypervisor: Section
    """libvirt: `uri`, `image`, `pool`, protection of data volumes and database hosts."""
    bare_metal: Section
    """Hosts that are there already: `trust_on_first_use`, `purge_data`."""
    ssh: Section
    """How hosts are reached: `user`, `port`, `authorized_keys`, `admin_cidrs`."""
    firewall: Section
    """Openings in the hosts' firewall beside those of the components."""
    packages: Section
    """Where hosts get their packages from."""
    timers: Section
    """How fast faults are noticed: a profile and its exceptions."""
    drills: pulumi.Input[str]
    """`allowed`: `hactl drill` may make faults here; `refused` unless set."""
    galera: Section
    """A Galera cluster: `members`, `reference_node`, `arbitrator`, `vip`."""
    directors: Section
    """keepalived and LVS: `vip`, `members`, `virtual_server`."""
    master_master: Section
    """A master-master pair: `members`, `vip`, `fencing`."""
    replicas: Section
    """Replicas for reads: `members`, `max_lag_s`."""
    balancers: Section
    """haproxy: `vip`, `members`, `write_port`, `read_port`."""
    drbd: Section
    """A DRBD pair: `members`, `vip`, `protocol`, `fencing`."""
    web: Section
    """A web pair: `members`, `vip`, `page` or `upstream`, `tls`."""
    databases: Section
    """Databases by name with their accounts."""


class MariadbHa(pulumi.ComponentResource):
    """Systems that stand together: hosts, and the components that the given sections ask for. What is wrong with the
    settings is refused before anything is declared. Outputs are the contract of docs/contract.schema.json.
    """

    contract_version: pulumi.Output[int]
    """1; keys are only ever added."""
    system: pulumi.Output[str]
    """What stands, such as galera-lvs."""
    endpoints: pulumi.Output[dict[str, Any]]
    """Where clients connect, by purpose."""
    writer: pulumi.Output[dict[str, Any]] | None
    """`host` and `port` for writes."""
    reader: pulumi.Output[dict[str, Any]] | None
    """`host` and `port` for reads."""
    vip: pulumi.Output[str] | None
    """The VIP of directors."""
    databases: pulumi.Output[dict[str, Any]]
    """Per database its accounts; a secret."""
    client_options: pulumi.Output[dict[str, Any]] | None
    """Advice for pools, from the promised gaps."""
    health_urls: pulumi.Output[dict[str, Any]]
    """By host its health agent."""
    ca_certificate: pulumi.Output[str] | None
    """PEM; nothing where the servers have no certificates."""
    promised_write_gap_s: pulumi.Output[dict[str, Any]] | None
    """Per fault the longest wait for an acknowledged write."""
    promised_read_gap_s: pulumi.Output[dict[str, Any]] | None
    """The same for reads."""
    drills: pulumi.Output[str]
    """Whether `hactl drill` may make faults."""
    hosts: pulumi.Output[dict[str, Any]]
    """Per host address, roles, SSH login and public host key."""
    components: pulumi.Output[dict[str, Any]]
    """Each component by its name."""
    hypervisor: pulumi.Output[dict[str, Any]] | None
    """Where VMs are."""
    galera: pulumi.Output[dict[str, Any]] | None
    """The cluster as declared."""
    vrrp: pulumi.Output[dict[str, Any]] | None
    """VRRP as declared."""

    def __init__(self, name: str, args: MariadbHaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Raises SettingsError with all messages; nothing was declared then."""
        stack = f"{pulumi.get_stack()}-{name}"
        config = {key: unwrapped(value, key) for key, value in args.items()}
        if messages := check_config(config, stack):
            raise SettingsError(messages)
        settings = load_stack(config, stack)
        super().__init__("mariadb-ha:index:MariadbHa", name, None, opts)
        secrets = Secrets(
            stack=stack,
            stack_secret=read_stack_secret(settings, Path.cwd()),
            generations=settings.secret_generations,
        )
        made = build(Context(stack=stack, settings=settings, secrets=secrets), parent=self)
        # Whole outputs: on its way to another language a secret inside of a mapping is lost.
        outputs = {key: pulumi.Output.from_input(value) for key, value in made.items()}
        for key, value in outputs.items():
            setattr(self, key, value)
        self.register_outputs(outputs)
