"""How fast a day at the desk is in a browser: run `python benchmarks/browser.py [SITE]`, by default `_build/html`.

Three ways of delivering the same scenario stand side by side: the page of the book, a JupyterLite notebook with the
player as a widget, and one with a plain player made of ipywidgets. Each round is a fresh profile for each of them: a
first visit, then a second and a third, of which the third counts as warm (by then the service worker answers). Bytes
are counted at the server: what went out, and what it would have been compressed. An act is timed from the click to the
change of the page. A notebook does not run by itself: its cell is run as soon as it is on the screen, so what a person
takes to find the button is not counted.

Below them stands the debrief of a week of forty messages in the page: from the click of the last act to its first
words, for somebody who reads each message for a second, and for somebody who reads none.
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
from typing import Any, Protocol

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tillit.site import notebooks, scenario

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
NOTEBOOKS = Path(__file__).with_name("notebooks")
LESSON = "lessons/rely-review-or-step-in.html"
WEEK = "lessons/a-week-at-the-desk.html"
READING = {"a second for each message": 1000, "no time for any message": 0}  # ms
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
      while (document.querySelector(".t-inbox-item[data-state=done]")) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
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

# Relies on every draft of a week, and times from the last click until its answer, and until the debrief, are there.
TIME_DEBRIEF = """async (reading) => {
  const find = (selector) => document.querySelector(`.tillit ${selector}`);
  const until = (there) => new Promise((resolve) => {
    const look = () => there() && (watcher.disconnect(), resolve(performance.now()));
    const watcher = new MutationObserver(look);
    watcher.observe(document.querySelector(".tillit"), { subtree: true, childList: true, attributes: true });
    look();
  });
  for (;;) {
    const message = find(".t-inbox-item:not([data-state=done])");
    if (!message) {
      find('[data-key="next"]').click(); // the evening, with the messages of the next day
      await until(() => find(".t-inbox-item:not([data-state=done])"));
      continue;
    }
    message.click();
    await new Promise((resolve) => setTimeout(resolve, reading));
    const id = message.dataset.key.replace("inbox:", "");
    const before = performance.now();
    find(`[data-key="act:${id}:rely"]`).click();
    const answered = await until(() => find(`[data-key="outcome:${id}"]`));
    if (!find(".t-next")?.textContent.startsWith("See how")) continue;
    find('[data-key="next"]').click();
    return [answered - before, await until(() => find(".t-debrief .t-chapter")) - before];
  }
}"""

# The same with the plain player, of which every change, also to another message, is drawn in Python.
TIME_PLAIN_ACTS = """async (wanted) => {
  const all = (name) => [...document.querySelectorAll(`button.plain-${name}`)];
  const until = (there) => new Promise((resolve) => {
    if (there()) return resolve(performance.now());
    const watcher = new MutationObserver(() => {
      if (!there()) return;
      watcher.disconnect();
      resolve(performance.now());
    });
    watcher.observe(document.body, { subtree: true, childList: true });
  });
  const outcome = () => document.querySelector(".plain-outcome");
  const times = [];
  while (times.length < wanted) {
    const waiting = all("waiting");
    if (waiting.length < 2) {
      all("restart")[0].click();
      await until(() => all("done").length === 0 && all("act").length);
      continue;
    }
    waiting[0].click();
    await until(() => all("act").length && !outcome());
    const before = performance.now();
    all("act")[0].click();
    times.push(await until(outcome) - before);
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
        headers = sum(map(len, vars(self)["_headers_buffer"]))  # which typeshed keeps quiet about
        self.count.raw += headers
        self.count.gzip += headers
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        path = Path(source.name)
        self.count.raw += path.stat().st_size
        self.count.gzip += compressed(path)
        super().copyfile(source, outputfile)


# --- ways to bring a scenario to a reader ------------------------------------------------------------------------

Note = Callable[[str], None]


class Delivery(Protocol):
    """One way to bring a scenario to a reader: the address, and how a script knows what is there and acts."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> str:
        """The page, from the root of the site."""
        ...

    @property
    def acts(self) -> str:
        """JavaScript: a function that does so many acts one after another and returns what each took, in ms."""
        ...

    def visit(self, page: Page, note: Note) -> None:
        """Once the address has been opened: wait for what is to be measured, and note it as it comes, by the names in
        MILESTONES."""
        ...


MILESTONES = {"readable": "first message readable", "ready": "ready to act", "answered": "first act answered"}


@dataclass(frozen=True)
class InPage:
    """The scenario in a page of the book. It can be acted upon before Python is there."""

    path: str = LESSON
    name: str = "page"
    acts: str = TIME_ACTS

    def visit(self, page: Page, note: Note) -> None:
        page.wait_for_selector(".t-letter p")
        note("readable")
        page.wait_for_selector(".tillit-frame .tillit")
        page.evaluate("""() => {
          document.querySelector(".t-inbox-item:not([data-state=done])").click();
          document.querySelector('.tillit [data-key^="act:"]').click();
        }""")
        page.wait_for_selector('[data-key^="outcome:"]', state="attached")
        note("answered")
        page.wait_for_selector(".tillit-progress.tillit-done", state="attached")
        note("ready")


@dataclass(frozen=True)
class InNotebook:
    """The scenario in a JupyterLite notebook of the same site: the first cell is run, and nothing before it."""

    name: str  # the notebook's
    message: str  # selector of the first message
    waiting: str  # selector of a message in the inbox that waits
    act: str  # selector of what can be done with it
    outcome: str  # selector of what became of it
    acts: str

    @property
    def path(self) -> str:
        return f"{notebooks.FOLDER}/notebooks/index.html?path={self.name}/{self.name}.ipynb"

    def visit(self, page: Page, note: Note) -> None:
        page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(self.message)
        note("readable")
        page.locator(self.waiting).first.click()
        page.wait_for_selector(self.act)
        note("ready")
        page.locator(self.act).first.click()
        page.wait_for_selector(self.outcome, state="attached")
        note("answered")


DELIVERIES: tuple[Delivery, ...] = (
    InPage(),
    InNotebook(
        name="with-player",
        message=".tillit .t-letter p",
        waiting=".tillit .t-inbox-item:not([data-state=done])",
        act='.tillit [data-key^="act:"]',
        outcome='.tillit [data-key^="outcome:"]',
        acts=TIME_ACTS,
    ),
    InNotebook(
        name="with-ipywidgets",
        message=".plain-message p",
        waiting="button.plain-waiting",
        act="button.plain-act",
        outcome=".plain-outcome",
        acts=TIME_PLAIN_ACTS,
    ),
)


def with_notebooks(site: Path, copy: Path) -> Path:
    """A copy of a built site with the notebooks of this benchmark in the place of the exercises."""
    shutil.copytree(site, copy)
    shutil.rmtree(copy / notebooks.FOLDER, ignore_errors=True)
    (shared,) = copy.glob("_static/tillit/pyodide-*")
    with tempfile.TemporaryDirectory() as scratch:
        wheel = scenario.wheel(Path(scratch))
        notebooks.install(copy, scenario.ROOT / ".make", NOTEBOOKS, shared.relative_to(copy).as_posix(), wheel)
    return copy


# --- measuring --------------------------------------------------------------------------------------------------


@dataclass
class Visits:
    """What was measured at first visits, or at later ones: seconds, by milestone, and what the server sent."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MILESTONES})
    sent: list[Count] = field(default_factory=list)


@dataclass
class Result:
    """All visits of one delivery, and what an act took in milliseconds."""

    cold: Visits = field(default_factory=Visits)
    warm: Visits = field(default_factory=Visits)
    acts: list[float] = field(default_factory=list)


def visit(context: BrowserContext, delivery: Delivery, address: str, visits: Visits, settle: float) -> Page:
    """Open the page in a new tab and note what was there when, and what was sent until it had come to rest."""
    Counting.count = Count()
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address + delivery.path, wait_until="commit")
    delivery.visit(page, lambda name: visits.seconds[name].append(time.perf_counter() - start))
    page.wait_for_timeout(settle * 1000)  # copies for offline use are part of a visit
    visits.sent.append(Count(**vars(Counting.count)))
    return page


def measure(playwright: Playwright, delivery: Delivery, address: str, acts: int, result: Result) -> None:
    """One round in a fresh profile: a first visit with acts, then a second and a third, of which the third counts."""
    with tempfile.TemporaryDirectory(prefix="tillit-bench-") as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=FLAGS.split(),
            viewport={"width": 1280, "height": 900},
        )
        context.set_default_timeout(60_000)
        page = visit(context, delivery, address, result.cold, settle=4)
        result.acts += page.evaluate(delivery.acts, acts)
        page.close()
        for visits in (Visits(), result.warm):
            visit(context, delivery, address, visits, settle=2).close()
        context.close()


def debrief_of_a_week(playwright: Playwright, address: str, reading: int) -> tuple[float, float]:
    """Milliseconds from the last act of a week to its answer, and to the debrief; `reading` in ms a message."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(address + WEEK)
    page.wait_for_selector(".tillit-progress.tillit-done", state="attached")
    answered, debriefed = page.evaluate(TIME_DEBRIEF, reading)
    browser.close()
    return answered, debriefed


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("site", nargs="?", type=Path, default=Path("_build/html"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--acts", type=int, default=30, help="acts timed in each round")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if not (options.site / LESSON).is_file():
        print(f"There is no {LESSON} in {options.site}. Build the site first: make site", file=sys.stderr)
        return 1
    results = {delivery.name: Result() for delivery in DELIVERIES}
    weeks: dict[str, list[tuple[float, float]]] = {name: [] for name in READING}
    with tempfile.TemporaryDirectory(prefix="tillit-bench-") as scratch:
        site = with_notebooks(options.site, Path(scratch, "site"))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(site)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            for _ in range(options.rounds):  # in turn, so that a busy minute of the machine is everybody's
                for delivery in DELIVERIES:
                    address = f"http://127.0.0.1:{server.server_port}/"
                    measure(playwright, delivery, address, options.acts, results[delivery.name])
                for name, reading in READING.items():
                    weeks[name].append(debrief_of_a_week(playwright, address, reading))
        server.shutdown()
        server.server_close()
    rows = {name: summary(result) for name, result in results.items()}
    week = {name: [statistics.median(column) for column in zip(*times, strict=True)] for name, times in weeks.items()}
    print(json.dumps({**rows, "week": week}, indent=1) if options.json else f"{table(rows)}\n\n{week_table(week)}")
    return 0


def summary(result: Result) -> dict[str, float]:
    """Medians."""
    middle: Callable[[list[float]], float] = statistics.median
    rows: dict[str, float] = {}
    for name, visits in (("cold", result.cold), ("warm", result.warm)):
        for milestone, words in MILESTONES.items():
            rows[f"{words}, {name}, s"] = middle(visits.seconds[milestone])
        rows[f"over the wire, compressed, {name}, MB"] = middle([count.gzip for count in visits.sent]) / 1e6
        rows[f"over the wire, as served, {name}, MB"] = middle([count.raw for count in visits.sent]) / 1e6
        rows[f"requests, {name}"] = middle([count.requests for count in visits.sent])
    rows["an act answered, median, ms"] = middle(result.acts)
    rows["an act answered, 95 of 100 within, ms"] = sorted(result.acts)[int(0.95 * len(result.acts))]
    return rows


def table(results: dict[str, dict[str, float]]) -> str:
    """A column for each delivery, and how many times sooner than in the last one each milestone comes in the first."""
    lines = [" " * 45 + "".join(f"{name:>17}" for name in results) + f"{'times sooner':>15}"]
    first, *_, last = results.values()
    for row in first:
        ratio = f"{last[row] / first[row]:15.1f}" if row.endswith((" s", " ms")) else ""
        lines.append(f"{row:<45}" + "".join(f"{rows[row]:17.2f}" for rows in results.values()) + ratio)
    return "\n".join(lines)


def week_table(week: dict[str, list[float]]) -> str:
    """The last act of a week, and the debrief, by how long every message was read."""
    lines = [f"{'The last act of a week, ms':<45}{'answered':>17}{'debrief':>17}"]
    lines += [f"{name:<45}{answered:17.0f}{debriefed:17.0f}" for name, (answered, debriefed) in week.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
