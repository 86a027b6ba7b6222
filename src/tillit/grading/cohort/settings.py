"""Settings of a course that `nbgrader autograde` follows and `tillit grade` does not: sentences, so that nobody gets
marks that nbgrader would not have given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from tillit.grading.preprocessors import autograde_preprocessors

# What is set for the execution and makes no difference to points here, or is followed.
_FOLLOWED = {"timeout", "interrupt_on_timeout", "iopub_timeout", "raise_on_iopub_timeout", "startup_timeout",
             "error_on_timeout", "enabled"}  # fmt: skip
_CAN_BE_LEFT_OUT = {"IgnorePattern", "LimitOutput", "AssignLatePenalties"}


def not_followed(config: Config, directory: CourseDirectory, autograde: Autograde) -> list[str]:
    """A sentence for each such setting."""
    return [*_steps(config, autograde), *_execution(config), *_selection(directory)]


def _steps(config: Config, autograde: Autograde) -> Iterator[str]:
    for name in ("sanitize_preprocessors", "autograde_preprocessors"):
        usual = [_name(step) for step in Autograde.class_traits()[name].default()]
        known = (usual, [_name(step) for step in autograde_preprocessors()])
        here = [_name(step) for step in getattr(autograde, name)]
        if here not in known:
            others = [step for step in here if not any(step in steps for steps in known)]
            what = f"has {_listed(others)} in" if others else "leaves something out of, or reorders,"
            yield f"it {what} c.Autograde.{name}"
            continue
        for step in usual:
            enabled = config.get(step, Config()).get("enabled")
            if step not in _CAN_BE_LEFT_OUT and enabled is (step == "ClearMetadataPreprocessor"):
                yield f"it sets c.{step}.enabled = {enabled}"


def _execution(config: Config) -> Iterator[str]:
    for section in dict.fromkeys(kind.__name__ for kind in Execute.__mro__ if kind.__name__ in config):
        if others := sorted(config[section].keys() - _FOLLOWED):
            yield f"it sets c.{section}.{others[0]}"


def _selection(directory: CourseDirectory) -> Iterator[str]:
    for name in ("student_id", "notebook_id"):
        if getattr(directory, name) != "*":
            yield f"it sets c.CourseDirectory.{name}"


def _name(step: Any) -> str:
    """A preprocessor's, which a course may name by its path as well."""
    return step.rsplit(".", 1)[-1] if isinstance(step, str) else str(step.__name__)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
