"""Made-up days, for tests, benchmarks and simulated months: the numbers of a scenario, with no story to them."""

from __future__ import annotations

from random import Random
from typing import Any

_SEVERITIES = ("minor", "serious", "grave")


def generated_day(seed: int, people: int, cases_each: int, minutes: int) -> dict[str, Any]:
    """A compiled scenario of one day with `people` × `cases_each` cases. Equal arguments, equal day."""
    rng = Random(seed)
    names = [f"p{number}" for number in range(people)]
    numbers = [(name, turn) for turn in range(cases_each) for name in names]
    public = {
        "id": f"generated-{seed}",
        "title": "A generated day",
        "use": "practice",
        "setting": ["A day made up of numbers."],
        "days": [{"name": "The day", "minutes": minutes}],
        "colleagues": [{"id": "colleague", "name": "A colleague", "who": "Next door"}],
        "people": [{"id": name, "name": name, "who": "Somebody", "history": []} for name in names],
        "cases": [_case(rng, name, turn) for name, turn in numbers],
    }
    key = {
        "people": {name: _person_key(rng) for name in names},
        "cases": {f"{name}-{turn}": _case_key(rng) for name, turn in numbers},
    }
    return {"format": 1, "public": public, "key": key}


def _case(rng: Random, person: str, turn: int) -> dict[str, Any]:
    of = rng.choice((10, 20, 50))
    review = rng.randint(4, 9)
    has_colleague = rng.random() < 0.7
    return {
        "id": f"{person}-{turn}",
        "person": person,
        "day": 1,
        "time": f"{8 + turn // 6:02d}:{turn % 6 * 10:02d}",
        "subject": f"{person}, {turn}",
        "message": ["…"],
        "variants": [],
        "opens_if": None,
        "notes": [],
        "record": {
            "on": "such questions",
            "right": rng.randint(of // 2, of - 1),
            "of": of,
            "when_wrong": rng.choice(_SEVERITIES),
            "usually": "a date",
        },
        "minutes": {"rely": 1, "review": review, "step_in": review + rng.randint(6, 16)}
        | ({"hand_over": rng.randint(2, 4)} if has_colleague else {}),
        "hand_over_to": "colleague" if has_colleague else None,
        "asks": rng.random() < 0.1,
        "advice": None,
        "file": [{"title": "Note", "text": "…"}],
        "draft": ["One.", "Two.", "Three."],
    }


def _person_key(rng: Random) -> dict[str, Any]:
    return {
        "trust": {part: round(rng.uniform(-0.2, 0.4), 2) for part in ("ability", "benevolence", "integrity")},
        "attitude": round(max(-3.0, min(3.0, rng.gauss(0.5, 1.13))), 1),
        "reserve": round(rng.random(), 1),
        "stake": round(rng.uniform(0.5, 2.5), 1),
    }


def _case_key(rng: Random) -> dict[str, Any]:
    flawed = rng.random() < 0.3
    flaw = {
        "sentence": 2,
        "kind": "wrong_fact",
        "severity": rng.choice(_SEVERITIES),
        "harm": round(rng.uniform(0.05, 0.5), 2),
        "machine_only": rng.random() < 0.3,
        "why": "…",
        "fix": "…",
    }
    return {
        "type": rng.choice(("emotional", "professional", "transactional")),
        "presence_need": round(rng.choice((rng.uniform(0.05, 0.4), rng.uniform(0.65, 0.9))), 2),
        "fit": round(rng.uniform(0.2, 0.9), 2),
        "wait": round(rng.uniform(0.02, 0.6), 2),
        "placed": round(rng.uniform(0.1, 0.9), 2),
        "third_party": rng.random() < 0.25,
        "shared_savings": rng.random() < 0.1,
        "signal": "…",
        "flaws": [flaw] if flawed else [],
        "reactions": {},
    }
