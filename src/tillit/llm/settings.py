"""Which model to talk to, if any: from the environment or from a settings file outside the repository.

| variable | in the file | |
|---|---|---|
| `TILLIT_LLM` | | `off` forbids the network whatever else is set |
| `TILLIT_LLM_BASE_URL` | `base_url` | of an OpenAI-compatible endpoint, such as `http://localhost:11434/v1` |
| `TILLIT_LLM_MODEL` | `model` | the model's name there |
| `TILLIT_LLM_KEY` | `key` | where the endpoint wants one |
| | `tokens_a_day`, `minutes_a_day` | how much one learner may use |
| | `seconds` | how long one answer may take; more for a small machine |

No other variable is read: a key that somebody has for other work is not taken for consent to use it here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tillit.llm.provider import ModelError

TOKENS_A_DAY = 200_000  # some sixty turns, each worded, judged and perhaps tried again
MINUTES_A_DAY = 60
SECONDS = 30  # for one answer, from the first byte sent to the last one read
MOST_SECONDS = 120
FILE_FIELDS = ("base_url", "model", "key", "tokens_a_day", "minutes_a_day", "seconds")


@dataclass(frozen=True, slots=True)
class Settings:
    """A model that may be talked to. The key is kept out of `repr`, so that no log and no traceback shows it."""

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    tokens_a_day: int = TOKENS_A_DAY
    minutes_a_day: int = MINUTES_A_DAY
    seconds: float = SECONDS

    @property
    def where(self) -> str:
        """Where what is sent goes to, in words for the learner."""
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        if host in ("localhost", "127.0.0.1", "::1"):
            return f"a model on this machine ({self.model})"
        unsafe = ", over a connection that is not encrypted" if parts.scheme == "http" else ""
        return f"{host} ({self.model}){unsafe}"


def read_settings(environ: Mapping[str, str], file: Path) -> Settings:
    """The settings of this environment and, for what it does not say, this file.

    Raises ModelError: ‘off’ where the network is forbidden, ‘none’ where nothing is set, ‘settings’ where it cannot be
    used.
    """
    switch = environ.get("TILLIT_LLM", "").strip().lower()
    if switch not in ("", "on"):
        why = "" if switch == "off" else f" (‘{switch[:20]}’ counts as off)"
        raise ModelError("off", f"talking to a model is switched off here by TILLIT_LLM{why}")
    found: dict[str, Any] = _from_file(file)
    for name in ("base_url", "model", "key"):
        said = environ.get(f"TILLIT_LLM_{name.upper()}", "").strip()
        if said:
            found[name] = said
    if "base_url" not in found and "model" not in found:
        raise ModelError("none", "no model is set up here")
    for name, variable in (("base_url", "TILLIT_LLM_BASE_URL"), ("model", "TILLIT_LLM_MODEL")):
        if name not in found:
            missing = f"{variable} (or ‘{name}’ in {file})"
            raise ModelError("settings", f"the model is only half set up: {missing} is missing")
    return Settings(**_checked(found, file))


def _from_file(file: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as fault:
        raise ModelError("settings", f"the settings in {file} cannot be read") from fault
    except tomllib.TOMLDecodeError as fault:
        raise ModelError("settings", f"the settings in {file} are not TOML: {fault}") from None  # it quotes the file
    unknown = [name for name in found if name not in FILE_FIELDS]
    if unknown:
        known = ", ".join(FILE_FIELDS)
        raise ModelError("settings", f"{file} sets ‘{unknown[0][:40]}’, which is not one of {known}")
    return found


def _checked(found: Mapping[str, Any], file: Path) -> dict[str, Any]:
    for name in ("base_url", "model", "key"):
        if name in found and not (isinstance(found[name], str) and found[name].strip()):
            raise ModelError("settings", f"‘{name}’ in {file} must be a text")
    for name in ("tokens_a_day", "minutes_a_day", "seconds"):
        if name in found and not (type(found[name]) is int and found[name] > 0):
            raise ModelError("settings", f"‘{name}’ in {file} must be a whole number above 0")
    if found.get("seconds", SECONDS) > MOST_SECONDS:
        raise ModelError("settings", f"‘seconds’ in {file} can be {MOST_SECONDS} at most: somebody is waiting")
    if not _is_endpoint(found["base_url"]):
        raise ModelError("settings", "the base URL must be a plain address such as http://localhost:11434/v1")
    if "key" in found and not (found["key"].isascii() and found["key"].isprintable() and " " not in found["key"]):
        raise ModelError("settings", "the key holds a character that no key holds; copy it again")
    return dict(found)


def _is_endpoint(url: str) -> bool:
    """Whether this is http or https, with a host, and without a user, a password, a query or a fragment."""
    try:
        parts = urlsplit(url)
        plain = parts.username is None and parts.password is None and not parts.query and not parts.fragment
        return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and (parts.port or 1) > 0
    except ValueError:
        return False
