"""A mock monitor that records what plain mocks throw away: parent, dependencies, protection, timeouts,
ignored changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks as runtime_mocks
from pulumi.runtime import settings as runtime_settings


@dataclass
class Registered:
    """One `RegisterResource` request."""

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    dependencies: set[str]
    protect: bool
    delete_before_replace: bool
    ignore_changes: list[str]
    create_timeout: str
    raw: Any = field(repr=False)


class Recorder(runtime_mocks.Mocks):
    """Answers as an engine would; `resources` are the requests by name."""

    def __init__(self) -> None:
        self.resources: dict[str, Registered] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {}


def record(recorder: Recorder, stack: str = "dev") -> None:
    """Installs the recorder as the monitor of this process."""
    pulumi.runtime.set_mocks(recorder, project="mariadb-ha", stack=stack)
    monitor = runtime_settings.get_monitor()
    register = monitor.RegisterResource

    def recording(request: Any) -> Any:
        response = register(request)
        inputs = json_format.MessageToDict(request.object)
        recorder.resources[request.name] = Registered(
            type=request.type,
            name=request.name,
            urn=response.urn,
            parent=request.parent,
            inputs=inputs,
            dependencies=set(request.dependencies),
            protect=request.protect,
            delete_before_replace=request.deleteBeforeReplace,
            ignore_changes=list(request.ignoreChanges),
            create_timeout=request.customTimeouts.create,
            raw=request,
        )
        return response

    monitor.RegisterResource = recording
