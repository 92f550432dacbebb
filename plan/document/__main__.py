"""`python -m plan.document FOLDER STACK`: the document on standard output, the throw-away key on standard input.

Ends with 0 where the settings are refused, too: the document says so.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any

from plan.context import Context
from plan.document import VERSION
from plan.document.config import Found, read_config
from plan.document.made import plan_document
from plan.secrets import Secrets
from settings import SettingsError, load_stack


def document(folder: Path, stack: str, key: str) -> dict[str, Any]:
    """The document of a folder's stack. `refused` holds the messages where there is no plan."""
    secrets = Secrets(stack=stack, stack_secret=key)

    def fingerprint(text: str) -> str:
        return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]

    try:
        found = read_config(folder, stack, key)
        settings = load_stack(found.config, stack, sealed=True)
        secrets = Secrets(stack=stack, stack_secret=key, generations=settings.secret_generations)
        made = plan_document(Context(stack=stack, settings=settings, secrets=secrets))
    except SettingsError as error:
        return {"version": VERSION, "stack": stack, "refused": error.messages}
    except ValueError as error:
        return {"version": VERSION, "stack": stack, "refused": [f"{error}"]}
    return {"version": VERSION, "refused": [], **made, **_settings(found, fingerprint)}


def _settings(found: Found, fingerprint: Any) -> dict[str, Any]:
    """What the settings hold that no plan shows."""
    return {
        "settings": fingerprint(json.dumps(found.config, sort_keys=True, default=str)),
        "sealed": {path: fingerprint(text) for path, text in found.sealed.items()},
        "stood_in": list(found.stood_in),
    }


def main() -> None:
    """The command."""
    folder, stack = sys.argv[1:]
    print(json.dumps(document(Path(folder), stack, sys.stdin.read().strip())))


if __name__ == "__main__":
    main()
