"""What the screen may show: a pure function from a scenario and a play to plain data.

During play it is built from the public half of the scenario alone; of the key it holds only what the learner has
already brought about: the words in which a person reacted to what was done, in practice. The faces that draw it
(notebook, page, wall) all draw the same thing; tests/player/views/ holds an example of each state.
"""

from __future__ import annotations

from typing import Any

from tillit.engine.desk import CaseState, Desk, Replay, awareness, message_of, minutes_for, offered, replay, waiting
from tillit.engine.play import SENDS_AI_TEXT, Mode, Play
from tillit.engine.scenario import Case, CaseKey, Person, Record, Scenario

FORMAT = 1

_CALLS = {
    "person": "This one needs a person",
    "routine": "The draft can take care of this one",
}
_ADVICE = {
    "person": "The AI's advice: a person should take this one.",
    "routine": "The AI's advice: the draft can take care of this one.",
}


def view(scenario: Scenario, play: Play, notice: dict[str, str] | None = None) -> dict[str, Any]:
    """The screen after this play. In practice, once all is done, `debrief` is left for the caller to fill in, since
    it takes far longer to work out than the rest."""
    return view_of(replay(scenario, play.acts), notice)


def view_of(replayed: Replay, notice: dict[str, str] | None = None) -> dict[str, Any]:
    """The screen of a play that has been replayed already."""
    desk = replayed.desk
    scenario = desk.scenario
    in_sight = _in_sight(desk)
    return {
        "format": FORMAT,
        "scenario": {
            "id": scenario.id,
            "title": scenario.title,
            "use": scenario.use,
            "setting": list(scenario.setting),
        },
        "day": {"number": desk.day, "of": len(scenario.days), "name": scenario.days[desk.day - 1].name},
        "minutes": {"left": desk.minutes_left[-1], "of": scenario.days[desk.day - 1].minutes},
        "phase": _phase(desk),
        "notice": notice,
        "people": [_person(desk, person) for person in scenario.people],
        "inbox": [_inbox_line(desk, case) for case in in_sight],
        # Cases of earlier days stay readable: the reaction to the last act of a day is read on the next.
        "cases": {case.id: _case(desk, case) for case in (*_of_earlier_days(desk), *in_sight)},
        "debrief": None,
    }


def _phase(desk: Desk) -> str:
    if not desk.finished:
        return "play"
    return "debrief" if desk.scenario.use == "practice" and desk.scenario.key is not None else "handed_in"


def _in_sight(desk: Desk) -> list[Case]:
    """The cases of the day that have come in: dealt with, or waiting to be."""
    can_be_done = {case.id for case in waiting(desk)}
    today = desk.scenario.cases_of_day(desk.day)
    return [case for case in today if desk.state(case.id).option is not None or case.id in can_be_done]


def _of_earlier_days(desk: Desk) -> list[Case]:
    return [case for case in desk.done if case.day < desk.day]


def _person(desk: Desk, person: Person) -> dict[str, Any]:
    known, _ = awareness(desk, person.id)
    return {
        "id": person.id,
        "name": person.name,
        "initials": "".join(part[0] for part in person.name.split()[:1] + person.name.split()[1:][-1:]),
        "who": person.who,
        "history": [{"when": line.when, "what": line.what} for line in person.history],
        "told": known > 0,
    }


def _inbox_line(desk: Desk, case: Case) -> dict[str, Any]:
    state = desk.state(case.id)
    return {
        "case": case.id,
        "person": case.person,
        "time": case.time,
        "subject": case.subject,
        "state": "done" if state.option is not None else "open" if state.opened else "waiting",
    }


def _case(desk: Desk, case: Case) -> dict[str, Any]:
    state = desk.state(case.id)
    must_commit = case.advice is not None and state.call is None and state.option is None
    return {
        "id": case.id,
        "person": case.person,
        "time": case.time,
        "subject": case.subject,
        "message": list(message_of(desk, case)),
        "notes": list(case.notes),
        "record": {"right": case.record.right, "of": case.record.of, "text": record_in_words(case.record)},
        "draft": [{"n": number, "text": text} for number, text in enumerate(case.draft, start=1)],
        "file": [{"title": part.title, "text": part.text} for part in case.file] if state.opened else None,
        "commit": _commit() if must_commit else None,
        "advice": {"call": case.advice, "text": _ADVICE[case.advice]} if case.advice and state.call else None,
        "acts": [] if state.option is not None or must_commit else _acts(desk, case, state),
        "outcome": None if state.option is None else _outcome(desk, case, state),
    }


def record_in_words(record: Record) -> str:
    """The AI's record on this kind of question, as a sentence or two."""
    return (
        f"On {record.on}, the AI is right {record.right} times of {record.of}. "
        f"When it is wrong, it is usually {record.usually}."
    )


def _commit() -> dict[str, Any]:
    return {
        "question": "Your own call first. What does this one need?",
        "calls": [{"call": call, "label": label} for call, label in _CALLS.items()],
    }


def _acts(desk: Desk, case: Case, state: CaseState) -> list[dict[str, Any]]:
    return [_act(desk, case, state, mode) for mode in offered(desk, case)]


def _act(desk: Desk, case: Case, state: CaseState, mode: Mode) -> dict[str, Any]:
    minutes = minutes_for(case, mode, opened=state.opened)
    left = desk.minutes_left[-1]
    opens = mode == "review" and not state.opened
    label, text = _labels(desk, case, mode, opens=opens)
    affordable = minutes <= left
    return {
        "act": "open" if opens else mode,
        "label": label,
        "text": text,
        "minutes": minutes,
        "affordable": affordable,
        "tell": "no" if opens else _tell(desk, case, mode),
        "why_not": None if affordable else f"It takes {minutes} minutes and {left} are left.",
    }


def _labels(desk: Desk, case: Case, mode: Mode, *, opens: bool) -> tuple[str, str]:
    if opens:
        return "Review", "Open the case file and check the draft"
    if mode == "review":
        return "Send", "Send what you have not struck; what you struck is put right"
    if mode == "hand_over":
        colleague = desk.scenario.colleague(case.hand_over_to or "")
        return "Hand over", f"To {colleague.name}: {colleague.who}"
    return {
        "rely": ("Rely", "Send the draft as it is"),
        "step_in": ("Step in", "Put the draft aside and call or write yourself"),
        "leave": ("Leave", "It waits until tomorrow"),
    }[mode]


def _tell(desk: Desk, case: Case, mode: Mode) -> str:
    if mode not in SENDS_AI_TEXT:
        return "no"
    known, _ = awareness(desk, case.person)
    if known:
        return "known"
    return "must" if case.asks else "may"


def _outcome(desk: Desk, case: Case, state: CaseState) -> dict[str, Any]:
    option = state.option
    assert option is not None  # only called for cases that are done
    scenario = desk.scenario
    key = scenario.key.cases[case.id] if scenario.key is not None and scenario.use == "practice" else None
    return {
        "did": option.mode,
        "told": option.tell,
        "minutes": state.minutes,
        "words": outcome_in_words(desk, case, state),
        "sent": _sent(case, key, state),
        "reaction": list(reaction(case, key, state)) if key is not None else None,
    }


def outcome_in_words(desk: Desk, case: Case, state: CaseState) -> str:
    """What was done, as a sentence."""
    option = state.option
    assert option is not None  # only called for cases that are done
    told = ", and said that AI helped" if option.tell else ""
    if option.mode == "hand_over":
        return f"You handed it over to {desk.scenario.colleague(case.hand_over_to or '').name}."
    if option.mode == "review":
        struck = len(state.strikes)
        changed = {0: "nothing struck", 1: "one sentence struck"}.get(struck, f"{struck} sentences struck")
        return f"You sent the draft after review, {changed}{told}."
    return {
        "rely": f"You sent the draft as it was{told}.",
        "step_in": "You stepped in yourself.",
        "leave": "You left it until tomorrow.",
    }[option.mode]


def _sent(case: Case, key: CaseKey | None, state: CaseState) -> list[str] | None:
    """The text that went out. What was struck is put right where it was wrong, and left out where it was not; without
    a key nobody can say which, so it is left out."""
    option = state.option
    if option is None or option.mode not in SENDS_AI_TEXT:
        return None
    sent: list[str] = []
    for number, text in enumerate(case.draft, start=1):
        flaw = key.flaw_at(number) if key is not None else None
        if number not in state.strikes:
            sent.append(text)
        elif flaw is not None:
            sent.append(flaw.fix)
    return sent


def reaction(case: Case, key: CaseKey, state: CaseState) -> tuple[str, ...]:
    """The person's own words to what was done."""
    option = state.option
    assert option is not None  # only called for cases that are done
    name: str = option.mode
    if option.mode in SENDS_AI_TEXT and (option.tell or (case.asks and f"{name}_tell" in key.reactions)):
        name += "_tell"
    if option.mode == "review" and any(flaw.sentence not in state.strikes for flaw in key.flaws):
        name = "review_missed"
    return key.reactions[name]
