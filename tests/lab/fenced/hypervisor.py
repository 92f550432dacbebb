"""sshd at the lab's gateway: where libvirt runs, as the hosts of a stack reach their hypervisor (docs/fencing.md)."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.stacks import ROOT, Stack

ADDRESS, PORT, USER = "172.16.21.1", 2222, "root"
SCRIPT = "examples/fencing/mariadb-ha-fence"
CONFIG = """\
ListenAddress {address}
Port {port}
HostKey {home}/host_key
AuthorizedKeysFile {home}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin forced-commands-only
SetEnv MARIADB_HA_FENCE_URI={uri}
"""


class Hypervisor:
    """`host_key`: its public half, as the settings want it."""

    def __init__(self, home: Path, stack: Stack) -> None:
        self.home, self.stack = home, stack
        home.mkdir(parents=True, exist_ok=True)
        key = home / "host_key"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
        self.host_key = " ".join(key.with_suffix(".pub").read_text().split()[:2])

    @contextmanager
    def listening(self, line: str) -> Iterator[None]:
        """While this line, which the stack's outputs name, is in authorized_keys, with the program where it is here."""
        subprocess.run([ROOT / "toolchain" / "apt", "openssh-server"], check=True)
        installed = f"/usr/local/sbin/{Path(SCRIPT).name}"
        assert installed in line, line
        (self.home / "authorized_keys").write_text(line.replace(installed, str(ROOT / SCRIPT)) + "\n")
        config = self.home / "sshd_config"
        uri = self.stack.run("lab/uri").out.strip()
        config.write_text(CONFIG.format(address=ADDRESS, port=PORT, home=self.home, uri=uri))
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (self.home / "log").open("wb") as log:
            process = subprocess.Popen(
                [ROOT / "lab/run", "/usr/sbin/sshd", "-D", "-e", "-f", config],
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **self.stack.env},
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
            try:
                self._wait(process)
                yield
            finally:
                process.terminate()
                process.wait(timeout=30)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        ask = ["bash", "-c", f"exec 3<>/dev/tcp/{ADDRESS}/{PORT}"]
        deadline = time.monotonic() + 60
        while self.stack.run("lab/run", *ask).code != 0:
            assert process.poll() is None and time.monotonic() < deadline, (self.home / "log").read_text()
            time.sleep(0.2)


def power(stack: Stack, host: str) -> str:
    """What libvirt says of a host of the stack."""
    uri = stack.run("lab/uri").out.strip()
    return stack.run("virsh", "--quiet", "--connect", uri, "domstate", f"{stack.name}-{host}").out.strip()
