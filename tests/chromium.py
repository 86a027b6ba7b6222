"""How the tests start Chromium: without a sandbox, since CI is root, and without asking anybody for anything. And what
several of them run in a page."""

from __future__ import annotations

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Keeps how far a run of months has got, as the screen of the rule book has shown it, in `window.shares`.
WATCH_RUN = """() => {
  window.shares = [];
  new MutationObserver(() => {
    const bar = document.querySelector(".r-run progress");
    if (bar && window.shares.at(-1) !== bar.value) window.shares.push(bar.value);
  }).observe(document.querySelector(".tillit"), { attributes: true, childList: true, subtree: true });
}"""
