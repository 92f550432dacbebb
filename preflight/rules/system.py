"""The system: Debian 12 with systemd, a root that can be written, dpkg in order, the clock, the kernel's modules."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.candidate import Candidate
from settings.problem import Problem, quote

ARCHITECTURES = ("amd64", "arm64")
#: Seconds by which a host's clock may differ from this machine's.
CLOCK_TOLERANCE = 10.0


def release(candidate: Candidate) -> Iterator[Problem]:
    """Debian 12, as packages and paths of the plan are that release's."""
    facts = candidate.facts
    if (facts.os_id, facts.os_version) != ("debian", "12"):
        found = facts.os_name or f"{facts.os_id} {facts.os_version}".strip() or "unknown (there is no /etc/os-release)"
        yield candidate.problem(
            f"its system is {quote(found)}, not Debian 12",
            "the plan's packages, paths and units are Debian 12's, and would fail half-way",
            "install Debian 12 (bookworm) on the host, or name another host",
        )
    if facts.architecture and facts.architecture not in ARCHITECTURES:
        yield candidate.problem(
            f"its architecture is {quote(facts.architecture)}",
            f"the stack is built for {' and '.join(ARCHITECTURES)} only",
            "name another host",
        )


def init(candidate: Candidate) -> Iterator[Problem]:
    """systemd is process 1."""
    if candidate.facts.init != "systemd":
        yield candidate.problem(
            f"process 1 is {quote(candidate.facts.init or 'unknown')}, not systemd",
            "no unit of the stack could be started, now or at boot",
            "install systemd-sysv and reboot the host; in a container choose an image that boots systemd",
        )


def root(candidate: Candidate) -> Iterator[Problem]:
    """The root file system can be written."""
    if candidate.facts.read_only_root:
        yield candidate.problem(
            "its root file system is mounted read-only",
            "neither packages nor files can be installed",
            "`dmesg` says whether the disk failed; once that is mended: mount -o remount,rw /",
        )


def packages(candidate: Candidate) -> Iterator[Problem]:
    """dpkg is in order.

    While another apt runs, and after an `up` of this stack that was cut short, it need not be: the next run mends that.
    """
    facts = candidate.facts
    if facts.dpkg_audit and not facts.dpkg_busy and not candidate.ours:
        yield candidate.problem(
            f"packages are half installed: {quote(' '.join(' '.join(facts.dpkg_audit).split()))}",
            "apt refuses to install anything on top of that",
            "run there, as root: dpkg --configure -a; apt-get -f install; then `dpkg --audit` must say nothing",
        )


def clock(candidate: Candidate) -> Iterator[Problem]:
    """The clock is right, as far as this machine's can tell."""
    off = candidate.facts.clock_off
    if abs(off) <= CLOCK_TOLERANCE:
        return
    others = [facts.clock_off for facts in candidate.all_facts.values()]
    agree = len(others) > 1 and max(others) - min(others) <= CLOCK_TOLERANCE
    hint = "; all hosts are off by the same, so look at this machine's clock first" if agree else ""
    yield candidate.problem(
        f"its clock is {duration(abs(off))} {'ahead of' if off > 0 else 'behind'} this machine's{hint}",
        "apt refuses package lists that it takes for expired or not yet valid, and logs of the hosts cannot be laid "
        "side by side",
        'set it there, as root: timedatectl set-ntp true, or date -s "@$(date +%s)" with this machine\'s time',
    )


def duration(seconds: float) -> str:
    """`12 s`, `5 min`, `2.0 h`, `41 days`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


def modules(candidate: Candidate) -> Iterator[Problem]:
    """The kernel has the modules that its roles need. In a container that is the machine's affair."""
    facts = candidate.facts
    lacking = {
        module: why for needs in candidate.needs for module, why in needs.modules.items() if module not in facts.modules
    }
    if not lacking or facts.container:
        return
    image = f"linux-image-{facts.architecture or 'amd64'}"
    if facts.kernel and not facts.kernel_modules:
        instead = (
            f"/lib/modules/{facts.kernel} is not there: reboot the host if its kernel was upgraded, else install "
            f"{image}"
        )
    else:
        instead = f"install Debian's stock kernel ({image}, not -cloud) and reboot the host"
    for module, why in lacking.items():
        yield candidate.problem(f"its kernel {facts.kernel} has no module {module}", why, instead)


RULES = (release, init, root, packages, clock, modules)
