"""How long Mesa's own browser view (SolaraViz) takes from an action to the new picture.

Part of ``make bench-lab``, so that it is timed beside the lab; alone: ``python -m experiments.benchmark.solara_view``.
Needs the extras ``viz`` and ``browser``, and Chromium. Times are those seen inside the page: from the click to the
animation frame in which both pictures are new.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from typing import Any

import numpy as np

WARM_UP = 3

# Both pictures are replaced by new blobs; a picture counts when it has been decoded.
WATCH = """
() => {
  const pictures = () => Array.from(document.querySelectorAll('img')).filter(i => i.src.startsWith('blob:'));
  window.waitForNew = (button) => new Promise((done, fail) => {
    const old = new Set(pictures().map(i => i.src));
    const start = performance.now();
    button.click();
    const look = () => {
      const now = pictures();
      const ready = now.length >= 2 && now.every(i => !old.has(i.src) && i.complete && i.naturalWidth > 0);
      if (ready) done(performance.now() - start);
      else if (performance.now() - start > 120000) fail(new Error('no new picture within two minutes'));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
"""


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def serve(port: int) -> subprocess.Popen[bytes]:
    """Start the view on this machine alone."""
    words = ["run", "sim.mesa_front.solara_app", "--port", str(port), "--no-open", "--production"]
    return subprocess.Popen(
        [sys.executable, "-m", "solara", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def opened(browser: Any, address: str) -> Any:
    """Return the page once both pictures are there."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    for _ in range(60):
        try:
            page.goto(address)
            break
        except Exception:
            time.sleep(0.5)
    page.locator("img[src^='blob:']").nth(1).wait_for(timeout=120_000)
    page.evaluate(WATCH)
    return page


def press(page: Any, button: str) -> float:
    """Click a button and return the milliseconds until both pictures are new."""
    return float(page.get_by_role("button", name=button).evaluate("button => window.waitForNew(button)"))


def move(page: Any, label: str, key: str) -> None:
    """Move a slider by a key; the pause lets its value reach the server (a slider alone draws nothing)."""
    slider = page.locator(".v-input__slider", has_text=label).locator("[role=slider]")
    slider.focus()
    slider.press(key)
    page.wait_for_timeout(300)


def clicks(browser: Any, repeats: int) -> dict[str, list[float]]:
    """Return milliseconds of each action, by its words.

    Parameters
    ----------
    browser : playwright Browser
        A running browser.
    repeats : int
        Actions of each kind, after some to warm up.
    """
    port = free_port()
    server = serve(port)
    try:
        page = opened(browser, f"http://127.0.0.1:{port}/")
        steps = [press(page, "Step") for _ in range(repeats + WARM_UP)]
        for _ in range(10):
            move(page, "go at once to week", "ArrowRight")
        resets = []
        for number in range(repeats + WARM_UP):
            move(page, "leadership", "ArrowRight" if number % 2 else "ArrowLeft")
            resets.append(press(page, "Reset"))
        page.close()
    finally:
        server.terminate()
        server.wait()
    return {"one week more": steps[WARM_UP:], "slider moved, then all of 260 weeks anew": resets[WARM_UP:]}


def main() -> int:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for action, times in clicks(browser, 20).items():
            median, high = np.percentile(times, [50, 95])
            print(f"{action}: {median:.0f} / {high:.0f} ms")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
