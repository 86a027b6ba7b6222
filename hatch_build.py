"""Build hook: compiles every scenario.yaml to the scenario.json beside it, which is what the engine reads.

Runs when a wheel is built and on `pip install -e .`; `python hatch_build.py` does the same by hand.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_scenarios(root: Path) -> list[Path]:
    """Compile what is there, write only what changed, and return the files written."""
    sources = sorted((root / "src" / "tillit" / "scenarios").glob("*/scenario.yaml"))
    if not sources:
        return []
    sys.path.insert(0, str(root / "src"))
    try:
        from tillit.authoring.compile import compile_scenario
    finally:
        sys.path.pop(0)
    written = []
    for source in sources:
        compiled = compile_scenario(source)
        text = json.dumps(compiled, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        target = source.with_suffix(".json")
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")
            written.append(target)
    return written


class ScenarioBuildHook(BuildHookInterface[Any]):
    """Registered as hatchling's "custom" hook in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_scenarios(Path(self.root))


if __name__ == "__main__":
    for path in compile_scenarios(Path(__file__).resolve().parent):
        print(f"compiled {path}")
