"""Why a host could not be looked at: ssh's and sudo's words turned into what is wrong, what follows and what to do."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from plan.context import Context
from preflight.candidate import title
from preflight.ssh import PATIENCE, SSH_FAILED, Done
from settings.problem import Problem, quote

NOTHING = "nothing else is known of this host, and nothing could be installed there"


def fingerprint(key: str) -> str:
    """A public key's fingerprint as `ssh-keygen -lf` shows it."""
    try:
        blob = base64.b64decode(key.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return "unreadable"
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def login(context: Context, host: str) -> str:
    """How a user would reach the host: `ssh -p 2222 debian@172.16.21.181`."""
    ssh = context.settings.ssh
    return f"ssh {f'-p {ssh.port} ' if ssh.port != 22 else ''}{ssh.user}@{context.address(host)}"


def admit(context: Context, host: str) -> str:
    """The one line that admits the stack's key, run by somebody who is admitted already."""
    public = context.secrets.ssh_key("admin-ssh-key").public
    return (
        f"echo '{public} mariadb-ha-{context.stack}' | {login(context, host)} 'umask 077; mkdir -p ~/.ssh; cat >> "
        "~/.ssh/authorized_keys'"
    )


def fetch(context: Context, host: str) -> str:
    """The command that shows a host's key."""
    return f"ssh-keyscan -t ed25519 -p {context.settings.ssh.port} {context.address(host)}"


def why(context: Context, host: str, done: Done) -> Problem:
    """The problem behind a call that brought no facts."""
    if done.code is None:
        wrong, follows, instead = _late()
    elif done.code == SSH_FAILED:
        wrong, follows, instead = _no_session(context, host, done.err)
    else:
        wrong, follows, instead = _no_facts(context, host, done)
    return Problem(title(context, host), wrong, follows, instead)


Words = tuple[str, str, str]


def _late() -> Words:
    return (
        (
            "it is there but slow to answer: its SSH port takes connections, and it was not looked at within "
            f"{PATIENCE:.0f} s"
        ),
        NOTHING,
        "see there what keeps it busy (`uptime`, `dmesg`), or why its DNS or PAM delays logins, then run again",
    )


def _no_session(context: Context, host: str, err: str) -> Words:
    port, user = context.settings.ssh.port, context.settings.ssh.user
    if "HOST IDENTIFICATION HAS CHANGED" in err or "Host key verification failed" in err:
        return _other_key(context, host, err)
    if "no matching host key type" in err:
        return (
            (
                f"it has no SSH host key of the kind that hosts.{host}.ssh_host_key names "
                f"({err.strip().splitlines()[-1].strip()})"
            ),
            "that it is the right machine cannot be told",
            f"make one at its console, as root: ssh-keygen -A && systemctl restart ssh; then {fetch(context, host)}",
        )
    if "Permission denied" in err or "Too many authentication failures" in err:
        return (
            f"it refuses the login {user} with the stack's key",
            NOTHING,
            f"admit the key (once, as somebody who can log in): {admit(context, host)}; or write another ssh.user, "
            "if the host has no login "
            f"{user}{'' if user != 'root' else ' by key (PermitRootLogin in /etc/ssh/sshd_config)'}",
        )
    if "Connection refused" in err:
        return (
            f"it is there, and refuses connections to port {port}",
            NOTHING,
            "start sshd there (systemctl enable --now ssh), or correct ssh.port",
        )
    if "No route to host" in err or "Network is unreachable" in err:
        return (
            "there is no way to it from this machine (no route to host)",
            NOTHING,
            f"switch it on; or correct hosts.{host}.address; or see to this machine's routes: ip route get "
            f"{context.address(host)}; if it is gone for good write hosts.{host}.lost: true",
        )
    if "timed out" in err:
        return (
            f"it does not answer on port {port} at all",
            NOTHING,
            (
                f"switch it on; or correct hosts.{host}.address; or let a firewall in between admit SSH; if it is "
                f"gone for good write hosts.{host}.lost: true"
            ),
        )
    if "closed by" in err or "reset by" in err or "kex_exchange" in err:
        return (
            f"it takes the connection to port {port} and closes it at once",
            NOTHING,
            (
                "`journalctl -u ssh` there says why (MaxStartups, a ban, no free memory); if something else listens "
                "on that port, correct ssh.port"
            ),
        )
    return f"ssh cannot reach it: {quote(_last(err))}", NOTHING, f"try it by hand: {login(context, host)}"


def _other_key(context: Context, host: str, err: str) -> Words:
    expected = fingerprint(context.host_key(host) or "")
    offered = next((found for found in re.findall(r"SHA256:[A-Za-z0-9+/]+", err) if found != expected), "unknown")
    return (
        f"it shows the SSH host key {offered}; hosts.{host}.ssh_host_key is {expected}",
        (
            "either the machine was installed anew, or another machine answers at its address and would be told the "
            "stack's secrets"
        ),
        (
            "compare at the host's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; if that shows "
            f"{offered}, write into the settings what this shows: "
        )
        + fetch(context, host),
    )


def _no_facts(context: Context, host: str, done: Done) -> Words:
    """There was a session, and no root shell in it."""
    user = context.settings.ssh.user
    line = f"echo '{user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/mariadb-ha && chmod 440 /etc/sudoers.d/mariadb-ha"
    err = done.err
    if re.search(r"sudo.*(not found|No such file)", err):
        return (
            f"sudo is not installed, and the login {user} is not root",
            "packages and files cannot be installed",
            f"run there, as root: apt-get install sudo && {line}; or write ssh.user: root",
        )
    if re.search(r"^(sudo:|Sorry, )|not in the sudoers file|not allowed to execute", err, re.MULTILINE):
        asks = "asks for a password" if "password is required" in err else f"refuses ({quote(_last(err))})"
        return (
            f"sudo {asks} for the login {user}",
            "packages and files cannot be installed",
            f"run there, as root: {line}; or write ssh.user: root",
        )
    said = _last(err) if err.strip() else _last(done.out)
    return (
        f"the login {context.settings.ssh.user} works, and a shell does not (exit code {done.code}): {quote(said)}",
        NOTHING,
        f"see that this works: {login(context, host)} 'echo true | sh -s'",
    )


def _last(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
