"""The system: Debian 12 with systemd, a root that can be written, dpkg in order, the clock, the kernel's modules."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.sight import Sight
from settings.problem import Problem, quote

ARCHITECTURES = ("amd64", "arm64")
#: Seconds by which a host's clock may differ from this machine's.
CLOCK_TOLERANCE = 10.0


def release(sight: Sight) -> Iterator[Problem]:
    """Debian 12, as packages and paths of the plan are that release's."""
    facts = sight.facts
    if (facts.os_id, facts.os_version) != ("debian", "12"):
        found = facts.os_name or f"{facts.os_id} {facts.os_version}".strip() or "unknown (there is no /etc/os-release)"
        yield sight.problem(
            f"its system is {quote(found)}, not Debian 12",
            "the plan's packages, paths and units are Debian 12's, and would fail half-way",
            "install Debian 12 (bookworm) on the host, or name another host",
        )
    if facts.architecture and facts.architecture not in ARCHITECTURES:
        yield sight.problem(
            f"its architecture is {quote(facts.architecture)}",
            f"the stack is built for {' and '.join(ARCHITECTURES)} only",
            "name another host",
        )


def init(sight: Sight) -> Iterator[Problem]:
    """systemd is process 1."""
    if sight.facts.init != "systemd":
        yield sight.problem(
            f"process 1 is {quote(sight.facts.init or 'unknown')}, not systemd",
            "no unit of the stack could be started, now or at boot",
            "install systemd-sysv and reboot the host; in a container choose an image that boots systemd",
        )


def root(sight: Sight) -> Iterator[Problem]:
    """The root file system can be written."""
    if sight.facts.read_only_root:
        yield sight.problem(
            "its root file system is mounted read-only",
            "neither packages nor files can be installed",
            "`dmesg` says whether the disk failed; once that is mended: mount -o remount,rw /",
        )


def packages(sight: Sight) -> Iterator[Problem]:
    """dpkg is in order. While another apt runs, and after an `up` of this stack that was cut short, it need not be: the next run mends that."""
    facts = sight.facts
    if facts.dpkg_audit and not facts.dpkg_busy and not sight.ours:
        yield sight.problem(
            f"packages are half installed: {quote(' '.join(' '.join(facts.dpkg_audit).split()))}",
            "apt refuses to install anything on top of that",
            "run there, as root: dpkg --configure -a; apt-get -f install; then `dpkg --audit` must say nothing",
        )


def clock(sight: Sight) -> Iterator[Problem]:
    """The clock is right, as far as this machine's can tell."""
    off = sight.facts.clock_off
    if abs(off) <= CLOCK_TOLERANCE:
        return
    others = [facts.clock_off for facts in sight.all_facts.values()]
    agree = len(others) > 1 and max(others) - min(others) <= CLOCK_TOLERANCE
    hint = "; all hosts are off by the same, so look at this machine's clock first" if agree else ""
    yield sight.problem(
        f"its clock is {duration(abs(off))} {'ahead of' if off > 0 else 'behind'} this machine's{hint}",
        "apt refuses package lists that it takes for expired or not yet valid, and logs of the hosts cannot be laid side by side",
        'set it there, as root: timedatectl set-ntp true, or date -s "@$(date +%s)" with this machine\'s time',
    )


def duration(seconds: float) -> str:
    """`12 s`, `5 min`, `2.0 h`, `41 days`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


def modules(sight: Sight) -> Iterator[Problem]:
    """A director's kernel has IPVS. In a container that is the machine's affair."""
    facts = sight.facts
    if not sight.director or facts.ip_vs or facts.container:
        return
    image = f"linux-image-{facts.architecture or 'amd64'}"
    if facts.kernel and not facts.kernel_modules:
        instead = f"/lib/modules/{facts.kernel} is not there: reboot the host if its kernel was upgraded, else install {image}"
    else:
        instead = f"install Debian's stock kernel ({image}, not -cloud) and reboot the host"
    yield sight.problem(f"its kernel {facts.kernel} has no module ip_vs", "a director forwards clients by IPVS and cannot work without it", instead)


RULES = (release, init, root, packages, clock, modules)
