"""A real sshd on loopback with keys and configuration of its own; see sshd_config(5)."""

import os
import pwd
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

SSHD = Path("/usr/sbin/sshd")
START_SECONDS = 10.0

CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {home}/host_ed25519
HostKey {home}/host_ecdsa
AuthorizedKeysFile {home}/authorized_keys
PidFile {home}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
AllowTcpForwarding yes
AcceptEnv GREETING PULUMI_COMMAND_*
"""


@dataclass
class Sshd:
    """One server for the user who runs the tests; a context manager that ends it."""

    home: Path
    port: int = 0

    def __enter__(self) -> "Sshd":
        for name, kind, passphrase in (
            ("host_ed25519", "ed25519", ""),
            ("host_ecdsa", "ecdsa", ""),
            ("client", "ed25519", ""),
            ("client_locked", "ed25519", "open sesame"),
        ):
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", self.home / name], check=True)
        authorized = "".join((self.home / f"{name}.pub").read_text() for name in ("client", "client_locked"))
        (self.home / "authorized_keys").write_text(authorized)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.port = free_port()
        config = self.home / "sshd_config"
        config.write_text(CONFIG.format(port=self.port, home=self.home))
        self._log = (self.home / "log").open("wb")
        self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stderr=self._log)
        self._wait_until_it_listens()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=START_SECONDS)
        self._log.close()

    def connection(self, **changes: object) -> dict[str, object]:
        """pulumi_command's connection to this server, with some fields changed."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": pwd.getpwuid(os.getuid()).pw_name,
            "private_key": (self.home / "client").read_text(),
            "host_key": self.host_key("ed25519"),
            "dial_error_limit": 0,
            **changes,
        }

    def host_key(self, kind: str) -> str:
        """The public host key of that kind (ed25519, ecdsa), as authorized_keys has it."""
        return (self.home / f"host_{kind}.pub").read_text().strip()

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"sshd did not start: {(self.home / 'log').read_text()}")


def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
