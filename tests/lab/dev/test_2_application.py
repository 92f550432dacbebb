"""An application's stack takes endpoint and account from the database's stack by reference; the password stays a
secret.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pymysql

from tests.lab.application import application
from tests.lab.stacks import Stack


def test_stack_reference(stack: Stack, tmp_path: Path) -> None:
    password = stack.outputs["databases"]["app"]["accounts"]["app"]["password"]
    with application(stack, tmp_path / "application") as made:
        assert password not in made.said
        assert "[secret]" in made.outputs
        assert made.url == f"mysql+pymysql://app:{quote(password, safe='')}@172.16.21.188:3306/app"
    with pymysql.connect(
        host="127.0.0.1", port=stack.port, user="app", password=password, database="app", connect_timeout=5
    ) as connection:
        assert "MariaDB" in connection.get_server_info()
