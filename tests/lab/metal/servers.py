"""Servers that Pulumi did not create (`lab/hosts`), in a lab of their own, and what the twin of a VM is compared by.

`MANIFEST` is a program for `sudo python3 -` on a host of either kind; `compare` says in words where two of its answers
differ.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.stacks import ROOT, Run, run

LAB = "metal"
LOGIN = "admin"
#: S1, as `lab/hosts up` takes it. Directors need a kernel of their own. One node and one director get their packages
#: over the network, as most users' servers do.
HOSTS = {
    "ha1": "172.16.21.201:512",
    "ha2": "172.16.21.202:512:unbaked",
    "mdb1": "172.16.21.180:container",
    "mdb2": "172.16.21.181:container:unbaked",
    "mdb3": "172.16.21.182:container",
}
#: Private half of the key that `hosts_up` was given; it outlives the stack.
KEY = ROOT / ".state/lab" / LAB / "id_ed25519"
KNOWN_HOSTS = ROOT / ".state/lab" / LAB / "known_hosts"
#: Files that differ because the host is a server and no VM, each with its reason. Everything else that differs is a
#: fault.
EXPECTED_FILES = {"/etc/mariadb-ha/data-disk.env": "a VM has a data volume, a server its own disks"}

#: Files whose content alone may differ, mode and owner may not.
EXPECTED_CONTENT = {
    "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf": "its password is derived from the stack, and these are two"
}


def lab(*command: str | Path, stdin: str | None = None, timeout: float = 1800) -> Run:
    """A command with the metal lab as its lab; standard output and error together."""
    return run(*command, stdin=stdin, timeout=timeout, env={"LAB_NAME": LAB})


def interface(host: str) -> str:
    """The name that a host's only interface has."""
    return "host0" if "container" in HOSTS[host] else "eth0"


def hosts_up(key: str, hosts: Mapping[str, str] = HOSTS, *, timeout: float = 3600) -> Run:
    """Makes the hosts that are missing and waits until all answer at port 22.

    Args:
        key: the public key that may log in, `ssh-ed25519 AAAA…`.
        hosts: name to the rest of a word for `lab/hosts up`.
        timeout: seconds.
    """
    done = lab(
        "lab/hosts", "up", "--authorized-key", key, *(f"{name}={spec}" for name, spec in hosts.items()), timeout=timeout
    )
    assert done.code == 0, done.out
    lines = (f"{hosts[name].split(':')[0]} {public}\n" for name, public in host_keys(hosts).items())
    KNOWN_HOSTS.write_text("".join(lines))
    return done


def hosts_down() -> Run:
    """Removes all hosts and ends their lab."""
    done = lab("lab/stop")
    assert done.code == 0, done.out
    return done


def host_keys(hosts: Mapping[str, str] = HOSTS) -> dict[str, str]:
    """Public host keys by host, each as the setting `hosts.X.ssh_host_key` wants it."""
    keys = {}
    for name in hosts:
        done = lab("lab/hosts", "key", name)
        assert done.code == 0, done.out
        keys[name] = done.out.strip()
    return keys


def ssh(
    host: str,
    command: str,
    *,
    hosts: Mapping[str, str] = HOSTS,
    key: Path = KEY,
    stdin: str | None = None,
    timeout: float = 120,
) -> Run:
    """A command on a host as its login, the host key checked against the one it had at the end of `hosts_up`."""
    options = {
        "UserKnownHostsFile": KNOWN_HOSTS,
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "ConnectTimeout": 15,
        "LogLevel": "ERROR",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return lab(
        "lab/run",
        "ssh",
        "-i",
        key,
        *words,
        f"{LOGIN}@{hosts[host].split(':')[0]}",
        command,
        stdin=stdin,
        timeout=timeout,
    )


def host_manifest(root: str = "") -> dict[str, Any]:
    """What mariadb-ha made of a host; runs on the host, so it uses the standard library and nothing from around it.

    Args:
        root: folder that stands for `/` (tests).
    """
    import grp
    import pwd

    def output(*command: str) -> str:
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
        ).stdout.strip()

    def words(path: str) -> list[str]:
        file = Path(root + path)
        return file.read_text().split() if file.exists() else []

    def described(path: str) -> dict[str, str]:
        file = Path(root + path)
        if not file.is_file():
            return {"sha256": "not there"}
        now = file.stat()
        return {
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "mode": f"{now.st_mode & 0o7777:04o}",
            "owner": pwd.getpwuid(now.st_uid).pw_name,
            "group": grp.getgrgid(now.st_gid).gr_name,
        }

    def kernel(key: str) -> str:
        file = Path(f"{root}/proc/sys/{key.replace('.', '/')}")
        return " ".join(file.read_text().split()) if file.exists() else "not there"

    files = {}
    for record in sorted(Path(f"{root}/var/lib/mariadb-ha/sets").glob("*.json")):
        for path in json.loads(record.read_text()):
            files[path] = {**described(path), "set": record.stem}
    lines = [
        line.strip()
        for file in sorted(Path(f"{root}/etc/sysctl.d").glob("*mariadb-ha*"))
        for line in file.read_text().splitlines()
    ]
    keys = [line.split("=")[0].strip().lstrip("-") for line in lines if "=" in line and line[0] not in "#;"]
    arp = [f"net.ipv4.conf.{link}.{key}" for link in ("lo", "all") for key in ("arp_ignore", "arp_announce")]
    units = words("/etc/mariadb-ha/units")
    # Each line of `ip -o`: … inet ADDRESS/PREFIX scope …\ valid_lft …
    shown = output("ip", "-o", "-4", "addr", "show", "dev", "lo").replace("\\", " ").split("inet ")[1:]
    addresses = sorted(" ".join(part.split("valid_lft")[0].split()) for part in shown)
    show = ("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Version}")
    return {
        "files": files,
        "units": {
            unit: {"enabled": output("systemctl", "is-enabled", unit), "active": output("systemctl", "is-active", unit)}
            for unit in units
        },
        "packages": {package: {"version": output(*show, package)} for package in words("/etc/mariadb-ha/packages")},
        "sysctls": {key: {"value": kernel(key)} for key in keys},
        "lvsdr": {
            "lo": {"addresses": ", ".join(addresses)},
            **{key: {"value": kernel(key)} for key in arp},
        },
    }


#: Prints `host_manifest` of the host as JSON; to be run as root.
MANIFEST = "\n".join(
    [
        "from __future__ import annotations",
        "import hashlib, json, subprocess",
        "from pathlib import Path",
        "from typing import Any",
        inspect.getsource(host_manifest),
        "print(json.dumps(host_manifest(), indent=1, sort_keys=True))",
    ]
)


def compare(vm: Mapping[str, Any], metal: Mapping[str, Any]) -> list[str]:
    """Differences of two hosts' manifests in words, none of them of `EXPECTED_FILES` or `EXPECTED_CONTENT`.

    A manifest without files, units or packages is a difference too: two empty hosts are no twins.
    """
    found = [
        f"{side}: no {kind} recorded: nothing was delivered there"
        for side, manifest in (("vm", vm), ("metal", metal))
        for kind in ("files", "units", "packages")
        if not manifest[kind]
    ]
    for kind, noun in (
        ("files", "file"),
        ("units", "unit"),
        ("packages", "package"),
        ("sysctls", "sysctl"),
        ("lvsdr", "lvsdr"),
    ):
        left, right = vm[kind], metal[kind]
        for name in sorted(set(left) | set(right)):
            if kind == "files" and name in EXPECTED_FILES:
                continue
            if name not in left or name not in right:
                found.append(f"{noun} {name}: only on the {'metal' if name not in left else 'vm'}")
                continue
            for part in sorted(set(left[name]) | set(right[name])):
                if kind == "files" and part == "sha256" and name in EXPECTED_CONTENT:
                    continue
                one, other = left[name].get(part), right[name].get(part)
                if one != other:
                    found.append(f"{noun} {name}: {part} {one} on the vm, {other} on the metal")
    return found
