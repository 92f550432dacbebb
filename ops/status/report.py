"""`hactl status` for people: what each component's hosts said, what all hosts have in common, then what is wrong in
words."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from ops.status.finding import Finding
from ops.status.host_tables import host_tables
from ops.status.look import Status

_MARKS = {"problem": "[red]✗[/]", "unknown": "[yellow]?[/]", "warning": "[yellow]![/]"}


def print_findings(console: Console, findings: list[Finding]) -> None:
    """The findings, one after the other."""
    for finding in findings:
        console.print(f"{_MARKS[finding.severity]} {escape(finding.line())}", soft_wrap=True)


def print_status(console: Console, stack: str, status: Status) -> None:
    """The whole report: what clients meet first comes first."""
    for component in reversed(list(status.components.values())):
        for shown in component.report(status.facts):
            console.print(shown)
    for shown in host_tables(status.inventory, status.facts):
        console.print(shown)
    print_findings(console, status.findings)
    grave = sum(finding.severity == "problem" for finding in status.findings)
    if grave:
        console.print(f"[red]stack {stack}: {grave} problem{'s' if grave > 1 else ''}[/]")
    elif status.unknown:
        console.print(f"[yellow]stack {stack}: not everything could be told; nothing is known to be wrong[/]")
    else:
        console.print(f"[green]stack {stack}: healthy[/]")
