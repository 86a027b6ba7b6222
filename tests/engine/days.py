"""Hypothesis strategies for small days, in the compiled form of a scenario: anything the rules of content allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tillit.engine.desk import open_desk
from tillit.engine.model import Standing
from tillit.engine.parameters import published
from tillit.engine.play import MODES, Act, Do
from tillit.engine.scenario import Call, CaseKey, MessageType, PersonKey, Scenario, from_json
from tillit.engine.solver import PersonDay, remaining

P = published().values

TYPES = ("emotional", "professional", "transactional")
SEVERITIES = ("minor", "serious", "grave")
KNOWS = ("told", "found_out", "hidden")
ACTS: tuple[Do, ...] = ("commit", "open", "review", "rely", "step_in", "hand_over", "leave")
CALLS: tuple[Call | None, ...] = (None, "person", "routine")


def shares() -> st.SearchStrategy[float]:
    """A label from 0 to 1, in hundredths, so that equal labels are met with too."""
    return st.integers(0, 100).map(lambda hundredths: hundredths / 100)


def minutes_of_acts(quick: bool) -> st.SearchStrategy[dict[str, int]]:
    """What acts take; hardly anything where `quick`, so that many ways of dealing with cases compete."""

    def added_up(rely: int, review: int, step_in: int, hand_over: int | None) -> dict[str, int]:
        minutes = {"rely": rely, "review": rely + review, "step_in": rely + review + step_in}
        return minutes if hand_over is None else {**minutes, "hand_over": hand_over}

    longest = (0, 0, 1, 1) if quick else (2, 8, 15, 6)
    rely, review, step_in, hand_over = (st.integers(0, most) for most in longest)
    return st.builds(added_up, rely, review, step_in, st.none() | hand_over)


@st.composite
def flaws(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "sentence": draw(st.integers(1, 3)),
        "kind": "wrong_fact",
        "severity": draw(st.sampled_from(SEVERITIES)),
        "harm": draw(shares()),
        "machine_only": draw(st.booleans()),
        "why": "…",
        "fix": "…",
    }


@st.composite
def case_keys(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "type": draw(st.sampled_from(TYPES)),
        "presence_need": draw(shares()),
        "fit": draw(shares()),
        "wait": draw(shares()),
        "placed": draw(shares()),
        "third_party": draw(st.booleans()),
        "shared_savings": draw(st.booleans()),
        "signal": "…",
        "flaws": draw(st.lists(flaws(), max_size=2, unique_by=lambda flaw: flaw["sentence"])),
        "reactions": {},
    }


@st.composite
def person_keys(draw: st.DrawFn) -> dict[str, Any]:
    tenths = st.integers(-10, 10).map(lambda number: number / 10)
    return {
        "trust": {part: draw(tenths) for part in ("ability", "benevolence", "integrity")},
        "attitude": draw(st.integers(-30, 30)) / 10,
        "reserve": draw(shares()),
        "stake": draw(st.integers(5, 30)) / 10,
    }


def pasts() -> st.SearchStrategy[dict[str, Any]]:
    """What AI had to do with somebody before the first day."""
    required = {"knows": st.sampled_from(KNOWS), "times": st.integers(1, 10), "type": st.sampled_from(TYPES)}
    return st.fixed_dictionaries(required, optional={"fault": st.sampled_from(SEVERITIES)})


@st.composite
def people(draw: st.DrawFn, name: str) -> dict[str, Any]:
    past = {"past": draw(pasts())} if draw(st.integers(0, 2)) == 0 else {}
    return {"id": name, "name": name, "who": "Somebody", "history": [], **past}


@st.composite
def cases(
    draw: st.DrawFn, person: str, turn: int, day: int, earlier: list[str], triage: bool, quick: bool
) -> dict[str, Any]:
    of = draw(st.sampled_from((1, 10, 50)))
    opens_if = None
    if earlier and draw(st.integers(0, 3)) == 0:
        did = draw(st.lists(st.sampled_from(MODES), min_size=1, unique=True))
        opens_if = {"case": draw(st.sampled_from(earlier)), "did": did}
    minutes = draw(minutes_of_acts(quick))
    return {
        "id": f"{person}-{turn}",
        "person": person,
        "day": day,
        "time": f"{8 + turn:02d}:{draw(st.integers(0, 59)):02d}",
        "subject": f"{person}, {turn}",
        "message": ["…"],
        "variants": [],
        "opens_if": opens_if,
        "notes": [],
        "record": {
            "on": "such questions",
            "right": draw(st.integers(0, of)),
            "of": of,
            "when_wrong": draw(st.sampled_from(SEVERITIES)),
            "usually": "a date",
        },
        "minutes": minutes,
        "hand_over_to": "colleague" if "hand_over" in minutes else None,
        "asks": draw(st.integers(0, 3)) == 0,
        "advice": draw(st.sampled_from((None, "person", "routine"))) if triage else None,
        "file": [{"title": "Note", "text": "…"}],
        "draft": ["One.", "Two.", "Three."],
    }


@st.composite
def compiled_days(
    draw: st.DrawFn,
    most_people: int = 3,
    most_cases: int = 3,
    least_cases: int = 1,
    days: int = 1,
    most_minutes: int = 60,
    triage: bool = False,
    quick: bool = False,
) -> dict[str, Any]:
    """A compiled scenario. Cases are counted for one person on one day; every day has one at least that comes in
    whatever was done before. With `triage`, an own call comes first in some cases; where `quick`, acts take hardly
    any time."""
    names = [f"p{number}" for number in range(draw(st.integers(1, most_people)))]
    listed: list[dict[str, Any]] = []
    for name in names:
        earlier: list[str] = []
        for day in range(1, days + 1):
            for place in range(draw(st.integers(least_cases, most_cases))):
                always = name == names[0] and place == 0
                case = draw(cases(name, len(earlier), day, [] if always else earlier, triage, quick))
                listed.append(case)
                earlier = [*earlier, case["id"]]
    public = {
        "id": "a-made-up-day",
        "title": "A made-up day",
        "use": "practice",
        "setting": ["A day made up of numbers."],
        "days": [{"name": f"Day {day}", "minutes": draw(st.integers(0, most_minutes))} for day in range(1, days + 1)],
        "colleagues": [{"id": "colleague", "name": "A colleague", "who": "Next door"}],
        "people": [draw(people(name)) for name in names],
        "cases": listed,
    }
    key = {
        "people": {name: draw(person_keys()) for name in names},
        "cases": {case["id"]: draw(case_keys()) for case in listed},
    }
    return {"format": 1, "public": public, "key": key}


def scenarios(**limits: Any) -> st.SearchStrategy[Scenario]:
    """The same, as the engine reads it."""
    return compiled_days(**limits).map(from_json)


# --- one person, one case ----------------------------------------------------------------------------------------


def person(attitude: float = 0.5, reserve: float = 0.0, stake: float = 1.0) -> PersonKey:
    """Somebody with no trust either way."""
    return PersonKey(0.0, 0.0, 0.0, attitude, reserve, stake)


def case_key(kind: MessageType = "professional", **labels: Any) -> CaseKey:
    """A faultless case that needs nobody, unless labels say otherwise."""
    plain = {
        "presence_need": 0.0,
        "fit": 0.0,
        "wait": 0.3,
        "placed": 1.0,
        "third_party": False,
        "shared_savings": False,
    }
    return CaseKey(type=kind, signal="…", flaws=(), reactions={}, **{**plain, **labels})


# --- acts -------------------------------------------------------------------------------------------------------


@st.composite
def acts(draw: st.DrawFn, scenario: Scenario) -> Act:
    """Any act on this scenario, possible or not."""
    do: Do = draw(st.sampled_from((*ACTS, *ACTS, "end_day")))
    if do == "end_day":
        return Act("end_day")
    case = draw(st.sampled_from([*(case.id for case in scenario.cases), "nowhere"]))
    strikes = tuple(sorted(draw(st.frozensets(st.integers(0, 4), max_size=2)))) if do == "review" else ()
    call = draw(st.sampled_from(CALLS)) if do == "commit" else None
    return Act(do, case, draw(st.booleans()) if do in ("rely", "review") else False, strikes, call)


@st.composite
def sessions(draw: st.DrawFn, /, most_acts: int = 30, **limits: Any) -> tuple[Scenario, tuple[Act, ...]]:
    """A scenario and any acts on it, possible or not."""
    scenario = draw(scenarios(**limits))
    return scenario, tuple(draw(st.lists(acts(scenario), max_size=most_acts)))


# --- what is left of a day ---------------------------------------------------------------------------------------


@st.composite
def standings(draw: st.DrawFn, person: PersonKey) -> Standing:
    """Where a relationship may stand in the course of a play: uses hidden, or messages known, or neither; found out
    once before, or not."""
    standing = Standing(person.ability, person.benevolence, person.integrity, harm=draw(shares()))
    past = draw(st.sampled_from(("nothing", "nothing", "hidden", "known", "found out")))
    if past == "hidden":
        return replace(
            standing,
            hidden=draw(st.integers(1, 3)),
            log_survival=-draw(st.integers(1, 150)) / 100,
            exposure=-draw(st.integers(0, 200)) / 100,
        )
    if past == "known":
        return replace(standing, known=draw(st.integers(1, 3)))
    if past == "found out":
        ceiling = person.integrity + draw(st.integers(0, 20)) / 100
        return replace(standing, known=draw(st.integers(1, 3)), ceiling=ceiling)
    return standing


@st.composite
def day_halves(draw: st.DrawFn, /, **limits: Any) -> tuple[tuple[PersonDay, ...], int]:
    """What is left of a day at any point of a play, and the minutes: files opened, earlier cases done."""
    scenario = draw(scenarios(**limits))
    people = []
    for one in remaining(P, open_desk(scenario), 0):
        left = tuple(replace(case, opened=draw(st.booleans())) for case in one.cases)
        did = {}
        if len(left) > 1 and draw(st.booleans()):
            did, left = {left[0].case.id: draw(st.sampled_from(MODES))}, left[1:]
        people.append(replace(one, standing=draw(standings(one.key)), cases=left, did=did))
    return tuple(people), scenario.days[0].minutes
