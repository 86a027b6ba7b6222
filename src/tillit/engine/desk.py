"""A play replayed: what has been dealt with, how, and what may be done next.

Only the public half of a scenario is read here, so the desk works the same in a learner's copy of an assessment; but
for conversations, which are for practice and whose rules are in the key. Acts that are not possible are refused with a
sentence and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from tillit.engine.conversation import Talk, TurnRefusedError, begin, close, made_move, say_freely, say_line, take_back
from tillit.engine.model import Option
from tillit.engine.play import MODES, SENDS_AI_TEXT, Act, Mode
from tillit.engine.scenario import Aware, Call, Case, Condition, Scenario


class ActRefusedError(ValueError):
    """This act is not possible now; the message is a sentence for the learner."""


@dataclass(frozen=True, slots=True)
class CaseState:
    """What has been done with one case. `option` is None while it waits; `place` is its turn in the play, from 0;
    `talk` is the conversation that stepping in opened, if there is one."""

    opened: bool = False
    call: Call | None = None
    option: Option | None = None
    strikes: tuple[int, ...] = ()
    minutes: int = 0
    place: int = -1
    talk: Talk | None = None


UNTOUCHED = CaseState()


@dataclass(frozen=True)
class Desk:
    """The state of a play. `minutes_left` lists the days so far, today last."""

    scenario: Scenario
    minutes_left: tuple[int, ...]
    states: Mapping[str, CaseState] = field(default_factory=dict)
    finished: bool = False

    @property
    def day(self) -> int:
        """The number of the day, from 1."""
        return len(self.minutes_left)

    def state(self, case_id: str) -> CaseState:
        """What has been done with a case so far."""
        return self.states.get(case_id, UNTOUCHED)

    @cached_property
    def done(self) -> tuple[Case, ...]:
        """The cases dealt with, in the order in which that happened."""
        finished = [(state.place, name) for name, state in self.states.items() if state.option is not None]
        return tuple(self.scenario.case_by_id[name] for _, name in sorted(finished))

    @cached_property
    def _waiting(self) -> tuple[Case, ...]:
        """What `waiting` says; asked for several times between one act and the next."""
        if self.finished:
            return ()
        first: dict[str, Case] = {}
        for case in self.scenario.cases_of_day(self.day):
            if case.person not in first and self.state(case.id).option is None and not _never_comes(self, case):
                first[case.person] = case
        return tuple(case for case in first.values() if _holds(self, case.opens_if))


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act of a play that was not possible, by its place from 0, and why."""

    place: int
    reason: str


@dataclass(frozen=True)
class Replay:
    """What became of a play. `acts` are those that counted, with the end of a day spelled out as cases left."""

    desk: Desk
    acts: tuple[Act, ...]
    refusals: tuple[Refusal, ...]


def open_desk(scenario: Scenario) -> Desk:
    """The desk on the morning of the first day."""
    return Desk(scenario, minutes_left=(scenario.days[0].minutes,))


def replay(scenario: Scenario, acts: Iterable[Act]) -> Replay:
    """Do all acts in turn. What is not possible is refused and passed over; the rest counts."""
    desk = open_desk(scenario)
    counted: list[Act] = []
    refusals: list[Refusal] = []
    for place, act in enumerate(acts):
        try:
            for single in _spelled_out(desk, act):
                desk = apply(desk, single)
                counted.append(single)
        except ActRefusedError as refused:
            refusals.append(Refusal(place, str(refused)))
    return Replay(desk, tuple(counted), tuple(refusals))


def _spelled_out(desk: Desk, act: Act) -> tuple[Act, ...]:
    """The end of a day as a conversation broken off and cases left one by one, with those that come in because of
    that; any other act as it is."""
    if act.do != "end_day" or desk.finished:
        return (act,)
    singles: list[Act] = []
    today = desk.day
    while not desk.finished and desk.day == today:
        talking = in_conversation(desk)
        single = Act("close", talking.id) if talking is not None else Act("leave", waiting(desk)[0].id)
        desk = apply(desk, single)
        singles.append(single)
    return tuple(singles)


# --- what is there ----------------------------------------------------------------------------------------------


def waiting(desk: Desk) -> tuple[Case, ...]:
    """The cases that can be dealt with now: of each person, the first that is not done."""
    return desk._waiting


def in_conversation(desk: Desk) -> Case | None:
    """The case whose conversation is open; nothing else can be dealt with meanwhile."""
    open_ones = (name for name, state in desk.states.items() if state.talk is not None and not state.talk.closed)
    name = next(open_ones, None)
    return desk.scenario.case_by_id[name] if name is not None else None


def _holds(desk: Desk, condition: Condition | None) -> bool:
    if condition is None:
        return True
    option = desk.state(condition.case).option
    return option is not None and option.mode in condition.did


def _never_comes(desk: Desk, case: Case) -> bool:
    """Whether what was done before keeps this case from coming in."""
    if case.opens_if is None:
        return False
    earlier = desk.scenario.case_by_id[case.opens_if.case]
    settled = desk.state(earlier.id).option is not None or _never_comes(desk, earlier)
    return settled and not _holds(desk, case.opens_if)


def message_of(desk: Desk, case: Case, found_out: Mapping[str, int] | None = None) -> tuple[str, ...]:
    """The wording that fits what was done before, and what the person knew when they wrote. `found_out` as in
    `value.found_out`; without it nothing has come to light overnight."""
    aware = _aware(desk, case, found_out or {}) if case.variants else None
    fitting = (
        variant.message
        for variant in case.variants
        if _holds(desk, variant.condition) and variant.knows in (None, aware)
    )
    return next(fitting, case.message)


def _aware(desk: Desk, case: Case, found_out: Mapping[str, int]) -> Aware | None:
    """How the person had learned, when this case came in, that AI writes to them; None where they had not."""
    past = desk.scenario.person_by_id[case.person].past
    if found_out.get(case.person, case.day) < case.day or (past is not None and past.knows == "found_out"):
        return "found_out"
    known, _ = awareness(desk, case.person, before=case)
    return "told" if known else None


def awareness(desk: Desk, person_id: str, before: Case | None = None) -> tuple[int, int]:
    """How many AI-assisted messages the person knows of, and how many uses are hidden; from before the first day too,
    but for what came to light overnight. Up to a case of theirs where `before` names one."""
    past = desk.scenario.person_by_id[person_id].past
    known = past.times if past is not None and past.knows != "hidden" else 0
    hidden = past.times if past is not None and past.knows == "hidden" else 0
    for case in desk.done:
        if case == before:
            break
        option, talk = desk.state(case.id).option, desk.state(case.id).talk
        admits = case.asks or (talk is not None and made_move(talk.point, "tell"))
        if case.person != person_id or option is None:
            continue
        if option.mode in SENDS_AI_TEXT:
            if option.tell or known:
                known, hidden = known + 1, 0
            else:
                hidden += 1
        elif option.mode == "step_in" and hidden and admits:
            known, hidden = known + 1, 0
    return known, hidden


def offered(desk: Desk, case: Case) -> tuple[Mode, ...]:
    """The modes in which this case can be finished from here, whether or not the minutes suffice."""
    modes: list[Mode] = ["review" if desk.state(case.id).opened else "rely"]
    if not desk.state(case.id).opened:
        modes.append("review")
    modes.append("step_in")
    if case.minutes.hand_over is not None:
        modes.append("hand_over")
    return (*modes, "leave")


def minutes_for(case: Case, mode: Mode, *, opened: bool) -> int:
    """What it still costs, in minutes, to finish the case in this mode."""
    paid = case.minutes.review if opened else 0
    if mode == "leave":
        return 0
    if mode == "hand_over":
        if case.minutes.hand_over is None:
            raise ValueError(f"nobody can take ‘{case.id}’")
        return case.minutes.hand_over
    full = {"rely": case.minutes.rely, "review": case.minutes.review, "step_in": case.minutes.step_in}[mode]
    return max(0, full - paid)


# --- doing ------------------------------------------------------------------------------------------------------


def apply(desk: Desk, act: Act) -> Desk:
    """Do one act. Raises ActRefusedError, with a sentence, where it is not possible."""
    if desk.finished:
        raise ActRefusedError("The day is over; nothing more can be done in it.")
    if act.do == "end_day":
        for single in _spelled_out(desk, act):
            desk = apply(desk, single)
        return desk
    case = desk.scenario.case_by_id.get(act.case or "")
    if case is None:
        raise ActRefusedError(f"There is no case ‘{str(act.case)[:40]}’ here.")
    talking = in_conversation(desk)
    if act.do not in MODES and act.do not in ("commit", "open"):
        return _converse(desk, case, talking, act)
    if talking is not None:
        raise ActRefusedError(f"You are in conversation with {desk.scenario.person_by_id[talking.person].name}.")
    if case not in waiting(desk):
        done = desk.state(case.id).option is not None
        raise ActRefusedError(
            f"‘{case.subject}’ has been dealt with already." if done else f"‘{case.subject}’ has not come in yet."
        )
    state = desk.state(case.id)
    if act.do == "commit":
        return _commit(desk, case, state, act)
    if case.advice is not None and state.call is None and act.do != "leave":
        raise ActRefusedError("Make your own call first; then the AI's advice is shown.")
    if act.do == "open":
        return _open(desk, case, state)
    return _move_on(_finish(desk, case, state, act.do, act))


def _commit(desk: Desk, case: Case, state: CaseState, act: Act) -> Desk:
    if case.advice is None:
        raise ActRefusedError("No own call is asked for here.")
    if state.call is not None:
        raise ActRefusedError("Your own call on this case has been made.")
    if act.call is None:
        raise ActRefusedError("Say which call you make: person or routine.")
    return _with(desk, case, replace(state, call=act.call), spent=0)


def _open(desk: Desk, case: Case, state: CaseState) -> Desk:
    if state.opened:
        raise ActRefusedError("The case file is open already.")
    cost = _affordable(desk, case.minutes.review)
    return _with(desk, case, replace(state, opened=True, minutes=cost), spent=cost)


def _finish(desk: Desk, case: Case, state: CaseState, mode: Mode, act: Act) -> Desk:
    if mode == "review" and not state.opened:
        raise ActRefusedError("Open the case file first; then send what you have checked.")
    if mode not in offered(desk, case):
        raise ActRefusedError(
            "With the case file open, send what you have not struck."
            if mode == "rely"
            else "Nobody else can take this case."
        )
    if any(not 1 <= strike <= len(case.draft) for strike in act.strikes):
        raise ActRefusedError(f"The draft has {len(case.draft)} sentences; one that was struck is not among them.")
    cost = _affordable(desk, minutes_for(case, mode, opened=state.opened))
    known, _ = awareness(desk, case.person)
    conversation = desk.scenario.conversation(case.id)
    tells = mode in SENDS_AI_TEXT and known == 0 and (act.tell or case.asks)
    finished = replace(
        state,
        option=Option(mode, tells),
        strikes=act.strikes if mode == "review" else (),
        minutes=state.minutes + cost,
        place=len(desk.done),
        talk=begin(conversation) if mode == "step_in" and conversation is not None else None,
    )
    return _with(desk, case, finished, spent=cost)


def _converse(desk: Desk, case: Case, talking: Case | None, act: Act) -> Desk:
    state = desk.state(case.id)
    if talking != case or state.talk is None:
        raise ActRefusedError("There is no conversation open here.")
    if desk.scenario.use != "practice" and (act.do == "take_back" or (act.do == "say" and act.line is None)):
        raise ActRefusedError("In an assessment the lines that are offered are said, once each.")
    try:
        talk = _after(state.talk, act)
    except TurnRefusedError as refused:
        raise ActRefusedError(str(refused)) from refused
    return _move_on(_with(desk, case, replace(state, talk=talk), spent=0))


def _after(talk: Talk, act: Act) -> Talk:
    if act.do == "close":
        return close(talk)
    if act.do == "take_back":
        return take_back(talk, act.turn)
    return say_line(talk, act.line) if act.line is not None else say_freely(talk, act.moves, act.text)


def _affordable(desk: Desk, cost: int) -> int:
    left = desk.minutes_left[-1]
    if cost > left:
        raise ActRefusedError(f"That takes {cost} minutes and {left} are left.")
    return cost


def _with(desk: Desk, case: Case, state: CaseState, *, spent: int) -> Desk:
    left = (*desk.minutes_left[:-1], desk.minutes_left[-1] - spent)
    return replace(desk, minutes_left=left, states={**desk.states, case.id: state})


def _move_on(desk: Desk) -> Desk:
    """Go on to the next day, or to the end, once nothing waits and nobody is on the line."""
    while not desk.finished and not waiting(desk) and in_conversation(desk) is None:
        if desk.day == len(desk.scenario.days):
            desk = replace(desk, finished=True)
        else:
            desk = replace(desk, minutes_left=(*desk.minutes_left, desk.scenario.days[desk.day].minutes))
    return desk
