"""How fast the lab answers, in a real Chromium: a slider, the first picture, the lesson file, a class of thirty.

``make bench-lab`` writes what it measured into ``docs/guide/lab.md``. Times of a slider are taken inside the page,
from the input event to both plans redrawn.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from experiments.benchmark.solara_view import clicks
from experiments.pages import table, write_between

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guide" / "lab.md"
BEGIN, END = "<!-- lab: written by make bench-lab -->", "<!-- end of lab -->"
CHANGES, OPENINGS, CLASS, SOLARA = 80, 10, 30, 20
LARGE = "#case=chrp&week=260&A.parameters.approaches_per_year=7&B.parameters.approaches_per_year=7"
"""A partnership that is joined often, so that it has some 24 seats."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def opened(browser: Browser, address: str) -> Page:
    """Return a tab in which the page has drawn its first picture."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


def first_picture(browser: Browser, address: str) -> list[float]:
    """Return milliseconds from asking for the page to its first picture, for some openings."""
    found = []
    for _ in range(OPENINGS):
        page = opened(browser, address)
        found.append(page.evaluate("performance.getEntriesByName('lab:first')[0].startTime"))
        page.close()
    return found


def slider(browser: Browser, address: str) -> dict[str, Any]:
    """Move a slider of plan B many times and return how long the pictures and the fan took."""
    page = opened(browser, address + LARGE)
    page.wait_for_timeout(1500)
    page.evaluate("performance.clearMeasures()")
    fans = []
    for number in range(CHANGES):
        move = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }"
        name = ("leadership", "communication", "administration", "power_sharing")[number % 4]
        page.locator(f"#B-{name}").evaluate(move, str((number % 19 + 1) / 20))
        page.wait_for_timeout(100 if number % 8 else 1200)
        fans = page.evaluate("performance.getEntriesByName('lab:fan').map((entry) => entry.duration)")
    changes = page.evaluate("performance.getEntriesByName('lab:change').map((entry) => entry.duration)")
    seats = page.locator(".plan-b .seat:visible").count()
    scrubs = page.evaluate(
        """() => [...Array(100).keys()].map((i) => {
             const week = document.getElementById("week"), began = performance.now();
             week.value = 2 * i; week.dispatchEvent(new Event("input"));
             return performance.now() - began; })"""
    )
    page.close()
    return {"changes": changes, "fans": fans, "scrubs": scrubs, "seats": seats}


def a_class(port: int) -> list[float]:
    """Let thirty ask at once, each about a plan of its own, and return milliseconds until each has the answer."""

    def ask(number: int) -> float:
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        plan = json.dumps({"case": "chrp", "seed": 77, "replicate": number})
        connection.request("POST", "/api/run", plan, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            raise RuntimeError(f"asked by a class of {CLASS}, the lab answered {reply.status}")
        return 1000 * (time.perf_counter() - began)

    with ThreadPoolExecutor(CLASS) as pool:
        return list(pool.map(ask, range(CLASS)))


def size_of(port: int, path: str, plan: dict[str, Any] | None = None) -> int:
    """Return the bytes of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    body = None if plan is None else json.dumps(plan)
    connection.request("GET" if plan is None else "POST", path, body, {"Content-Type": "application/json"})
    return len(connection.getresponse().read())


def measure() -> list[tuple[str, str]]:
    """Return rows of what and how much."""
    command = [sys.executable, "-m", "sim"]
    began = time.perf_counter()
    server = subprocess.Popen([*command, "lab", "port=0", "browser=no"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split(" is at ")[1].split()[0]
        up = time.perf_counter() - began
        port = int(address.rsplit(":", 1)[1].strip("/"))
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
            lesson = Path(folder) / "lesson.html"
            subprocess.run([*command, "lesson", "--out", str(lesson)], check=True, cwd=ROOT, capture_output=True)
            chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            live, moved, baked = first_picture(browser, address), slider(browser, address), None
            baked = first_picture(browser, lesson.as_uri())
            beside = clicks(browser, SOLARA)
            version = browser.version
            browser.close()
            sizes = [size_of(port, "/"), *(size_of(port, f"/api/{question}", {}) for question in ("run", "fan"))]
            sizes.append(lesson.stat().st_size)
        waits = a_class(port)
    finally:
        server.terminate()
        server.wait(10)
    seats, changes, fans = moved["seats"], moved["changes"], moved["fans"]
    host = f"Python {platform.python_version()}, {platform.machine()}, a machine shared with others"
    return [
        (f"slider to both plans redrawn, {seats} seats, 260 weeks, {len(changes)} redrawings", _pair(changes)),
        (
            f"slider to the fan of other luck redrawn, {len(fans)} fans (120 ms of it: is the hand at rest?)",
            _pair(fans),
        ),
        ("scrubbing by one picture", _pair(moved["scrubs"])),
        *((f"Mesa's own view (SolaraViz) in the same run: {action}", _pair(times)) for action, times in beside.items()),
        (f"first picture, {OPENINGS} openings", _pair(live)),
        (f"first picture of the lesson file from disk, {OPENINGS} openings", _pair(baked)),
        (f"{CLASS} people asking at once, a plan each", _pair(waits)),
        ("server up, model compiled before", f"{up:.1f} s"),
        ("size of page / one run / one fan", " / ".join(f"{size / 1000:.0f} kB" for size in sizes[:3])),
        ("size of the lesson file, 17 plans, 2 lucks each", f"{sizes[3] / 1e6:.2f} MB"),
        ("measured on", f"Chromium {version}, {host}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"),
    ]


def _pair(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.0f} / {percentile(values, 0.95):.0f} ms"


def main() -> int:
    """Measure, print, and write the table into the page."""
    shown = table(("what", "median / 95th percentile, or how much"), measure())
    print(shown)
    write_between(PAGE, BEGIN, END, shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
