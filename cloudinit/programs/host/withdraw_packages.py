#!/usr/bin/python3
"""Remove the packages that came with the stack, as far as nothing else needs them; never purge one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from host_changes import enrolled, installed, settle_packages
from mha_common import Failure, at, run, say
from mha_files import write_atomically

#: This program and the next login run by them.
STAY = {"python3", "sudo"}
POLICY = "/usr/sbin/policy-rc.d"
KEPT = POLICY + ".mariadb-ha-kept"
POLICY_MARK = (
    "# mariadb-ha: while packages are removed nftables.service is not stopped: that would flush every rule of this host"
)
ENV = {"DEBIAN_FRONTEND": "noninteractive", "APT_LISTCHANGES_FRONTEND": "none"}
WAIT = ("-o", "DPkg::Lock::Timeout=300")


def simulate(packages: set[str]) -> set[str] | None:
    """Every package that removing these would take; None when apt refuses, because something essential would break."""
    done = run(["apt-get", "-s", *WAIT, "remove", *sorted(packages)], env=ENV, timeout=600)
    return (
        None
        if done.returncode
        else {line.split()[1].split(":")[0] for line in done.stdout.splitlines() if line.startswith("Remv ")}
    )


def removable(candidates: set[str]) -> set[str]:
    """Those whose removal takes nothing that is not a candidate itself.

    Raises Failure when the host's packages are broken.
    """
    if candidates and simulate(set()) is None:
        raise Failure(
            "apt says that this host's packages are broken",
            todo="`apt-get check` and `apt-get -f install`, then run again",
        )
    left = set(candidates)
    while left:
        taken = simulate(left)
        if taken is not None and taken <= left:
            return left
        # One after the other: who takes something else along stays, and in the next round what it needs.
        needed = {package for package in left if (one := simulate({package})) is None or one - left}
        if not needed:
            return set()
        left -= needed
    return left


def asked_for_since(candidates: set[str], asked: set[str]) -> set[str]:
    """Dependencies that somebody has installed on purpose since: not ours any more."""
    manual = set(run(["apt-mark", "showmanual"], timeout=120).stdout.split())
    return (candidates & manual) - asked


@contextmanager
def firewall_left_alone() -> Iterator[None]:
    """A policy-rc.d for the removal; the user's own one comes back, after a kill by the next run."""
    restore_policy()
    policy = at(POLICY)
    if policy.exists():
        policy.rename(at(KEPT))
    write_atomically(
        policy, f'#!/bin/sh\n{POLICY_MARK}\ncase "$*" in *nftables*) exit 101 ;; esac\nexit 0\n', mode=0o755
    )
    try:
        yield
    finally:
        restore_policy()


def restore_policy() -> None:
    """Takes a policy-rc.d of ours away (`provision`'s too) and puts the user's own one back."""
    policy, kept = at(POLICY), at(KEPT)
    if policy.exists() and "# mariadb-ha: " in policy.read_text():
        policy.unlink()
    if kept.exists() and not policy.exists():
        kept.rename(policy)


def remove_packages() -> list[str]:
    """Remove what we installed. Gives the names that stay although they came with the stack."""
    restore_policy()
    did = settle_packages()
    ours = (set(did.get("packages", [])) | enrolled()) & installed()
    if ours:
        run(["dpkg", "--configure", "-a"], env=ENV)  # a removal that was cut short before
    candidates = ours - STAY - asked_for_since(ours, set(did.get("asked", [])))
    gone = removable(candidates)
    if gone:
        say(f"packages: removing {len(gone)}: {' '.join(sorted(gone))}")
        with firewall_left_alone():
            done = run(["apt-get", "-y", "-q", *WAIT, "remove", *sorted(gone)], env=ENV)
        if done.returncode:
            words = " / ".join(done.stderr.strip().splitlines()[-4:])
            raise Failure(
                f"packages cannot be removed: {words}",
                todo="repair the packages (`apt-get -f install`), then run again",
            )
    bring_back(set(did.get("removed", [])) - installed())
    return sorted(ours - gone)


def bring_back(packages: set[str]) -> None:
    """Packages that had to make way for ours. Without a mirror they stay away, and that is said."""
    if packages:
        done = run(
            ["apt-get", "-y", "-q", "--no-install-recommends", *WAIT, "install", *sorted(packages)],
            env={**os.environ, **ENV},
        )
        names = " ".join(sorted(packages))
        say(
            f"packages: {names} back, which had made way"
            if done.returncode == 0
            else f"packages: {names} made way and could not be put back: install by hand"
        )
