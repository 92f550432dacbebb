"""examples/application-yaml beside a stand-in."""

from __future__ import annotations

from tests.languages.standin import PASSWORD, Backend, contract


def test_the_stack_gives_the_connection_and_keeps_the_account_secret(backend: Backend) -> None:
    name = backend.example("application-yaml")
    said = backend.pulumi(name, "up", "--yes")
    assert PASSWORD not in said
    assert backend.output(name)["account"] == "[secret]"
    made = backend.output(name, "--show-secrets")
    assert made["writer"] == contract()["writer"]
    assert made["account"] == {"username": "app", "password": PASSWORD}
    assert made["database_options"] == contract()["client_options"]
