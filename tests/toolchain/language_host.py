"""A language host for many runs: Python and Pulumi's SDK begin once, and `pulumi up --client ADDRESS` finds them there
(as the Automation API's programs are found). Prints its port; runs the `__main__.py` of the project that asks.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc

from tests.toolchain.project import ROOT


class Host(LanguageServer):
    """One project at a time."""

    def __init__(self) -> None:
        super().__init__(lambda: runpy.run_path("__main__.py"))

    def Run(self, request: Any, context: Any) -> Any:
        os.chdir(request.pwd)
        return super().Run(request, context)


class LanguageHost:
    """One in a process of its own; a context manager that ends it."""

    address = ""

    def __enter__(self) -> LanguageHost:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.toolchain.language_host"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.address = f"127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


if __name__ == "__main__":
    # What programs import is there before the first one runs.
    from pulumi_command import local, remote  # noqa: F401

    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()
