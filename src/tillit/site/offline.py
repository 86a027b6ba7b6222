"""The whole book without a network: what its pages are made of, for the service worker that keeps copies of it.

The list is written into the service worker itself, each file with its digest. So a browser sees a new build by that
script alone, and takes as a copy only what is exactly what was built (see static/service-worker.mjs).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit

from tillit.site import pyodide

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WORKER = "service-worker.mjs"
_LOADED = {"stylesheet", "icon", "preload", "modulepreload"}  # kinds of <link>; the others lead to pages
_CSS_ADDRESS = re.compile(r"""(?:@import\s+["']|url\(\s*["']?)([^"')]+)""")
_HERE = "http://site/"  # stands for wherever the site will be


class _References(HTMLParser):
    """Collects what a page loads to be shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and _LOADED.isdisjoint(values.get("rel", "").split()):
            return
        address = values.get("href" if tag == "link" else "src", "")
        if address and tag in ("img", "link", "script", "source"):
            self.found.append(address)


def needed(site: Path, pages: list[str]) -> list[str]:
    """What these pages are made of: they themselves, what they and their style sheets load, and the whole player.

    Paths from the root of the site, in order. Fonts are taken as WOFF2 only: a browser that knows service workers
    knows that format.
    """
    player = [file.relative_to(site).as_posix() for file in (site / "_static" / "tillit").rglob("*") if file.is_file()]
    found: set[str] = set()
    waiting = [*pages, *player]
    while waiting:
        path = waiting.pop()
        if path in found or path.endswith(".ttf") or not (site / path).is_file():
            continue
        found.add(path)
        for address in _references(site / path):
            target = urlsplit(urljoin(_HERE + quote(path), address))
            if target.hostname == "site":
                waiting.append(unquote(target.path).lstrip("/"))
    return sorted(found)


def _references(file: Path) -> list[str]:
    if file.suffix == ".css":
        return _CSS_ADDRESS.findall(file.read_text("utf-8"))
    if file.suffix != ".html":
        return []
    parser = _References()
    parser.feed(file.read_text("utf-8"))
    return parser.found


def write_worker(site: Path, pages: list[str]) -> None:
    """Write the service worker of a built site. It answers for what lies beside it and below, so it stands on top."""
    kept = {quote(path): _integrity((site / path).read_bytes()) for path in needed(site, pages)}
    listed = json.dumps(kept, indent=0)
    build = hashlib.sha256(listed.encode()).hexdigest()[:12]
    script = (Path(__file__).parent / "static" / WORKER).read_text("utf-8")
    pyodide.write(site / WORKER, f'const BUILD = "{build}";\nconst FILES = {listed};\n{script}'.encode())


def _integrity(data: bytes) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        names = [*sorted(app.env.found_docs), "genindex", "search"]
        write_worker(Path(app.outdir), [f"{name}.html" for name in names])


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.connect("build-finished", _finish, priority=950)  # when the pages are as they will be
