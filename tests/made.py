"""Small scenarios for tests: generated days whose every hidden text is a sentinel that can be searched for."""

from __future__ import annotations

from typing import Any

from tillit.authoring.generated import generated_day
from tillit.engine.scenario import Scenario, from_json

REACTIONS = ("rely", "rely_tell", "review", "review_tell", "review_missed", "step_in", "hand_over", "leave")


def compiled_day(seed: int = 1, people: int = 2, cases_each: int = 2, minutes: int = 60) -> dict[str, Any]:
    """A compiled practice scenario with reactions, and ‘HIDDEN’ in every text of the key."""
    compiled = generated_day(seed, people, cases_each, minutes)
    for case_id, key in compiled["key"]["cases"].items():
        key["signal"] = f"HIDDEN signal of {case_id}"
        for flaw in key["flaws"]:
            flaw["why"] = f"HIDDEN why of {case_id}"
            flaw["fix"] = f"HIDDEN fix of {case_id}"
        key["reactions"] = {name: [f"HIDDEN {name} of {case_id}"] for name in REACTIONS}
    return compiled


def day(seed: int = 1, people: int = 2, cases_each: int = 2, minutes: int = 60, use: str = "practice") -> Scenario:
    """The same as a scenario. `use` may make it an assessment."""
    compiled = compiled_day(seed, people, cases_each, minutes)
    compiled["public"]["use"] = use
    return from_json(compiled)


def learners_copy(compiled: dict[str, Any]) -> Scenario:
    """The scenario without its key, as a learner has it in an assessment."""
    public = {**compiled["public"], "use": "assessment"}
    return from_json({"format": 1, "public": public})


def compiled_week(
    seed: int = 1, people: int = 4, days: int = 2, cases_each: int = 2, minutes: int = 25, use: str = "practice"
) -> dict[str, Any]:
    """A compiled scenario of several days: everybody writes on as many different days as they have cases, and the
    people in turn, so that every day has about as many messages."""
    compiled = compiled_day(seed, people, cases_each, minutes)
    compiled["public"]["use"] = use
    compiled["public"]["days"] = [{"name": f"Day {number}", "minutes": minutes} for number in range(1, days + 1)]
    names = [person["id"] for person in compiled["public"]["people"]]
    for case in compiled["public"]["cases"]:
        first, turn = names.index(case["person"]), int(case["id"].split("-")[1])
        own = sorted((first + each * (days // cases_each)) % days for each in range(cases_each))
        case["day"] = own[turn] + 1
    for name in names:
        compiled["key"]["people"][name]["found_out"] = [f"HIDDEN found out by {name}"]
    compiled["public"]["cases"].sort(key=lambda case: (case["day"], case["time"]))
    return compiled


def week(
    seed: int = 1, people: int = 4, days: int = 2, cases_each: int = 2, minutes: int = 25, use: str = "practice"
) -> Scenario:
    """The same as a scenario."""
    return from_json(compiled_week(seed, people, days, cases_each, minutes, use))
