"""A stack as text files that a person can compare: every server file, step, resource and output.

A program that is delivered as it lies in the tree stands as its name, so that its own lines are kept in one place only.
Secrets of Pulumi stand as fingerprints; server files that are secret stand in clear, being derived from the test's
secret.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pulumi
import yaml
from pulumi.runtime.stack import run_pulumi_func

from components.stack import build
from plan import make_plan
from plan.context import Context
from plan.model import File, HostPlan, Plan
from plan.programs import PROGRAMS
from plan.render import LIB
from tests.graph.recorder import Recorder, Registered, record

SECRET_KEY = "4dabf18193072939515e22adb298388d"
Picture = dict[str, str]


@functools.cache
def programs() -> dict[str, str]:
    """Names of the delivered programs by their text."""
    return {
        file.read_text(): file.name
        for file in PROGRAMS.rglob("*")
        if file.is_file() and file.suffix != ".md" and "__pycache__" not in file.parts
    }


def fingerprint(text: str) -> str:
    """Twelve hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def masked(text: str) -> str:
    """A text with the delivered programs replaced by their names."""
    for content, name in programs().items():
        text = text.replace(content, f"<program {name}>\n")
    return text


def picture(context: Context) -> Picture:
    """All files of the picture by name."""
    plan = make_plan(context)
    resources, outputs = _graph(context)
    found = {
        "steps.txt": _steps(plan),
        "resources.txt": "\n".join(_resources(resources)),
        "outputs.json": json.dumps(outputs, indent=2, sort_keys=True) + "\n",
    }
    for host in plan.hosts.values():
        found |= _host(host)
    return found


def _host(host: HostPlan) -> Picture:
    known = programs()
    files = sorted(host.files, key=lambda file: file.path)
    head = [
        f"address {host.address}, mac {host.mac}, interface {host.interface}",
        f"roles: {' '.join(host.roles)}",
        f"packages: {' '.join(host.packages)}",
        f"units: {' '.join(host.units)}",
    ]
    lines = [_line(file, program=known.get(file.content) if file.path.startswith(LIB) else None) for file in files]
    found = {f"{host.name}/host.txt": "\n".join([*head, "", *lines, ""])}
    for file in files:
        if file.content not in known:
            found[f"{host.name}{file.path}.txt"] = file.content
    return found


def _line(file: File, *, program: str | None) -> str:
    words = [file.path, file.mode, f"{file.owner}:{file.group}", f"set={file.owner_set}"]
    if file.check:
        words.append(f"check={file.check}")
    words += [f"on_change={action!r}" for action in file.on_change]
    return " ".join([*words, f"program={program}" if program else ""]).rstrip()


def _steps(plan: Plan) -> str:
    lines = []
    for step in plan.steps:
        lines += [f"{step.name} on {step.host}: {step.command}"]
        lines += [f"    waits for {wait}" for wait in step.waits_for]
        lines += [f"    reads {fingerprint(step.stdin)}"] if step.stdin is not None else []
        lines += [f"    delivers {step.delivers}"] if step.delivers else []
    return "\n".join(["system " + plan.system, *lines, ""])


def _graph(context: Context) -> tuple[dict[str, Registered], Any]:
    """What is registered, and the outputs with secrets as fingerprints."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder, outputs = Recorder(), {}
    record(recorder, context.stack)

    async def plain(value: Any) -> Any:
        if isinstance(value, pulumi.Output):
            found, secret = await value.future(), await value.is_secret()
            return f"[secret] {fingerprint(json.dumps(found))}" if secret else await plain(found)
        if isinstance(value, dict):
            return {key: await plain(each) for key, each in value.items()}
        return [await plain(each) for each in value] if isinstance(value, list) else value

    async def run() -> Any:
        await run_pulumi_func(lambda: outputs.update(build(context)))
        return await plain(outputs)

    settled = asyncio.get_event_loop().run_until_complete(run())
    return recorder.resources, settled


def _resources(resources: dict[str, Registered]) -> Iterator[str]:
    # The stack itself is registered once in a process, so it is left out.
    resources = {name: resource for name, resource in resources.items() if resource.type != "pulumi:pulumi:Stack"}
    names = {resource.urn: name for name, resource in resources.items()}
    for name in sorted(resources):
        resource = resources[name]
        yield f"{resource.type} {name}"
        yield f"    parent {names.get(resource.parent, 'the stack')}"
        options = {
            "protect": resource.protect,
            "deleteBeforeReplace": resource.delete_before_replace,
            "ignoreChanges": resource.ignore_changes,
            "retainOnDelete": resource.raw.retainOnDelete,
            "createTimeout": resource.create_timeout,
            "updateTimeout": resource.raw.customTimeouts.update,
            "deleteTimeout": resource.raw.customTimeouts.delete,
            "additionalSecretOutputs": list(resource.raw.additionalSecretOutputs),
        }
        yield from (f"    {option} {value}" for option, value in options.items() if value)
        yield from (f"    waits for {wait}" for wait in sorted(names.get(urn, urn) for urn in resource.dependencies))
        for key in sorted(resource.inputs):
            if key != "__internal":
                yield from _input(key, resource.inputs[key])
        yield ""


def _input(key: str, value: Any) -> Iterator[str]:
    """One input; texts of several lines as fingerprints of what they say beside the programs."""
    secret = isinstance(value, dict) and SECRET_KEY in value
    inner = value["value"] if isinstance(value, dict) and secret else value
    mark = "[secret] " if secret else ""
    text = inner if isinstance(inner, str) else json.dumps(inner, sort_keys=True)
    for reader in (_manifest, _cloud_config):
        if isinstance(inner, str) and (found := reader(inner)) is not None:
            yield f"    {key}: {mark}{found}"
            return
    if key == "files":
        text = "\n".join(line for line in text.splitlines() if not line.startswith(f"{LIB}/"))
    secret = secret or SECRET_KEY in text
    if secret or "\n" in text:
        yield f"    {key}: {'[secret] ' if secret else ''}{fingerprint(masked(text))}"
    else:
        yield f"    {key}: {text}"


def _entries(entries: list[tuple[str, str, str]], words: str) -> str:
    """Files in a few words: how many, and one fingerprint of all."""
    known = programs()
    told = [f"{path} {about} {known.get(content, content)}" for path, about, content in entries]
    return f"{words} {len(entries)} files {fingerprint(json.dumps(told))}"


def _manifest(text: str) -> str | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(
        isinstance(entry, dict) and "content" in entry for entry in found.values()
    ):
        return None
    entries = [
        (path, json.dumps({**entry, "content": ""}, sort_keys=True), entry["content"])
        for path, entry in sorted(found.items())
    ]
    return _entries(entries, "manifest of")


def _cloud_config(text: str) -> str | None:
    if not text.startswith("#cloud-config\n"):
        return None
    document = yaml.load(text, yaml.CSafeLoader)
    files = document.pop("write_files")
    entries = [(entry["path"], f"{entry['permissions']} {entry['owner']}", entry["content"]) for entry in files]
    return f"{_entries(entries, 'cloud-config with')}, the rest {fingerprint(json.dumps(document, sort_keys=True))}"
