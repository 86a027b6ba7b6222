"""`make course`: the built site on a local address, until Ctrl-C.

Run as `python -m tillit.site.course SITE`. The address answers on this machine only. Where there is no browser it is
printed and nothing else happens.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import threading
import webbrowser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"


class _Pages(SimpleHTTPRequestHandler):
    """Serves files quietly, and modules and WebAssembly under the types that browsers insist on."""

    extensions_map: dict[str, str] = {  # noqa: RUF012 (the base class declares it so)
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self) -> None:
        """Has the browser ask each time: after a new build it must not mix old modules with new ones."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the address should stay in sight."""


def serve(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Serve a folder from a thread, on the port asked for or, if that is taken, on any free one."""
    handler = functools.partial(_Pages, directory=str(folder))
    try:
        server = ThreadingHTTPServer((HOST, port), handler)
    except OSError:
        server = ThreadingHTTPServer((HOST, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def open_where_possible(address: str) -> None:
    """Open a page in the browser, if a window could open here."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    webbrowser.open(address)  # False where there is no browser; the address has been printed


def main(arguments: list[str] | None = None) -> int:
    """Serve the site, say where it is, open it, and wait."""
    parser = argparse.ArgumentParser(prog="python -m tillit.site.course", description="Open the course.")
    parser.add_argument("site", type=Path, help="the folder of built pages")
    parser.add_argument("--port", type=int, default=8600, help="the port, if it is free (default: 8600)")
    options = parser.parse_args(arguments)
    if not (options.site / "index.html").exists():
        print(f"There is no site in {options.site}. Build it first: make book", file=sys.stderr)
        return 1

    server = serve(options.site, options.port)
    address = f"http://{HOST}:{server.server_port}/"
    print(f"\n  The course: {address}\n\nStop with Ctrl-C.", flush=True)
    open_where_possible(address)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nStopped.")
    finally:
        server.shutdown()
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
