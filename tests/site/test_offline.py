"""What the copies of the book are made of: all that its pages load, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from tillit.site.offline import WORKER, needed, write_worker
from tillit.site.pyodide import write_named

PAGE = """
<link rel="stylesheet" href="../_static/style.css?digest=1"><link rel="next" href="../not-in-the-book.html">
<link rel="preload modulepreload" href="../_static/tillit/build-1/page.mjs">
<script src="../_static/a%20script.js"></script><script src="https://elsewhere.example/_static/other.js"></script>
<img src="../_images/picture.svg"><img src="data:image/png;base64,AAAA"><a href="../_static/notes.pdf">notes</a>
"""


def made(site: Path) -> Path:
    files = {
        "lessons/one.html": PAGE,
        "not-in-the-book.html": "",
        "_static/style.css": '@import "sub/base.css"; a { background: url(../_images/back.svg#top) }',
        "_static/sub/base.css": "@font-face { src: url('../f.woff2') format('woff2'), url(\"../f.ttf\") }",
        "_static/a script.js": "",
        "_static/other.js": "",
        "_static/notes.pdf": "",
        "_static/f.woff2": "",
        "_static/f.ttf": "",
        "_images/picture.svg": "",
        "_images/back.svg": "",
        "_static/tillit/build-1/page.mjs": "",
        "_static/tillit/build-1/worker.mjs": "",
    }
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, "utf-8")
    return site


def test_pages_what_they_load_and_what_that_loads_are_needed(tmp_path: Path) -> None:
    assert needed(made(tmp_path), ["lessons/one.html"]) == [
        "_images/back.svg",
        "_images/picture.svg",
        "_static/a script.js",
        "_static/f.woff2",
        "_static/style.css",
        "_static/sub/base.css",
        "_static/tillit/build-1/page.mjs",
        "_static/tillit/build-1/worker.mjs",
        "lessons/one.html",
    ]


def test_a_changed_file_is_another_worker_and_the_same_files_are_the_same(tmp_path: Path) -> None:
    site = made(tmp_path)
    scripts = []
    for text in ("", "changed", ""):
        (site / "_images" / "picture.svg").write_text(text, "utf-8")
        write_worker(site, ["lessons/one.html"])
        scripts.append((site / WORKER).read_text("utf-8"))
    assert scripts[0] == scripts[2] != scripts[1]
    listed = json.loads(scripts[1].partition("FILES = ")[2].partition(";")[0])
    digest = base64.b64encode(hashlib.sha256(b"changed").digest()).decode()
    assert listed["_images/picture.svg"] == f"sha256-{digest}"
    assert "_static/a%20script.js" in listed


def test_a_folder_is_named_by_what_is_in_it_and_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    first = write_named("build", {"a.mjs": b"1", "b.mjs": b""}, tmp_path)
    assert write_named("build", {"b.mjs": b"", "a.mjs": b"1"}, tmp_path) == first
    second = write_named("build", {"a.mjs": b"2", "b.mjs": b""}, tmp_path)
    assert list(tmp_path.iterdir()) == [second] and (second / "a.mjs").read_bytes() == b"2"
