"""An application's stack takes endpoint and account from the database's stack by reference; the password stays a
secret.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pymysql

from tests.lab.stacks import ROOT, Stack


def test_stack_reference(stack: Stack, tmp_path: Path) -> None:
    folder = tmp_path / "application"
    shutil.copytree(ROOT / "examples/application", folder)
    env = {**os.environ, "PULUMI_CONFIG_PASSPHRASE_FILE": str(ROOT / ".state/dev/passphrase")}

    def pulumi(*words: str) -> str:
        done = subprocess.run(
            ["pulumi", "-C", str(folder), "--non-interactive", *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pulumi("stack", "init", "application")
    try:
        pulumi("config", "set", "databaseStack", "organization/mariadb-ha/dev")
        log = pulumi("up", "--yes", "--skip-preview")
        password = stack.outputs["databases"]["app"]["accounts"]["app"]["password"]
        assert password not in log
        assert "[secret]" in pulumi("stack", "output", "--json")
        url = pulumi("stack", "output", "database_url", "--show-secrets").strip()
        assert url == f"mysql+pymysql://app:{password}@172.16.21.188:3306/app"
    finally:
        pulumi("destroy", "--yes", "--skip-preview")
        pulumi("stack", "rm", "--yes")
    with pymysql.connect(
        host="127.0.0.1", port=stack.port, user="app", password=password, database="app", connect_timeout=5
    ) as connection:
        assert "MariaDB" in connection.get_server_info()
