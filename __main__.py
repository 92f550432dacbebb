"""mariadb-ha: load the settings, build the stack, export the contract."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pulumi

from components.stack import build
from plan.context import Context
from plan.secrets import Secrets
from settings import SettingsError, check_config, load_stack
from settings.secret_source import read_stack_secret

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Runs once per preview or up."""
    stack = pulumi.get_stack()
    config: dict[str, str] = json.loads(os.environ.get("PULUMI_CONFIG", "{}"))
    try:
        if messages := check_config(config, stack):
            raise SettingsError(messages)
        settings = load_stack(config, stack)
        secret = read_stack_secret(settings, ROOT)
    except SettingsError as error:
        raise pulumi.RunError(f"the settings of stack {stack} cannot be used; nothing was touched:\n{error}") from None
    secrets = Secrets(stack=stack, stack_secret=secret, generations=settings.secret_generations)
    for name, value in build(Context(stack=stack, settings=settings, secrets=secrets)).items():
        pulumi.export(name, value)


if __name__ == "__main__":
    main()
