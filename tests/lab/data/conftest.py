"""Three Galera nodes on container hosts, without directors: what becomes of their data when power, disks and files are
lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from tests.conftest import dev_config
from tests.lab.servers import forget, keep_secret
from tests.lab.stacks import ROOT, Run, Stack

LAB = "dat"
LOGIN = "admin"
HOSTS = {"mdb1": "172.16.21.180", "mdb2": "172.16.21.181", "mdb3": "172.16.21.182"}
START = "mariadb-ha-galera-start"


class Data(Stack):
    """The stack, and what is done to its hosts."""

    def host(self, name: str, command: str, *, stdin: str | None = None, timeout: float = 300) -> Run:
        """A command on a host as the user would type it."""
        key, known = ROOT / ".state/lab" / LAB / "id_ed25519", ROOT / ".state/lab" / LAB / "known_hosts"
        options = {
            "UserKnownHostsFile": known,
            "StrictHostKeyChecking": "yes",
            "IdentitiesOnly": "yes",
            "ConnectTimeout": 15,
            "LogLevel": "ERROR",
        }
        words = [word for option, value in options.items() for word in ("-o", f"{option}={value}")]
        return self.run(
            "lab/run", "ssh", "-i", key, *words, f"{LOGIN}@{HOSTS[name]}", command, stdin=stdin, timeout=timeout
        )

    def must(self, name: str, command: str, *, stdin: str | None = None) -> str:
        """Its words; the command has to succeed."""
        done = self.host(name, command, stdin=stdin)
        assert done.code == 0, f"{name}: {command}: {done.out}"
        return done.out.strip()

    def ask(self, name: str, statement: str) -> str:
        """SQL as root through the node's socket."""
        return self.must(name, "sudo mariadb -N -B app", stdin=statement)

    def power(self, word: str, *names: str) -> None:
        """`off` is a power cut, of all at the same time."""
        with ThreadPoolExecutor() as pool:
            for done in pool.map(lambda name: self.run("lab/power", name, word), names):
                assert done.code == 0, done.out

    def reachable(self, *names: str) -> None:
        """Waits until they answer over SSH."""
        for name in names:
            assert within(300, lambda name=name: self.host(name, "true").code == 0), f"{name} does not answer"

    def lose_disk(self, name: str) -> None:
        """A host that is off, as all others are, gets an empty data directory: alone it starts nothing."""
        self.power("on", name)
        self.reachable(name)
        self.must(name, f"sudo systemctl stop {START} mariadb; sudo find /var/lib/mysql -mindepth 1 -delete")
        self.power("off", name)

    def said(self, name: str) -> str:
        """What the start of this boot has said so far."""
        return self.must(name, f"sudo journalctl -b -u {START} -o cat --no-pager")

    def runs(self, name: str) -> bool:
        """Whether MariaDB has a process there."""
        return self.host(name, "systemctl is-active --quiet mariadb").code == 0

    def synced(self, *names: str, seconds: float = 600) -> bool:
        """Waits until each is Synced in a cluster of as many nodes."""
        figures = (
            "SHOW STATUS WHERE Variable_name IN ('wsrep_local_state', 'wsrep_cluster_status', 'wsrep_cluster_size')"
        )
        wanted = f"wsrep_cluster_size\t{len(names)}\nwsrep_cluster_status\tPrimary\nwsrep_local_state\t4"

        def one(name: str) -> bool:
            done = self.host(name, "sudo mariadb -N -B", stdin=figures)
            return "\n".join(sorted(done.out.strip().splitlines())) == wanted

        return within(seconds, lambda: all(one(name) for name in names))

    def end_start(self, *names: str) -> None:
        """Ends the wait of earlier tests, and starts the nodes as at a boot."""
        for name in names:
            self.must(name, f"sudo systemctl reset-failed {START}; sudo systemctl restart --no-block {START}")


def within(seconds: float, question: Callable[[], bool]) -> bool:
    """Asks until the answer is yes; a bound for a slow day, no promise."""
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(1)
    return True


@pytest.fixture(scope="package")
def stack() -> Iterator[Data]:
    """The stack that is up."""
    made = Data("data", lab=LAB, port=13311)
    forget(made)
    key = keep_secret(made)
    assert made.run("lab/start").code == 0
    try:
        private = ROOT / ".state/lab" / LAB / "id_ed25519"
        private.touch(mode=0o600)
        private.write_text(key.private)
        done = made.run(
            "lab/hosts",
            "up",
            "--authorized-key",
            key.public,
            *(f"{name}={address}:container" for name, address in HOSTS.items()),
        )
        assert done.code == 0, done.out
        keys = {name: made.run("lab/hosts", "key", name).out.strip() for name in HOSTS}
        (private.parent / "known_hosts").write_text(
            "".join(f"{HOSTS[name]} {public}\n" for name, public in keys.items())
        )
        config = {
            name: value
            for name, value in dev_config().items()
            if name not in ("mariadb-ha:hypervisor", "mariadb-ha:directors")
        }
        config["mariadb-ha:stack_secret_file"] = ".state/data/stack_secret"
        config["mariadb-ha:ssh"] = {"user": LOGIN}
        config["mariadb-ha:hosts"] = {
            name: {"address": address, "provisioner": "bare-metal", "interface": "host0", "ssh_host_key": keys[name]}
            for name, address in HOSTS.items()
        }
        made.file.write_text(yaml.safe_dump({"config": config}, sort_keys=False))
        up = made.make("up")
        assert up.code == 0, up.out[-5000:]
        yield made
    finally:
        made.file.unlink(missing_ok=True)
        assert made.run("lab/stop").code == 0
        forget(made)
