"""A stack: everything a user may say, in one model. The sections say which system it is."""

from __future__ import annotations

from pydantic import Field, SecretStr

from settings.bare_metal import BareMetal
from settings.base import Settings
from settings.databases import Database
from settings.directors import Directors
from settings.galera import Galera
from settings.hosts import HostSettings, Ssh
from settings.hypervisor import Hypervisor
from settings.network import Network
from settings.packages import Packages
from settings.timers import Timers


class Stack(Settings):
    """The configuration of one stack: the keys under `mariadb-ha:` in `Pulumi.<stack>.yaml`."""

    stack_secret: SecretStr | None = Field(
        default=None,
        description="The one secret from which all others are derived (at least 32 characters): `pulumi config set --secret mariadb-ha:stack_secret`.",
    )
    stack_secret_file: str | None = Field(
        default=None, description="A file that holds the stack secret instead, relative to the project; `make up` creates the dev stack's."
    )
    secret_generations: dict[str, int] = Field(default={}, description="Rotation: a purpose and its generation number, 1 unless set.")
    network: Network = Field(description="The link.")
    hypervisor: Hypervisor = Field(default=Hypervisor(), description="Where VMs are made.")
    bare_metal: BareMetal = Field(default=BareMetal(), description="How hosts that are there already are taken over and given back.")
    ssh: Ssh = Field(default=Ssh(), description="How hosts are reached.")
    packages: Packages = Field(default=Packages(), description="Where hosts get their packages from.")
    timers: Timers = Field(default=Timers(), description="How fast faults are noticed.")
    hosts: dict[str, HostSettings] = Field(min_length=1, description="Hosts by name.")
    directors: Directors | None = Field(default=None, description="keepalived and LVS.")
    galera: Galera | None = Field(default=None, description="The Galera cluster.")
    databases: dict[str, Database] = Field(default={}, description="Databases by name.")
