"""What this host's replicated device is: its settings in /etc/mariadb-ha/drbd.env, and what the kernel says of it in
/proc/drbd (drbd 8.4). Reading costs no process, and never waits for the device.
"""

from __future__ import annotations

import fcntl
import re
from dataclasses import dataclass

from mha_common import Failure, at, must, read_env, run

ENV = "/etc/mariadb-ha/drbd.env"
PROC = "/proc/drbd"
UNIT = "mariadb-ha-drbd.service"
#: UUID_JUST_CREATED of drbd 8.4: metadata that nothing was ever written under.
JUST_CREATED = 0x4


@dataclass(frozen=True)
class Config:
    """drbd.env. `peer`: empty where the other host is declared lost. `first`: the host that the first sync starts
    from. `verify_alg`: empty where the two disks are never compared.
    """

    name: str
    host: str
    peer: str
    minor: int
    disk: str
    filesystem: str
    mount: str
    mariadb: bool
    first: bool
    skip_sync: bool
    overwrite: str
    verify_alg: str = ""

    @property
    def device(self) -> str:
        return f"/dev/drbd{self.minor}"


@dataclass(frozen=True)
class Seen:
    """A line of /proc/drbd. `finish_s`, `speed_kib_s` and `percent` only while a resync or a verification runs."""

    connection: str
    role: str
    peer_role: str
    disk: str
    peer_disk: str
    suspended: bool = False
    out_of_sync_kib: int = 0
    percent: float | None = None
    finish_s: int | None = None
    speed_kib_s: int | None = None

    @property
    def connected(self) -> bool:
        """The two hosts speak with each other, whatever they do."""
        return self.connection in CONNECTED

    @property
    def in_sync(self) -> bool:
        """Both disks hold the same, and go on doing so."""
        return self.connected and self.disk == self.peer_disk == "UpToDate"

    @property
    def source(self) -> bool:
        """DRBD has compared the two, and this host's data are the ones that the other one gets."""
        return self.disk == "UpToDate" and self.connection in ("SyncSource", "PausedSyncS")

    @property
    def alone(self) -> bool:
        """This host is Primary, and the other one does not get what it writes."""
        return self.role == "Primary" and not (self.connected and self.peer_disk in ("UpToDate", "Inconsistent"))


#: Connection states in which the two exchange data (drbdsetup-8.4(8)).
CONNECTED = (
    "Connected",
    "SyncSource",
    "SyncTarget",
    "PausedSyncS",
    "PausedSyncT",
    "VerifyS",
    "VerifyT",
    "StartingSyncS",
    "StartingSyncT",
    "WFBitMapS",
    "WFBitMapT",
    "WFSyncUUID",
    "Ahead",
    "Behind",
)


def load_config() -> Config:
    """Raises Failure where drbd.env is missing or not whole."""
    env = read_env(ENV)
    try:
        return Config(
            name=env["NAME"],
            host=env["HOST"],
            peer=env["PEER"],
            minor=int(env["MINOR"]),
            disk=env["DISK"],
            filesystem=env["FILESYSTEM"],
            mount=env["MOUNT"],
            mariadb=env["MARIADB"] == "yes",
            first=env["FIRST"] == "yes",
            skip_sync=env["SKIP_SYNC"] == "yes",
            overwrite=env["OVERWRITE"],
            verify_alg=env.get("VERIFY_ALG", ""),
        )
    except (KeyError, ValueError) as error:
        raise Failure(f"{ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None


def parse(text: str, minor: int) -> Seen | None:
    """The device's part of /proc/drbd; None where there is no such device, or it is not set up."""
    found = re.search(rf"^ *{minor}: cs:(.*(?:\n(?! *\d+: cs:).*)*)", text, re.MULTILINE)
    if not found:
        return None
    words = found[1]
    head = re.match(r"(\S+) ro:(\S+)/(\S+) ds:(\S+)/(\S+) +(?:[ABC] +)?(\S+)", words)  # StandAlone has no protocol
    if not head:
        return None
    oos = re.search(r"\boos:(\d+)", words)
    percent = re.search(r"(?:sync'ed|verified): *([\d.]+)%", words)
    finish = re.search(r"finish: (\d+):(\d+):(\d+)", words)
    speed = re.search(r"speed: ([\d,]+)", words)
    return Seen(
        connection=head[1],
        role=head[2],
        peer_role=head[3],
        disk=head[4],
        peer_disk=head[5],
        suspended=head[6][0] == "s",
        out_of_sync_kib=int(oos[1]) if oos else 0,
        percent=float(percent[1]) if percent else None,
        finish_s=int(finish[1]) * 3600 + int(finish[2]) * 60 + int(finish[3]) if finish else None,
        speed_kib_s=int(speed[1].replace(",", "")) if speed else None,
    )


def look(config: Config) -> Seen | None:
    """The device now; None where it is not set up."""
    try:
        return parse(at(PROC).read_text(), config.minor)
    except OSError:
        return None


def is_new(config: Config) -> bool:
    """Whether nothing was ever written under this disk's metadata (drbdadm get-gi: the current UUID comes first)."""
    words = must(["drbdadm", "get-gi", config.name], todo="`drbdadm dump`; `dmesg`").strip().splitlines()
    try:
        return int(words[-1].split(":")[0], 16) & ~1 == JUST_CREATED
    except (IndexError, ValueError):
        raise Failure(f"drbdadm get-gi {config.name} said {words!r}", todo="`drbdadm get-gi` by hand") from None


#: The lock of whoever makes the device Primary without serving from it: to form it, or to save it.
HANDS = "drbd-hands"


def in_hands() -> bool:
    """Whether such a program is at work: the promoter then leaves the role alone."""
    try:
        with at(f"/run/mariadb-ha/{HANDS}.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def progress(seen: Seen) -> str:
    """A resync in words."""
    words = [f"{seen.percent:g} %"] if seen.percent is not None else []
    if seen.finish_s is not None:
        words.append(f"{seen.finish_s // 60} min {seen.finish_s % 60} s left")
    if seen.speed_kib_s is not None:
        words.append(f"{seen.speed_kib_s / 1024:.1f} MiB/s")
    return ", ".join(words) or f"{seen.out_of_sync_kib} KiB out of sync"


def mounted(config: Config) -> bool:
    """Whether the device is mounted where it belongs."""
    rows = [line.split()[:2] for line in at("/proc/self/mounts").read_text().splitlines()]
    return [config.device, config.mount] in rows


def set_role(config: Config, role: str) -> None:
    """`drbdadm primary` or `secondary`, never with force. Raises Failure with the kernel's words."""
    done = run(["drbdadm", role, config.name], timeout=60)
    if done.returncode:
        words = " / ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-3:])
        what = f"`drbdadm {role} {config.name}` ended with {done.returncode}: {words}"
        raise Failure(what, todo="`dmesg | grep drbd`")
