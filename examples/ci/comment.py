#!/usr/bin/env python3
"""comment.py github HEAD_OWNER BRANCH COMMIT FILE | comment.py gitlab FILE: FILE as the one comment of a pull request,
written anew where it is there already.

Python's own library is all it needs. It runs no code of the pull request: what the request says is a text here. The
token comes from the environment (GITHUB_TOKEN, GITLAB_TOKEN) and is never printed. Ends with 0, or with 1 and words.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

MARK = "<!-- mariadb-ha plan -->"
#: Characters; GitHub takes 65,536.
MOST = 65_000
PAGE = 100


class Api:
    """JSON over HTTP at one address."""

    def __init__(self, base: str, header: str, token: str) -> None:
        if not base.startswith(("https://", "http://127.0.0.1:")):
            raise SystemExit(f"comment: {base} is not https: the token would be read on the way")
        self.base, self.headers = base.rstrip("/"), {header: token, "Content-Type": "application/json"}

    def ask(self, path: str, *, method: str = "GET", body: str | None = None) -> Any:
        """The answer to one request. Ends in words where there is none."""
        data = None if body is None else json.dumps({"body": body}).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=self.headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"comment: {method} {path}: the server says {error.code} {error.reason}") from None
        except (urllib.error.URLError, TimeoutError, ValueError) as error:
            raise SystemExit(f"comment: {method} {path}: {error}") from None

    def pages(self, path: str) -> list[dict[str, Any]]:
        """All entries of a list."""
        found: list[dict[str, Any]] = []
        number = 1
        while True:
            page = self.ask(f"{path}{'&' if '?' in path else '?'}per_page={PAGE}&page={number}")
            found += page
            if len(page) < PAGE:
                return found
            number += 1


def text_of(file: Path) -> str:
    """The comment. Its first line is ours, whatever the file says."""
    text = file.read_text(encoding="utf-8", errors="replace").replace(MARK, "")
    words = "\n\n… shortened: the job's artifact has all of it.\n"
    return f"{MARK}\n{text}" if len(text) < MOST else f"{MARK}\n{text[: MOST - len(words)]}{words}"


def write(api: Api, comments: str, text: str, *, ours: Any, edit: str, method: str) -> None:
    """One comment: the one that is there, or a new one. `edit` is the path of one, without its number."""
    kept = [entry for entry in api.pages(comments) if ours(entry) and str(entry["body"]).startswith(MARK)]
    if not kept:
        api.ask(comments, method="POST", body=text)
        print("comment: written")
    elif kept[0]["body"] == text:
        print("comment: it says this already")
    else:
        api.ask(f"{edit}/{kept[0]['id']}", method=method, body=text)
        print("comment: written anew")


def github(owner: str, branch: str, commit: str, file: str) -> None:
    """The open pull request whose head this is; none, or a later head: nothing is written."""
    api = Api(os.environ["GITHUB_API_URL"], "Authorization", f"Bearer {os.environ['GITHUB_TOKEN']}")
    repository = f"/repos/{os.environ['GITHUB_REPOSITORY']}"
    head = urllib.parse.quote(f"{owner}:{branch}", safe="")
    requests = [
        found for found in api.pages(f"{repository}/pulls?state=open&head={head}") if found["head"]["sha"] == commit
    ]
    if not requests:
        print("comment: no open pull request has this commit as its head any more; nothing is written")
        return
    author = os.environ.get("COMMENT_AUTHOR", "github-actions[bot]")
    write(
        api,
        f"{repository}/issues/{int(requests[0]['number'])}/comments",
        text_of(Path(file)),
        ours=lambda entry: entry["user"]["login"] == author,
        edit=f"{repository}/issues/comments",
        method="PATCH",
    )


def gitlab(file: str) -> None:
    """The merge request of this pipeline."""
    api = Api(os.environ["CI_API_V4_URL"], "PRIVATE-TOKEN", os.environ["GITLAB_TOKEN"])
    notes = (
        f"/projects/{int(os.environ['CI_PROJECT_ID'])}/merge_requests/{int(os.environ['CI_MERGE_REQUEST_IID'])}/notes"
    )
    me = api.ask("/user")["username"]
    ours = lambda entry: entry["author"]["username"] == me  # noqa: E731
    write(api, notes, text_of(Path(file)), ours=ours, edit=notes, method="PUT")


def main() -> None:
    """The command."""
    match sys.argv[1:]:
        case ["github", owner, branch, commit, file]:
            github(owner, branch, commit, file)
        case ["gitlab", file]:
            gitlab(file)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
