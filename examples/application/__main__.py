"""An application stack: endpoint and account come from a mariadb-ha stack; the password stays a secret."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

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
    # A password may hold what a URL reads otherwise: @, :, /, %.
    user, password = quote(account["username"], safe=""), quote(account["password"], safe="")
    return f"mysql+pymysql://{user}:{password}@{writer['host']}:{int(writer['port'])}/app"


contract = (database.require_output(name) for name in ("contract_version", "writer", "databases"))
pulumi.export("database_url", pulumi.Output.secret(pulumi.Output.all(*contract).apply(url)))
# What the pool needs to outlast this stack's failovers: they differ by system and timers.
pulumi.export("database_options", database.require_output("client_options"))
