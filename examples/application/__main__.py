"""An application stack: endpoint and account come from a mariadb-ha stack; the password stays a secret."""

from __future__ import annotations

from typing import Any

import pulumi

database = pulumi.StackReference(pulumi.Config().require("databaseStack"))


def url(values: list[Any]) -> str:
    """The address that the application connects to; refuses a contract older than it was written for.

    Pulumi hands numbers over as floating point: `int` the port.
    """
    version, writer, databases = values
    if version < 1:
        raise pulumi.RunError(f"the database stack's contract_version is {version}; this application needs 1 or later")
    account = databases["app"]["accounts"]["app"]
    return f"mysql+pymysql://{account['username']}:{account['password']}@{writer['host']}:{int(writer['port'])}/app"


contract = (database.require_output(name) for name in ("contract_version", "writer", "databases"))
pulumi.export("database_url", pulumi.Output.secret(pulumi.Output.all(*contract).apply(url)))
