"""A real browser that loads one page again and again: `python -m tests.lab.looking URL`, run in the lab's network.

Debian's chromium, steered by Selenium through Debian's chromedriver. Writes a line of JSON for each load (see `look`)
and ends the browser when its standard input ends.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

#: Debian's own: Selenium would download others.
BROWSER, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
#: As root and without a screen; nothing is asked of the vendor's servers.
WORDS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: For one load, in seconds: a browser that meets a VIP on its way tries again by itself meanwhile.
PATIENCE = 20
PAUSE = 0.1


@contextmanager
def browser() -> Iterator[Chrome]:
    """A browser with an empty profile; it is ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="browser-") as profile:
        options = ChromeOptions()
        options.binary_location = BROWSER
        for word in (*WORDS, f"--user-data-dir={profile}"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        driver = Chrome(options=options, service=Service(DRIVER, env={**os.environ, "SE_OFFLINE": "true"}))
        try:
            driver.set_page_load_timeout(PATIENCE)
            yield driver
        finally:
            driver.quit()


def look(driver: Chrome, url: str) -> dict[str, str]:
    """One load.

    Returns:
        `title`, `heading` (text of the h1) and `served_by` (the header X-Served-By); or `error`, where no page came.
    """
    try:
        driver.get(url)
        heading = driver.find_element(By.TAG_NAME, "h1").text
        return {"title": driver.title, "heading": heading, "served_by": _served_by(driver, url)}
    except WebDriverException as error:
        _served_by(driver, url)  # what is logged of this load is not the next one's
        return {"error": (error.msg or repr(error)).splitlines()[0]}


def _served_by(driver: Chrome, url: str) -> str:
    """The host that gave the document loaded last, by the browser's own log of its network."""
    served = ""
    entries: list[dict[str, Any]] = driver.get_log("performance")  # type: ignore[no-untyped-call]
    for entry in entries:
        message: dict[str, Any] = json.loads(entry["message"])["message"]
        if message["method"] != "Network.responseReceived" or message["params"].get("type") != "Document":
            continue
        response = message["params"]["response"]
        if response["url"] == url:
            headers = {name.lower(): value for name, value in response["headers"].items()}
            served = headers.get("x-served-by", "")
    return served


def main(url: str) -> None:
    """Loads until standard input ends."""
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    with browser() as driver:
        while not ended.is_set():
            print(json.dumps(look(driver, url)), flush=True)
            ended.wait(PAUSE)


if __name__ == "__main__":
    main(sys.argv[1])
