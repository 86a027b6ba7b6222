"""How fast a day at the desk is in a browser: run `python benchmarks/browser.py [SITE]`, by default `_build/html`.

Each round is a fresh profile: a first visit, then a second and a third, of which the third counts as warm (by then the
service worker answers). Bytes are counted at the server: what went out, and what it would have been compressed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
LESSON = "lessons/rely-review-or-step-in.html"
PACKED = (".zip", ".woff2", ".png")  # compressing these again gains nothing

# Goes through a day again and again with the first act that is offered, and times each from click to drawing.
TIME_ACTS = """async (wanted) => {
  const find = (start) => document.querySelector(`.tillit [data-key^="${start}"]`);
  const times = [];
  const answered = (act) => new Promise((resolve) => {
    const watcher = new MutationObserver(() => {
      if (!find("outcome:")) return;
      watcher.disconnect();
      resolve(performance.now());
    });
    watcher.observe(document.querySelector(".tillit"), { subtree: true, childList: true });
    act();
  });
  while (times.length < wanted) {
    const waiting = [...document.querySelectorAll(".t-inbox-item:not([data-state=done])")];
    if (waiting.length < 2) { // the last act brings the debrief, which is another matter
      find("restart").click();
      find("confirm-yes").click();
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    waiting[0].click();
    const before = performance.now();
    const after = await answered(() => find("act:").click());
    times.push(after - before);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return times;
}"""


@cache
def compressed(path: Path) -> int:
    data = path.read_bytes()
    return len(data) if path.suffix in PACKED else len(gzip.compress(data, 6))


@dataclass
class Count:
    """What a server has sent since it was last asked."""

    raw: int = 0
    gzip: int = 0
    requests: int = 0


class Counting(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = Count()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def end_headers(self) -> None:
        self.count.requests += 1
        headers: int = sum(len(line) for line in self._headers_buffer)  # type: ignore[attr-defined, misc]
        self.count.raw += headers
        self.count.gzip += headers
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        path = Path(source.name)
        self.count.raw += path.stat().st_size
        self.count.gzip += compressed(path)
        super().copyfile(source, outputfile)


@dataclass
class Result:
    """What was measured, a number a round; seconds, except for acts (milliseconds) and sizes (bytes)."""

    readable: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    sent: list[Count] = field(default_factory=list)


def visit(context: BrowserContext, address: str, result: Result) -> Page:
    """Open the page, act as soon as it can be, and note when what was there."""
    Counting.count.__init__()  # type: ignore[misc]
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".t-letter p")
    result.readable.append(time.perf_counter() - start)
    page.wait_for_selector(".tillit-frame .tillit")
    page.evaluate("""() => {
      document.querySelector(".t-inbox-item:not([data-state=done])").click();
      document.querySelector('.tillit [data-key^="act:"]').click();
    }""")
    page.wait_for_selector('[data-key^="outcome:"]', state="attached")
    result.answered.append(time.perf_counter() - start)
    page.wait_for_selector(".tillit-progress.tillit-done", state="attached")
    result.ready.append(time.perf_counter() - start)
    return page


def measure(playwright: Playwright, address: str, rounds: int, acts: int) -> tuple[Result, Result, list[float]]:
    """Cold and warm visits, and the times of acts."""
    cold, warm, times = Result(), Result(), list[float]()
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="tillit-bench-") as profile:
            context = playwright.chromium.launch_persistent_context(
                profile,
                executable_path=shutil.which("chromium"),
                args=FLAGS.split(),
                viewport={"width": 1280, "height": 900},
            )
            context.set_default_timeout(120_000)
            page = visit(context, address, cold)
            page.wait_for_timeout(3000)  # the copies for offline use are part of the first visit
            cold.sent.append(Count(**vars(Counting.count)))
            times += page.evaluate(TIME_ACTS, acts)
            page.close()
            for result in (Result(), warm):
                page = visit(context, address, result)
                page.wait_for_timeout(1500)
                result.sent.append(Count(**vars(Counting.count)))
                page.close()
            context.close()
    return cold, warm, times


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("site", nargs="?", type=Path, default=Path("_build/html"))
    parser.add_argument("--page", default=LESSON)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--acts", type=int, default=30, help="acts timed in each round")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if not (options.site / options.page).is_file():
        print(f"There is no {options.page} in {options.site}. Build the site first: make site", file=sys.stderr)
        return 1
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(options.site.resolve())))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/{options.page}"
    with sync_playwright() as playwright:
        cold, warm, times = measure(playwright, address, options.rounds, options.acts)
    server.shutdown()
    server.server_close()
    rows = summary(cold, warm, times)
    print(json.dumps(rows, indent=1) if options.json else table(rows))
    return 0


def summary(cold: Result, warm: Result, times: list[float]) -> dict[str, float]:
    """Medians."""
    middle: Callable[[list[float]], float] = statistics.median
    rows: dict[str, float] = {}
    for name, result in (("cold", cold), ("warm", warm)):
        rows[f"first message readable, {name}, s"] = middle(result.readable)
        rows[f"ready to act, {name}, s"] = middle(result.ready)
        rows[f"first act answered, {name}, s"] = middle(result.answered)
        rows[f"over the wire, compressed, {name}, MB"] = middle([count.gzip for count in result.sent]) / 1e6
        rows[f"over the wire, as served, {name}, MB"] = middle([count.raw for count in result.sent]) / 1e6
        rows[f"requests, {name}"] = middle([count.requests for count in result.sent])
    rows["an act answered, median, ms"] = middle(times)
    rows["an act answered, 95 of 100 within, ms"] = sorted(times)[int(0.95 * len(times))]
    return rows


def table(rows: dict[str, float]) -> str:
    return "\n".join(f"{name:<45} {value:8.2f}" for name, value in rows.items())


if __name__ == "__main__":
    sys.exit(main())
