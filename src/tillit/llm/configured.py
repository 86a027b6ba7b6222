"""The front door: the model that this machine is set up for."""

from __future__ import annotations

import os

from tillit.llm.provider import ModelError, Provider
from tillit.llm.settings import read_settings


def configured() -> Provider:
    """The model that this machine is set up for, within the learner's budget. Raises ModelError where there is none."""
    try:
        from platformdirs import user_config_path, user_state_path
    except ModuleNotFoundError as missing:
        raise ModelError("none", f"{missing.name} is not installed; tillit[llm] brings it") from None
    settings = read_settings(os.environ, user_config_path("tillit") / "llm.toml")
    # Imported when called: the client library takes a second to load, and most desks have no model.
    from tillit.llm.budget import Ledger, Metered
    from tillit.llm.openai_compatible import OpenAICompatible

    ledger = Ledger(user_state_path("tillit") / "llm-use.json", settings.tokens_a_day, settings.minutes_a_day)
    return Metered(OpenAICompatible(settings), ledger)
