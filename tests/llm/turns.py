"""The turns that the gate is measured on: good ones, and bad ones with the way in which each is bad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from tillit.engine.conversation import Reveal
from tillit.llm.details import plain
from tillit.llm.gate import Finding, gate
from tillit.llm.scene import Scene

HERE = Path(__file__).parent


def _read(name: str) -> Any:
    return YAML(typ="safe").load((HERE / name).read_text("utf-8"))


def _reveals(texts: Sequence[str]) -> tuple[Reveal, ...]:
    """Without signs, so that the gate has to know them by their words."""
    return tuple(Reveal(str(number), text, ()) for number, text in enumerate(texts))


def scenes() -> dict[str, Scene]:
    """Five points in five conversations."""
    return {
        name: Scene(
            person=one["person"],
            who=one["who"],
            mood=one["mood"],
            heard="",
            known=tuple(one["known"]),
            shipped=one["shipped"],
            new=_reveals(one["new"]),
            hidden=_reveals(one["hidden"]),
            ends=one["ended"],
        )
        for name, one in _read("turns_scenes.yaml").items()
    }


@dataclass(frozen=True)
class Sample:
    """One turn; `kind` is ‘good’ or how it is bad."""

    scene: Scene
    kind: str
    text: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        return gate(self.scene, plain(self.scene.person, self.text))


def samples(which: Literal["seen", "held_out", "of_a_model"]) -> list[Sample]:
    """The turns that were looked at while the gate was made, those that were not, or those that a real model wrote."""
    where = scenes()
    found = _read(f"turns_{which}.yaml")
    bad = [Sample(where[one["scene"]], one["kind"], one["text"]) for one in found["bad"]]
    return [*bad, *(Sample(where[one["scene"]], "good", one["text"]) for one in found["good"])]


@dataclass(frozen=True)
class Figures:
    """How the gate does on some turns. A positive is a turn that it turns away."""

    bad: int
    good: int
    caught: int
    wrongly: int

    @property
    def recall(self) -> float:
        return self.caught / self.bad

    @property
    def precision(self) -> float:
        return self.caught / (self.caught + self.wrongly)


def figures(turns: Sequence[Sample]) -> Figures:
    """Count, over these turns, what the gate turns away."""
    bad = [turn for turn in turns if turn.kind != "good"]
    good = [turn for turn in turns if turn.kind == "good"]
    return Figures(len(bad), len(good), sum(bool(one.findings) for one in bad), sum(bool(one.findings) for one in good))
