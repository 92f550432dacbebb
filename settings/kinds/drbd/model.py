"""The DRBD pair: one device on two hosts, one of them Primary (drbd.conf-8.4(5), drbdsetup-8.4(8))."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, SecretStr, model_validator

from settings.base import Settings, form
from settings.parts.promotion import FENCING_PURPOSES, Fencing
from settings.parts.server import ServerSection
from settings.parts.vrrp import VrrpMember, VrrpSection
from settings.section import AGENT, VOLUME, Once, Port, in_order

#: VRRP priorities of the first and the second member, unless given.
PRIORITIES = (150, 100)
#: Where a VM has its first disk beside the root disk.
VM_DISK = "/dev/vdb"
#: MariaDB's data directory, and where a device without MariaDB is mounted unless told otherwise.
DATADIR, PLAIN = "/var/lib/mysql", "/srv/drbd"

Zero = Literal[
    "disconnect", "discard-zero-changes", "discard-younger-primary", "discard-older-primary", "discard-least-changes"
]
One = Literal["disconnect", "consensus", "discard-secondary"]


class DrbdMember(VrrpMember):
    """One of the two hosts. What is not given follows from the order."""

    priority: int = Field(
        ge=1, le=254, description="VRRP priority. Not given: 150 for the first member, 100 for the second."
    )
    disk: str | None = Field(
        default=None,
        pattern=r"^/dev/[A-Za-z0-9/_.:+-]+$",
        json_schema_extra=form("a disk, partition or logical volume below /dev, such as /dev/vg0/data"),
        description="`disk`: what DRBD keeps the data on; all of it becomes DRBD's. A VM has its data volume"
        f" ({VM_DISK}) and needs none; bare metal names a spare one.",
    )
    overwrite: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]{4,64}$",
        json_schema_extra=form("the UUID that `blkid` shows for what is to be overwritten"),
        description="A disk that carries anything is refused, unless this is the UUID of the file system on it:"
        " then that file system is destroyed.",
    )


class SplitBrain(Settings):
    """What DRBD does by itself when both sides were written to apart from each other."""

    after_sb_0pri: Zero = Field(
        default="discard-zero-changes",
        description="`after-sb-0pri`: no side is Primary when they meet again. `discard-zero-changes`: a side that"
        " wrote nothing takes the other's data; else nothing is done.",
    )
    after_sb_1pri: One = Field(
        default="consensus",
        description="`after-sb-1pri`: one side is Primary. `consensus`: the Secondary's data goes where after-sb-0pri"
        " says the same.",
    )
    after_sb_2pri: Literal["disconnect"] = Field(
        default="disconnect", description="`after-sb-2pri`: both are Primary; a person decides."
    )
    rr_conflict: Literal["disconnect"] = Field(
        default="disconnect",
        description="`rr-conflict`: the resync would overwrite a Primary; DRBD disconnects.",
    )


class Drbd(ServerSection, VrrpSection):
    """One disk on two hosts, kept alike by DRBD; the one that holds the VIP has it mounted, and MariaDB runs there."""

    kind: ClassVar[str] = "drbd"
    about: ClassVar[str] = "The DRBD pair."
    member: ClassVar[str] = "DRBD host"
    purposes: ClassVar[Mapping[str, bool]] = {
        **ServerSection.purposes,
        **VrrpSection.purposes,
        **FENCING_PURPOSES,
        "drbd-shared-secret": True,
    }

    members: dict[str, DrbdMember] = Field(  # type: ignore[assignment]
        min_length=2, max_length=2, description="The two hosts by name; the first is offered the VIP first."
    )
    preempt: bool = Field(
        default=False,
        description="The host of higher priority takes the VIP back when it returns, which stops MariaDB once more.",
    )
    mariadb: bool = Field(
        default=True,
        description="MariaDB runs on the device. False: the device is mounted where the VIP is, and nothing is"
        " started.",
    )
    minor: int = Field(default=0, ge=0, le=255, description="The device is /dev/drbdMINOR.")
    drbd_port: int = Field(default=7789, ge=1, le=65535, description="Port of the replication link.")
    protocol: Literal["A", "B", "C"] = Field(
        default="C",
        description="`protocol`: a write is done once it is on the own disk and sent (A), in the peer's memory (B),"
        " on both disks (C). Only C loses no acknowledged write when a host dies.",
    )
    cram_hmac_alg: Literal["sha1", "sha256", "sha512"] = Field(
        default="sha256", description="`cram-hmac-alg`: how the two prove to each other who they are."
    )
    shared_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        max_length=63,
        description="`shared-secret` (16 to 63 characters). None: derived from the stack secret.",
    )
    verify_alg: Literal["crc32c", "md5", "sha1", "sha256"] | None = Field(
        default="crc32c",
        description="`verify-alg`: digest of online verification (`hactl verify`). None: the two disks are never"
        " compared.",
    )
    verify_schedule: Literal["daily", "weekly", "monthly"] | None = Field(
        default="weekly",
        description="How often the two disks are compared by themselves, at 03:30 of the host's time and up to half an"
        " hour later (`weekly`: Sundays, `monthly`: on the first). It reads both disks whole, at `resync_rate`. None:"
        " only when `hactl verify` is asked for.",
    )
    on_io_error: Literal["detach", "pass_on"] = Field(
        default="detach",
        description="`on-io-error`: `detach`: a host whose disk fails goes on with its peer's, and hands over.",
    )
    resync_rate: int = Field(
        default=100, ge=1, le=4000, description="`resync-rate`: MiB per second that a resync may take."
    )
    al_extents: int = Field(
        default=1237,
        ge=67,
        le=6433,
        description="`al-extents`: parts of 4 MiB that are written to at the same time without a note on the disk. So"
        " much is copied when a Primary comes back after a power cut: fewer is less to copy, and slower to write.",
    )
    ko_count: int = Field(
        default=7,
        ge=1,
        le=200,
        description="`ko-count`: a write that its peer has not answered for this many times `drbd_timeout` ends the"
        " connection.",
    )
    split_brain: SplitBrain = Field(default=SplitBrain(), description="What is decided without a person.")
    split_brain_drill: bool = Field(
        default=False,
        description="`hactl drill split-brain`, and `drills --all`, may have both hosts acknowledge writes apart from"
        " each other, and give up those of one. Where it is false the drill asks for `--lose-writes`.",
    )
    initial_sync: Literal["skip", "full"] | None = Field(
        default=None,
        description="The very first sync. `skip`: the two disks count as alike, being empty; `full`: the first"
        " member's is copied. None: `skip` on VMs, whose volumes are made new, `full` where a host is bare metal.",
    )
    filesystem: Literal["ext4", "xfs"] = Field(
        default="ext4", description="Made on the device once, while it is blank."
    )
    mount_point: str | None = Field(
        default=None,
        pattern=r"^(/[A-Za-z0-9_.-]+)+$",
        json_schema_extra=form("an absolute path such as /srv/data"),
        description=f"None: {DATADIR} with MariaDB, {PLAIN} without.",
    )
    fencing: Fencing | None = Field(
        default=None,
        description="How a host that does not answer is powered off before the other becomes Primary; DRBD then holds"
        " writes back too until that is done. None: it is not.",
    )
    promoter_port: int = Field(
        default=9201, ge=1, le=65535, description="Port on which the two promoters speak with each other."
    )
    allow_two_primaries: bool = Field(
        default=False,
        json_schema_extra=form("nothing but false"),
        description="Refused: ext4 and xfs are destroyed by two hosts that write to them.",
    )

    @model_validator(mode="before")
    @classmethod
    def follow_the_order(cls, given: Any) -> Any:
        """Priority of a member that does not say it."""
        return in_order(given, lambda index: {"priority": PRIORITIES[min(index, 1)]})

    @property
    def mounted_at(self) -> str:
        """The mount point."""
        return self.mount_point or (DATADIR if self.mariadb else PLAIN)

    @property
    def verifies(self) -> str | None:
        """How often the two disks are compared by themselves; None: never."""
        return self.verify_schedule if self.verify_alg else None

    @property
    def device(self) -> str:
        """The replicated device."""
        return f"/dev/drbd{self.minor}"

    def disk(self, host: str) -> str:
        """What DRBD keeps a host's data on."""
        return self.members[host].disk or VM_DISK

    def servers(self) -> tuple[str, ...]:
        """Both, where MariaDB runs on the device."""
        return tuple(self.members) if self.mariadb else ()

    def takes(self) -> dict[str, tuple[Once, ...]]:
        """Without MariaDB too: a VM's data volume, and the agent."""
        found = super().takes()
        return {host: found[host] if self.mariadb else (VOLUME, *found[host], AGENT) for host in self.members}

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """The hosts by key path."""
        yield from ((f"{name}.members.{host}", host) for host in self.members)

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """DRBD, the promoter, and MariaDB with its agent."""
        own = (
            Port(number=self.drbd_port, what="DRBD", key=f"{name}.drbd_port", usual=7789),
            Port(number=self.promoter_port, what="the promoter", key=f"{name}.promoter_port", usual=9201),
        )
        server, agent = self.server_ports(name)
        return dict.fromkeys(self.members, (*((server,) if self.mariadb else ()), agent, *own))
