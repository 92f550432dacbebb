"""The package `mariadb-ha`: what programs in other languages declare. Its schema is read from the components' types."""

from __future__ import annotations

import pulumi
from pulumi.errors import InputPropertiesError
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from components.mariadb_ha import MariadbHa
from settings import SettingsError

NAME = "mariadb-ha"


class Package(ComponentProvider):
    """As Pulumi's component_provider_host, but that a mistake in the settings is a message and no traceback."""

    def __init__(self) -> None:
        super().__init__([MariadbHa], NAME, version="0.1.0")

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Raises InputPropertiesError for what is wrong with the settings or the hosts; see `Provider.construct`."""
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, SettingsError):
                text = f"the settings of {name} cannot be used; nothing was touched:\n{error.inner}"
            elif isinstance(error.inner, pulumi.RunError):
                text = str(error.inner)
            else:
                raise
        # No property is named: the engine would print its value, and that may be a secret.
        raise InputPropertiesError(text, [])
