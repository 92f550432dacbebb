"""What is kept of a stack whose test failed: consoles, each host's journal, what `hactl status` says."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab.stacks import ROOT, Stack

JOURNAL = (
    "sudo journalctl -b --no-pager -o short-precise | tail -n 4000; echo; ip -4 addr; sudo ipvsadm -Ln 2>/dev/null; "
    "systemctl --failed --no-pager"
)


def keep_evidence(stack: Stack, folder: Path) -> str:
    """Writes what can be had into the folder, which is made anew; gives the words for the report.

    Never raises: the test's own failure counts.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        hosts = list(stack.inventory["hosts"]) if (stack.state / "inventory.json").exists() else []
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(lambda host: _journal(stack, host, folder), hosts))
        (folder / "status.txt").write_text(stack.hactl("status", timeout=300).out)
        for console in (ROOT / ".state" / "lab" / stack.lab).rglob("console*.log"):
            shutil.copy(console, folder / f"{console.parent.name}-{console.name}")
    except Exception as error:  # whatever it is, it must not hide why the test failed
        return f"not everything could be kept ({error!r}); what could: {folder.relative_to(ROOT)}"
    return f"consoles, journals and status: {folder.relative_to(ROOT)}"


def _journal(stack: Stack, host: str, folder: Path) -> None:
    try:
        text = stack.ssh(host, JOURNAL, timeout=120).out
    except Exception as error:  # a host that does not answer is evidence too
        text = repr(error)
    (folder / f"{host}.journal").write_text(text)
