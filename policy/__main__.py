"""The pack: `pulumi preview --policy-pack policy`. Which stacks a rule does not hold for is its configuration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policy import rules
from policy.resource import Resource

Report = Callable[[str], Any]


def _seen(args: Any) -> Resource:
    return Resource(
        type=args.resource_type,
        name=args.name,
        inputs=args.props,
        protect=args.opts.protect,
        provider=args.provider.urn if args.provider else "",
    )


def _schema(stacks: list[str]) -> PolicyConfigSchema:
    return PolicyConfigSchema(properties={"not_for": {"type": "array", "items": {"type": "string"}, "default": stacks}})


def _meant(args: Any, urn: str) -> bool:
    return urn.split("::")[0].removeprefix("urn:pulumi:") not in args.get_config()["not_for"]


def each(name: str, rule: Callable[[Resource], Iterator[str]], stacks: list[str]) -> Policy:
    """A rule that looks at one resource at a time."""

    def validate(args: ResourceValidationArgs, report: Report) -> None:
        if _meant(args, args.urn):
            for words in rule(_seen(args)):
                report(words)

    return ResourceValidationPolicy(
        name=name, description=rule.__doc__ or name, validate=validate, config_schema=_schema(stacks)
    )


def together(name: str, rule: Callable[[Sequence[Resource]], Iterator[str]], stacks: list[str]) -> Policy:
    """A rule that looks at all of them."""

    def validate(args: StackValidationArgs, report: Report) -> None:
        if args.resources and _meant(args, args.resources[0].urn):
            for words in rule([_seen(resource) for resource in args.resources]):
                report(words)

    return StackValidationPolicy(
        name=name, description=rule.__doc__ or name, validate=validate, config_schema=_schema(stacks)
    )


PolicyPack(
    name="mariadb-ha",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        each("unprotected-volume", rules.unprotected_volume, ["dev"]),
        each("unprotected-host", rules.unprotected_host, ["dev"]),
        each("trust-on-first-use", rules.trust_on_first_use, []),
        each("open-to-the-world", rules.open_to_the_world, []),
        each("secret-in-clear", rules.secret_in_clear, []),
        together("even-voters", rules.even_voters, []),
        together("one-hypervisor", rules.one_hypervisor, ["dev"]),
    ],
)
