"""What the screen may show: a pure function from a scenario and a play to plain data.

During play it is built from the public half of the scenario alone; of the key it holds only what the learner has
already brought about: the words in which a person reacted to what was done, in practice. The faces that draw it
(notebook, page, wall) all draw the same thing; tests/player/views/ holds an example of each state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tillit.engine.conversation import NOTE_SOURCES, Conversation, Note, Talk, Turn, lines_on_screen, move_in_words
from tillit.engine.desk import (
    CaseState,
    Desk,
    Replay,
    awareness,
    in_conversation,
    message_of,
    minutes_for,
    offered,
    replay,
    waiting,
)
from tillit.engine.play import SENDS_AI_TEXT, Mode, Play
from tillit.engine.scenario import Case, CaseKey, Person, Record, Scenario

FORMAT = 1
# How many versions of a conversation that were taken back are shown beside the one that stands, the latest of them.
MOST_VERSIONS = 5

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


def view_of(
    replayed: Replay, notice: dict[str, str] | None = None, found_out: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The screen of a play that has been replayed already. `found_out` says who has found out, in practice over several
    days, that AI wrote to them, with the day after which they did (see `value.found_out`)."""
    found_out = found_out or {}
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
        "people": [_person(desk, person, found_out) for person in scenario.people],
        "inbox": [_inbox_line(desk, case) for case in in_sight],
        # Cases of earlier days stay readable: the reaction to the last act of a day is read on the next.
        "cases": {case.id: _case(desk, case, found_out) for case in (*_of_earlier_days(desk), *in_sight)},
        "debrief": None,
        **({"evening": _evening(desk, found_out)} if desk.day > 1 else {}),
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


def _evening(desk: Desk, found_out: Mapping[str, int]) -> dict[str, Any]:
    """The night before today: how the day ended, and, in practice, who found out what was hidden from them."""
    before, key = desk.day - 1, desk.scenario.key
    tonight = [person for person in desk.scenario.people if found_out.get(person.id) == before]
    return {
        "after": desk.scenario.days[before - 1].name,
        "left": desk.minutes_left[before - 1],
        "comes_to_light": desk.scenario.use == "practice" and key is not None,
        "found_out": [
            {
                "person": person.id,
                "name": person.name,
                "words": list(key.people[person.id].found_out) if key is not None else [],
            }
            for person in tonight
        ],
    }


def _person(desk: Desk, person: Person, nights: Mapping[str, int]) -> dict[str, Any]:
    known, _ = awareness(desk, person.id)
    found_out = person.id in nights or (person.past is not None and person.past.knows == "found_out")
    return {
        "id": person.id,
        "name": person.name,
        "initials": "".join(part[0] for part in person.name.split()[:1] + person.name.split()[1:][-1:]),
        "who": person.who,
        "history": [{"when": line.when, "what": line.what} for line in person.history],
        "past": past_in_words(person) if person.past is not None else None,
        "told": known > 0 and not found_out,
        **({"found_out": True} if person.id in nights else {}),
    }


def times_in_words(number: int) -> str:
    """How often, in words: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def past_in_words(person: Person) -> str:
    """What AI had to do with a person who has a past with it, as the learner remembers it."""
    past, name = person.past, person.first_name
    assert past is not None  # only called for those who have one
    used = f"AI was used with {name} {times_in_words(past.times)}"
    words = {
        "told": f"{used}, and {name} was told.",
        "found_out": f"{used}. Nobody said so, and {name} has found out.",
        "hidden": f"{used}. Nobody has said so, and {name} does not know.",
    }[past.knows]
    if past.fault is not None:
        words += f" {name} was once sent a mistake of the AI's, a {past.fault} one."
    return words


def _inbox_line(desk: Desk, case: Case) -> dict[str, Any]:
    state = desk.state(case.id)
    talking = state.talk is not None and not state.talk.closed
    done = state.option is not None and not talking
    return {
        "case": case.id,
        "person": case.person,
        "time": case.time,
        "subject": case.subject,
        "state": "done" if done else "open" if state.opened or talking else "waiting",
    }


def _case(desk: Desk, case: Case, found_out: Mapping[str, int]) -> dict[str, Any]:
    state = desk.state(case.id)
    must_commit = case.advice is not None and state.call is None and state.option is None
    days = desk.scenario.days
    return {
        "id": case.id,
        "person": case.person,
        **({"day": days[case.day - 1].name} if len(days) > 1 else {}),
        "time": case.time,
        "subject": case.subject,
        "message": list(message_of(desk, case, found_out)),
        "notes": list(case.notes),
        "record": {"right": case.record.right, "of": case.record.of, "text": record_in_words(case.record)},
        "draft": [{"n": number, "text": text} for number, text in enumerate(case.draft, start=1)],
        "file": [{"title": part.title, "text": part.text} for part in case.file] if state.opened else None,
        "commit": _commit() if must_commit else None,
        "advice": {"call": case.advice, "text": _ADVICE[case.advice]} if case.advice and state.call else None,
        "acts": [] if state.option is not None or must_commit else _acts(desk, case, state, case.person in found_out),
        "conversation": None if state.talk is None else _conversation(desk, case, state.talk),
        "outcome": None if state.option is None or in_conversation(desk) == case else _outcome(desk, case, state),
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


def _acts(desk: Desk, case: Case, state: CaseState, found_out: bool) -> list[dict[str, Any]]:
    return [_act(desk, case, state, mode, found_out) for mode in offered(desk, case)]


def _act(desk: Desk, case: Case, state: CaseState, mode: Mode, found_out: bool) -> dict[str, Any]:
    minutes = minutes_for(case, mode, opened=state.opened)
    left = desk.minutes_left[-1]
    opens = mode == "review" and not state.opened
    label, text = _labels(desk, case, mode, opens=opens)
    talking = in_conversation(desk)
    why_not = None
    if talking is not None:
        why_not = f"You are in conversation with {desk.scenario.person_by_id[talking.person].name}."
    elif minutes > left:
        why_not = f"It takes {minutes} minutes and {left} are left."
    return {
        "act": "open" if opens else mode,
        "label": label,
        "text": text,
        "minutes": minutes,
        "affordable": why_not is None,
        "tell": "no" if opens else _tell(desk, case, mode, found_out),
        "why_not": why_not,
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


def _tell(desk: Desk, case: Case, mode: Mode, found_out: bool) -> str:
    if mode not in SENDS_AI_TEXT:
        return "no"
    known, _ = awareness(desk, case.person)
    if known or found_out:
        return "known"
    return "must" if case.asks else "may"


# --- a conversation -----------------------------------------------------------------------------------------------


def _conversation(desk: Desk, case: Case, talk: Talk) -> dict[str, Any]:
    """A conversation as far as it has come. Only what has been said, heard and brought about; mood in words."""
    conversation, practice = talk.conversation, desk.scenario.use == "practice"
    return {
        "person": desk.scenario.person_by_id[case.person].name,
        "scene": list(conversation.scene),
        "turns": _turns(conversation, talk.turns, notes=practice),
        "mood": None if talk.ended else conversation.mood_in_words(talk.point.mood),
        "lines": [{"id": line.id, "text": line.text} for line in lines_on_screen(conversation, talk.point)],
        "facts": [{"id": fact.id, "text": fact.text} for fact in conversation.facts if fact.wrong is None],
        "take_back": practice and bool(talk.turns) and not talk.closed,
        "ended": talk.ended,
        "closed": talk.closed,
        "ending": list(talk.ending.words) if talk.ended else None,
        "promised": [one.text for one in conversation.promises if f"promise:{one.id}" in talk.point.made],
        "earlier": [_version(conversation, version, talk.turns) for version in talk.set_aside[-MOST_VERSIONS:]]
        if talk.ended
        else [],
    }


def _turns(conversation: Conversation, turns: tuple[Turn, ...], *, notes: bool) -> list[dict[str, Any]]:
    """What was said in turn, by the person and by `you`; `n` counts yours from 1."""
    shown: list[dict[str, Any]] = [{"who": "person", "text": list(conversation.start_says)}]
    for number, turn in enumerate(turns, start=1):
        moves = [move_in_words(conversation, move) for move in turn.moves] or ["talked of other things"]
        shown.append(
            {
                "who": "you",
                "n": number,
                "text": [turn.text or f"(In your own words: you {', and '.join(moves)}.)"],
                "moves": moves if notes else None,
                "note": _note(turn.rule.note) if notes else None,
            }
        )
        shown.append({"who": "person", "text": list(turn.rule.says)})
    return shown


def _note(note: Note) -> dict[str, str]:
    return {"text": note.text, "basis": NOTE_SOURCES[note.source]}


def _version(conversation: Conversation, version: tuple[Turn, ...], stands: tuple[Turn, ...]) -> dict[str, Any]:
    """A version that was taken back, beside the one that stands: `parts_at` is the first turn that differs."""
    pairs = enumerate(zip(version, stands, strict=False), start=1)
    differing = (number for number, (one, other) in pairs if (one.line, one.moves) != (other.line, other.moves))
    ending = version[-1].after.ending
    return {
        "turns": _turns(conversation, version, notes=True),
        "ending": list(conversation.ending_by_id[ending].words) if ending is not None else None,
        "parts_at": next(differing, min(len(version), len(stands)) + 1),
    }


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
    """The person's own words to what was done; after a conversation, those with which it ended."""
    option = state.option
    assert option is not None  # only called for cases that are done
    if state.talk is not None and state.talk.ended:
        return state.talk.ending.words
    name: str = option.mode
    if option.mode in SENDS_AI_TEXT and (option.tell or (case.asks and f"{name}_tell" in key.reactions)):
        name += "_tell"
    if option.mode == "review" and any(flaw.sentence not in state.strikes for flaw in key.flaws):
        name = "review_missed"
    return key.reactions[name]
