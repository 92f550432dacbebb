"""All hosts at once, with a runner that stands in for ssh."""

from __future__ import annotations

import stat
import threading
from collections.abc import Sequence
from pathlib import Path

from preflight.ssh import PATIENCE, Done
from tests.preflight.hosts import bare_metal, check_hosts, host_key
from tests.preflight.test_facts import OUTPUT

ADDRESSES = {
    "172.16.21.201": "ha1",
    "172.16.21.202": "ha2",
    "172.16.21.180": "mdb1",
    "172.16.21.181": "mdb2",
    "172.16.21.182": "mdb3",
}
GOOD = """\
# os-release
 ID=debian
 VERSION_ID=12

# init
 systemd

# kernel
 module ip_vs

# addresses
 2: eth0 inet {address}/24 scope global eth0

# end
"""


class FakeSsh:
    """Answers per host; a good host unless told otherwise. All hosts must have been called before one is answered."""

    def __init__(self, answers: dict[str, Done] | None = None, *, hosts: int = 5) -> None:
        self.answers = answers or {}
        self.together = threading.Barrier(hosts, timeout=10)
        self.commands: dict[str, list[str]] = {}
        self.scripts: set[str] = set()
        self.files: dict[str, tuple[int, str]] = {}

    def __call__(self, words: Sequence[str], stdin: str, patience: float) -> Done:
        assert 0 < patience <= PATIENCE
        address = words[-2].partition("@")[2]
        host = ADDRESSES[address]
        self.commands[host] = list(words)
        self.scripts.add(stdin)
        for path in (words[words.index("-i") + 1], self.option(host, "UserKnownHostsFile")):
            if path != "/dev/null":
                self.files[path] = (stat.S_IMODE(Path(path).stat().st_mode), Path(path).read_text())
        self.together.wait()
        return self.answers.get(host, Done(code=0, out=GOOD.format(address=address)))

    def option(self, host: str, name: str) -> str:
        """The value of an -o option of a call."""
        return next(word.partition("=")[2] for word in self.commands[host] if word.startswith(f"{name}="))


def test_good_hosts() -> None:
    ssh = FakeSsh()
    assert check_hosts(bare_metal(), runner=ssh) == []
    assert set(ssh.commands) == set(ADDRESSES.values())


def test_all_problems_of_all_hosts_in_the_order_of_the_settings() -> None:
    denied, late = Done(code=255, err="Permission denied (publickey)."), Done(code=None)
    bad = Done(code=0, out=OUTPUT.replace("172.16.21.181/24", "172.16.21.182/24"))
    found = check_hosts(bare_metal(), runner=FakeSsh({"mdb3": bad, "ha2": late, "mdb1": denied}))
    hosts = [message.split()[0] for message in found]
    assert hosts[:2] == ["ha2", "mdb1"]
    assert set(hosts[2:]) == {"mdb3"}
    assert len(hosts) > 5, "a host's first problem does not hide its others"


def test_keys_are_private_and_gone_afterwards() -> None:
    ssh, context = FakeSsh(), bare_metal()
    check_hosts(context, runner=ssh)
    private = context.secrets.ssh_key("admin-ssh-key").private
    assert (0o600, private) in ssh.files.values()
    assert not any(Path(path).exists() or Path(path).parent.exists() for path in ssh.files)
    assert all(private not in script for script in ssh.scripts)
    assert not any(private.splitlines()[2] in " ".join(words) for words in ssh.commands.values())


def test_host_keys_of_the_settings_are_demanded() -> None:
    ssh = FakeSsh()
    check_hosts(bare_metal({"ssh": {"port": 2222}}), runner=ssh)
    known = ssh.files[ssh.option("mdb2", "UserKnownHostsFile")][1].splitlines()
    assert f"[172.16.21.181]:2222 {host_key('mdb2')}" in known
    assert len(known) == 5
    assert ssh.option("mdb2", "StrictHostKeyChecking") == "yes"
    assert ssh.option("mdb2", "HostKeyAlgorithms") == "ssh-ed25519"


def test_trust_on_first_use_only_where_there_is_no_key() -> None:
    ssh = FakeSsh()
    check_hosts(
        bare_metal({"bare_metal": {"trust_on_first_use": True}}, hosts={"mdb2": {"ssh_host_key": None}}), runner=ssh
    )
    assert (ssh.option("mdb2", "StrictHostKeyChecking"), ssh.option("mdb2", "UserKnownHostsFile")) == (
        "no",
        "/dev/null",
    )
    assert ssh.option("mdb1", "StrictHostKeyChecking") == "yes"


def test_root_needs_no_sudo() -> None:
    ssh = FakeSsh()
    check_hosts(bare_metal({"ssh": {"user": "root"}}), runner=ssh)
    assert ssh.commands["mdb2"][-1] == "sh -s"
    ssh = FakeSsh()
    check_hosts(bare_metal(), runner=ssh)
    assert "sudo -n sh -s" in ssh.commands["mdb2"][-1]


def test_vms_and_lost_hosts_are_not_asked() -> None:
    ssh = FakeSsh(hosts=2)
    assert check_hosts(bare_metal(vms=("ha1", "ha2"), hosts={"mdb1": {"lost": True}}), runner=ssh) == []
    assert set(ssh.commands) == {"mdb2", "mdb3"}


def test_a_stack_of_vms_asks_nobody() -> None:
    assert check_hosts(bare_metal(vms=tuple(ADDRESSES.values())), runner=FakeSsh(hosts=1)) == []


def test_ssh_missing_here_is_told_once() -> None:
    def no_ssh(words: Sequence[str], stdin: str, patience: float) -> Done:
        raise FileNotFoundError(words[0])

    found = check_hosts(bare_metal(), runner=no_ssh)
    assert len(found) == 1
    assert "apt-get install openssh-client" in found[0]
