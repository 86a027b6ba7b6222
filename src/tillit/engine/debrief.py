"""What the learner is shown at the end of a day in practice: what happened, what would have been best, and why.

What happened to people is told from the real course; what decisions were worth, from the believed one (see `value`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tillit.engine.desk import Desk, Replay, awareness, replay
from tillit.engine.discernment import Reliance, reliance_on_desk
from tillit.engine.model import Impression, Option, disclosed, effect_of, start, trust_of
from tillit.engine.parameters import Parameters, ParameterTable
from tillit.engine.play import SENDS_AI_TEXT, Act, Mode, Play
from tillit.engine.policies import LEAVE, acts_for, all_options, desk_by_plan, in_words, perfect_strikes
from tillit.engine.scenario import Case, CaseKey, Flaw, Person, Scenario
from tillit.engine.scores import Decision, Hindsight, Scale, as_good_within, decisions, judged, one_weight_moved
from tillit.engine.value import History, believed_quality, conversation_value, found_out, histories, option_value
from tillit.engine.view import reaction, times_in_words

MOST_COSTLY = 3  # and one more for each further day
# A decision that lost less than this many points of the displayed scale of one day is not held up as costly.
WORTH_MENTIONING = 1.0
# With fewer reviewed drafts than this, kinds of fault and halves of the day are single cases and say nothing.
REVIEWED_ENOUGH = 8


@dataclass(frozen=True)
class Change:
    """One decision taken otherwise, for the rewind."""

    case: str
    option: Option


def debrief(
    table: ParameterTable, scenario: Scenario, play: Play, scale: Scale, hindsight: Hindsight | None = None
) -> dict[str, Any]:
    """The debrief of a finished play in practice, as plain data; `rewind` is left for the caller to fill in.
    `hindsight` is that of the scenario, where there is one: what has been worked out before is not worked out again.

    Raises ScenarioError without a key.
    """
    p = table.values
    hindsight = hindsight or Hindsight(table, scenario)
    replayed = replay(scenario, play.acts)
    best = desk_by_plan(scenario, hindsight.plan(p))
    made = decisions(table, scenario, play, scale, hindsight)
    return {
        "score": _score(scale, hindsight.judged(play, scale)),
        "trust": _trust(table, replayed.desk, best, play.seed),
        "minutes": _minutes(scale, replayed.desk, best, made),
        "price": _price(hindsight.prices(), scenario, scale),
        "costliest": _costliest(table, scale, replayed.desk, made, found_out(p, replayed.desk, play.seed)),
        "as_good": _as_good(table, scenario, scale, made, hindsight),
        "review": _review(replayed.desk),
        "conversations": _conversations(p, replayed.desk),
        "advice": _advice(replayed.desk),
        "rewind_options": {
            case.id: [
                {"do": option.mode, "tell": option.tell, "words": in_words(option)}
                for option in rewind_options(replayed.desk, case)
            ]
            for case in replayed.desk.done
        },
        "rewind": None,
    }


# --- score ------------------------------------------------------------------------------------------------------


def points(scale: Scale, value: float) -> int:
    """The score that is shown: 0 for chance and below, 100 for the best plan and above."""
    return round(min(100.0, max(0.0, scale.displayed(value))))


def _score(scale: Scale, value: float) -> dict[str, Any]:
    yours, rule = points(scale, value), points(scale, scale.rule)
    if yours >= 95:
        words = "Hardly anything better could have been done with these minutes."
    elif yours > rule:
        words = "Better than any rule that treats every case the same; the decisions below cost the rest."
    elif yours > 0:
        words = "A rule without judgement would have done as well or better. The decisions below show where it went."
    else:
        words = "No better than chance would have done. The decisions below show where it went."
    return {"yours": yours, "rule": rule, "rule_words": scale.rule_words, "words": words}


# --- trust over the day -----------------------------------------------------------------------------------------


def _trust(table: ParameterTable, desk: Desk, best: Desk, seed: int) -> list[dict[str, Any]]:
    p = table.values
    real = histories(p, desk, "real", seed)
    at_best = histories(p, best, "real", seed)
    one_day = len(desk.scenario.days) == 1
    return [
        {
            "person": person.id,
            "name": person.name,
            "points": _points(desk, person, real[person.id]),
            "best_end": round(at_best[person.id].end.shown, 3),
            "words": _past_words(p, desk, person)
            + _trust_words(person.name, real[person.id], "this morning" if one_day else "on the first morning")
            + _night_words(desk.scenario, real[person.id]),
        }
        for person in desk.scenario.people
    ]


def _points(desk: Desk, person: Person, history: History) -> list[dict[str, Any]]:
    points = [{"label": "Before the day", "value": round(history.before.shown, 3)}]
    at_first = trust_of(desk.scenario.need_key().people[person.id])
    if history.before.trust != at_first.trust:
        points.insert(0, {"label": "Before AI came into it", "value": round(at_first.shown, 3)})
    for step in history.steps:
        if step.case is None:
            label = f"After {desk.scenario.days[step.day - 1].name}: it came out that AI had been used"
        else:
            option = desk.state(step.case.id).option
            assert option is not None  # a step is a case that was done
            day = f"{desk.scenario.days[step.day - 1].name}, " if len(desk.scenario.days) > 1 else ""
            label = f"{day}{step.case.time} {step.case.subject}: {in_words(option).lower()}"
        points.append({"label": label, "value": round(step.standing.shown, 3)})
    return points


def _past_words(p: Parameters, desk: Desk, person: Person) -> str:
    """What the past had done by the morning of the first day; nothing where it had done nothing."""
    key = desk.scenario.need_key().people[person.id]
    before, after = trust_of(key), start(p, key, person.past)
    if person.past is None or before.trust == after.trust:
        return ""
    causes = ["A mistake of the AI's"] if person.past.fault is not None else []
    if person.past.knows != "hidden":
        found_out = "finding out" if person.past.knows == "found_out" else "being told"
        causes.append(f"{found_out if causes else found_out.capitalize()} that AI had been used")
    moved = f"from {round(100 * before.shown)} to {round(100 * after.shown)} of 100"
    words = f"{' and '.join(causes)} had moved {person.first_name}'s trust {moved} before the day began"
    if after.ceiling != math.inf:
        words += ", and a part of the trust in your honesty does not come back"
    return f"{words}. "


def _trust_words(name: str, history: History, morning: str) -> str:
    change = history.end.shown - history.before.shown
    if change > 0.1:
        moved = f"{name} trusts you clearly more than {morning}."
    elif change > 0.02:
        moved = f"{name} trusts you a little more than {morning}."
    elif change >= -0.02:
        moved = f"{name} thinks of you about as {morning}."
    elif change >= -0.1:
        moved = f"{name} trusts you a little less than {morning}."
    else:
        moved = f"{name} trusts you clearly less than {morning}."
    hidden = history.end.hidden
    if hidden:
        moved += f" AI wrote to them {times_in_words(hidden)} without their knowing, and that can still come out."
    return moved


def _night_words(scenario: Scenario, history: History) -> str:
    """That it came out on a night, and on which."""
    return "".join(
        f" After {scenario.days[step.day - 1].name} it came out that AI had written your answers."
        for step in history.steps
        if step.case is None
    )


# --- minutes ----------------------------------------------------------------------------------------------------


def _minutes(scale: Scale, desk: Desk, best: Desk, made: Iterable[Decision]) -> dict[str, Any]:
    loss = {decision.case.id: decision.loss for decision in made}
    came_in = [case for case in desk.scenario.cases if any(d.state(case.id).option for d in (desk, best))]
    names = desk.scenario.person_by_id
    return {
        "of": sum(day.minutes for day in desk.scenario.days),
        "left": sum(desk.minutes_left),
        "best_left": sum(best.minutes_left),
        **({"days": _day_rows(desk, best, loss, scale)} if len(desk.scenario.days) > 1 else {}),
        "rows": [
            {
                "case": case.id,
                **({"day": case.day} if len(desk.scenario.days) > 1 else {}),
                "person": names[case.person].name,
                "subject": case.subject,
                "yours": _did(desk, case),
                "best": _did(best, case),
                "loss": round(loss.get(case.id, 0.0) / scale.point, 1),
            }
            for case in came_in
        ],
    }


def _day_rows(desk: Desk, best: Desk, loss: Mapping[str, float], scale: Scale) -> list[dict[str, Any]]:
    """Each of several days: its minutes, and what its decisions cost."""
    days = zip(desk.scenario.days, desk.minutes_left, best.minutes_left, strict=True)
    return [
        {
            "name": day.name,
            "of": day.minutes,
            "left": left,
            "best_left": best_left,
            "loss": round(sum(loss.get(case.id, 0.0) for case in desk.scenario.cases_of_day(number)) / scale.point, 1),
        }
        for number, (day, left, best_left) in enumerate(days, start=1)
    ]


def _did(desk: Desk, case: Case) -> dict[str, Any]:
    state = desk.state(case.id)
    if state.option is None:
        return {"did": None, "tell": False, "minutes": 0, "words": "Did not come in"}
    return {
        "did": state.option.mode,
        "tell": state.option.tell,
        "minutes": state.minutes,
        "words": in_words(state.option),
    }


def _price(prices: Iterable[float], scenario: Scenario, scale: Scale) -> dict[str, Any]:
    tens = [10 * price / scale.point for price in prices]
    if len(tens) == 1:
        words = f"Ten more minutes, spent as well as possible, would have been worth {tens[0]:.0f} points today."
    else:
        days = zip(scenario.days, tens, strict=True)
        listed = "; ".join(f"{day.name}, {_points_in_words(round(ten, 1))}" for day, ten in days)
        words = f"What ten more minutes, spent as well as possible, would have been worth on each day: {listed}."
    return {"words": words, "ten_minutes": round(max(tens), 1)}


def _points_in_words(number: float) -> str:
    return "half a point" if number == 0.5 else f"{number:g} {'point' if number == 1 else 'points'}"


# --- the decisions that cost most -------------------------------------------------------------------------------


def _costliest(
    table: ParameterTable, scale: Scale, desk: Desk, made: Iterable[Decision], nights: Mapping[str, int]
) -> list[dict[str, Any]]:
    days = len(desk.scenario.days)
    worth_mentioning = WORTH_MENTIONING * scale.point / days
    costly = sorted((one for one in made if one.loss >= worth_mentioning), key=lambda one: -one.loss)
    rows = []
    for one in costly[: MOST_COSTLY + days - 1]:
        why = reason(table, desk, one, nights)
        rows.append(
            {
                "case": one.case.id,
                "person": desk.scenario.person_by_id[one.case.person].name,
                "subject": one.case.subject,
                **({"day": desk.scenario.days[one.case.day - 1].name} if days > 1 else {}),
                "did": in_words(one.option),
                "better": in_words(one.best),
                "loss": round(one.loss / scale.point, 1),
                "why": why.words,
                "source": why.source,
                "kind": why.kind,
            }
        )
    return rows


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one act was worth more than another, with the source of the number that made the difference. `kind` is that
    of the parameter, or `computed` where it is the day's own arithmetic."""

    words: str
    source: str
    kind: str


def reason(table: ParameterTable, desk: Desk, decision: Decision, nights: Mapping[str, int] | None = None) -> Reason:
    """The one thing that most made the better act better: presence, faults, telling, hiding, waiting, or minutes.
    `nights` says who had found out, and after which day, where that could be seen (see `value.found_out`)."""
    case, key = decision.case, desk.scenario.need_key().cases[decision.case.id]
    if decision.option == decision.best:
        return Reason(
            "The act was right in itself; what was spent before left too little for what came after.",
            "the arithmetic of this day",
            "computed",
        )
    knew = (nights or {}).get(case.person, case.day) < case.day
    gaps = _gaps(table, desk, decision, knew)
    name = max(gaps, key=lambda name: gaps[name])
    if gaps[name] <= 0:
        return Reason(
            f"It gave {_first_name(desk, case)} no less, but the minutes were worth more elsewhere. {_sign(key)}",
            "the arithmetic of this day", "computed",
        )  # fmt: skip
    return _REASONS[name](table, desk, decision)


def _gaps(table: ParameterTable, desk: Desk, decision: Decision, knew: bool) -> dict[str, float]:
    """How much more the better act gives, in SD, by what it gives it through."""
    chosen, best = (_parts(table, desk, decision.case, option, knew) for option in (decision.option, decision.best))
    return {name: best[name] - chosen[name] for name in chosen}


def _parts(table: ParameterTable, desk: Desk, case: Case, option: Option, knew: bool) -> dict[str, float]:
    """What an option gives, taken apart, given what the person knew by then."""
    p, scenario_key = table.values, desk.scenario.need_key()
    person, key = scenario_key.people[case.person], scenario_key.cases[case.id]
    known, hidden = awareness(_before(desk, case), case.person)
    if knew:  # found out on a night before: what was hidden is known
        known, hidden = known + hidden, 0
    quality = believed_quality(p, case, option.mode)
    effect = effect_of(p, person, key, option, quality, asks=case.asks, known=known, hidden=hidden)
    told = disclosed(p, person, key, known=known, hidden=hidden) if effect.known and not knew else Impression()
    answer = effect.impression.ability + effect.impression.integrity - told.ability - told.integrity
    return {
        "presence": effect.impression.benevolence - told.benevolence,
        "answer": answer - p.harm_worth * effect.harm,
        "telling": told.trust,
        "hiding": (1 - math.exp(effect.log_survival)) * effect.exposure,
    }


def _before(desk: Desk, case: Case) -> Desk:
    """The desk as it was when this case was dealt with."""
    place = desk.state(case.id).place
    return replace(desk, states={name: state for name, state in desk.states.items() if 0 <= state.place < place})


def _reason_presence(table: ParameterTable, desk: Desk, decision: Decision) -> Reason:
    key = desk.scenario.need_key().cases[decision.case.id]
    row = table["presence_met"]
    if decision.option.mode in ("step_in", "hand_over") and not key.needs_person:
        row = table["presence_unwanted"] if decision.option.mode == "step_in" else table["passed_on"]
    return Reason(
        f"{_presence_words(_first_name(desk, decision.case), decision, key)}{_sign(key)}", row.citation, row.kind
    )


def _presence_words(name: str, decision: Decision, key: CaseKey) -> str:
    """What was asked of you yourself; nothing, where a person was not the difference between the two acts."""
    better, chosen = (option.mode in ("step_in", "hand_over") for option in (decision.best, decision.option))
    if decision.best.mode == "step_in" and key.needs_person:
        return f"{name} needed a person here. "
    if better and not chosen:
        return f"A person would have given {name} more here. "
    return f"{name} needed no person here. " if chosen and not better else ""


def _sign(key: CaseKey) -> str:
    """By what it could be seen, as the scenario has it: a sentence, or a few words that are none."""
    return f"What showed it: {key.signal}"


def _reason_answer(table: ParameterTable, desk: Desk, decision: Decision) -> Reason:
    """The answer came too late, or it was more likely to be wrong than was worth the minutes saved."""
    case, key = decision.case, desk.scenario.need_key().cases[decision.case.id]
    if decision.option.mode in ("leave", "hand_over"):
        row = table["right_answer"]
        what = "It could not well wait." if decision.option.mode == "leave" else "Passed on, it would wait."
        return Reason(f"{what} {_sign(key)}", row.citation, row.kind)
    row = table["loss_ratio"]
    odds = f"On {case.record.on} the AI is right {case.record.right} times of {case.record.of}"
    this_time = (
        f"This time: {key.flaws[0].why}" if key.flaws else ("This time the draft was right; that could not be known.")
    )
    return Reason(f"{odds}, and a fault costs more than a right answer gives. {this_time}", row.citation, row.kind)


def _reason_telling(table: ParameterTable, desk: Desk, decision: Decision) -> Reason:
    key = desk.scenario.need_key().cases[decision.case.id]
    row = table[f"disclosure_{key.type}"]
    name = _first_name(desk, decision.case)
    words = f"{name} would have been glad to be told that AI helped."
    if decision.option.tell:
        words = f"Saying that AI helped cost more with {name}, in this matter, than it gave."
    return Reason(words, row.citation, row.kind)


def _reason_hiding(table: ParameterTable, desk: Desk, decision: Decision) -> Reason:
    row = table["exposure_ratio"]
    key = desk.scenario.need_key().cases[decision.case.id]
    where = "Others read along here, so what is not said may well come out"
    who = where if key.third_party else "What is not said can still come out"
    return Reason(f"{who}, and being found out costs more than saying so would have.", row.citation, row.kind)


_REASONS: Mapping[str, Callable[[ParameterTable, Desk, Decision], Reason]] = {
    "presence": _reason_presence,
    "answer": _reason_answer,
    "telling": _reason_telling,
    "hiding": _reason_hiding,
}


def _first_name(desk: Desk, case: Case) -> str:
    return desk.scenario.person_by_id[case.person].first_name


# --- where another act would have been as good ------------------------------------------------------------------


def _as_good(
    table: ParameterTable, scenario: Scenario, scale: Scale, made: Iterable[Decision], hindsight: Hindsight
) -> list[dict[str, Any]]:
    """Where another act is as good: where you chose one, and where the best plan itself changes with the weights."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}

    def add(case: Case, words: str) -> None:
        person = scenario.person_by_id[case.person].name
        rows[case.id, words] = {"case": case.id, "person": person, "subject": case.subject, "words": words}

    for one in made:
        if one.option != one.best and one.credited == 0.0:
            tie = one.loss <= as_good_within(scenario, scale)
            why = "there is next to nothing between them" if tie else "it depends on what your organisation weighs more"
            add(one.case, f"{in_words(one.option)}, as you did, is as good as {in_words(one.best).lower()}: {why}.")
    usual = hindsight.plan(table.values)
    for name, ends in one_weight_moved(table).items():
        for p, words in zip(ends, _WEIGHT_WORDS[name], strict=True):
            for case_id, option in hindsight.plan(p).items():
                if option != usual.get(case_id, option):
                    case = scenario.case_by_id[case_id]
                    add(case, f"{in_words(option)} instead of {in_words(usual[case_id]).lower()}, if {words}.")
    return list(rows.values())


_WEIGHT_WORDS = {
    "minute_worth": ("minutes left over are worth less to you", "minutes left over are worth more to you"),
    "harm_worth": ("the harm done by a wrong answer weighs less with you", "that harm weighs more with you"),
}


# --- review -----------------------------------------------------------------------------------------------------


def _review(desk: Desk) -> dict[str, Any]:
    """Hits and false alarms, sentence by sentence, in the drafts that were sent after review; where those were many,
    also by kind of fault and by half of the day; and what went out unread."""
    key = desk.scenario.need_key()
    reviewed = _sent_by(desk, "review")
    rows = [row for case in reviewed for row in _review_rows(desk, case, key.cases[case.id].flaws)]
    flaws, hits, false_alarms = _counted(rows)
    enough = len(reviewed) >= REVIEWED_ENOUGH
    unread = _unread(desk)
    return {
        "opened": len(reviewed),
        "flaws": flaws,
        "hits": hits,
        "false_alarms": false_alarms,
        "words": _review_words(len(reviewed), flaws, hits, false_alarms),
        "rows": rows,
        "kinds": _by_kind(desk, rows) if enough else [],
        "halves": _halves(reviewed, rows) if enough else [],
        "unread": unread,
        "unread_words": _unread_words(desk, len(unread)),
    }


def _counted(rows: Iterable[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Faults, those of them that were struck, and right sentences that were."""
    listed = list(rows)
    wrong = [row for row in listed if row["flaw"] is not None]
    return len(wrong), sum(row["struck"] for row in wrong), len(listed) - len(wrong)


_KIND_WORDS: Mapping[str, str] = {
    "wrong_fact": "a wrong fact",
    "wrong_date": "a wrong date",
    "wrong_amount": "a wrong amount",
    "ignores_file": "what the file says, passed over",
    "invented": "something invented",
    "promises_too_much": "a promise nobody made",
    "intrusive": "what the person has not told us",
    "wrong_person": "somebody else's matter",
}


def _by_kind(desk: Desk, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of each kind of fault in the reviewed drafts, how many there were and how many were struck, most missed first."""
    key = desk.scenario.need_key()
    counts: dict[str, list[bool]] = {}
    for row in rows:
        for flaw in key.cases[row["case"]].flaws:
            if flaw.sentence == row["n"]:
                counts.setdefault(flaw.kind, []).append(row["struck"])
    most_missed = sorted(counts, key=lambda kind: (counts[kind].count(True) - len(counts[kind]), kind))
    return [
        {"kind": kind, "words": _KIND_WORDS[kind], "hits": counts[kind].count(True), "of": len(counts[kind])}
        for kind in most_missed
    ]


def _halves(reviewed: Sequence[Case], rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same counts for the drafts that were reviewed first and for the others: attention may tire."""
    listed, middle = list(rows), (len(reviewed) + 1) // 2
    parts = []
    for name, cases in (("first", reviewed[:middle]), ("second", reviewed[middle:])):
        names = {case.id for case in cases}
        flaws, hits, false_alarms = _counted(row for row in listed if row["case"] in names)
        parts.append({"half": name, "opened": len(cases), "flaws": flaws, "hits": hits, "false_alarms": false_alarms})
    return parts


def _unread(desk: Desk) -> list[dict[str, Any]]:
    """The faults that went out in drafts which nobody had read."""
    key = desk.scenario.need_key()
    return [
        {
            "case": case.id,
            "person": desk.scenario.person_by_id[case.person].name,
            "subject": case.subject,
            "text": case.draft[flaw.sentence - 1],
            "flaw": flaw.why,
            "fix": flaw.fix,
        }
        for case in _sent_by(desk, "rely")
        for flaw in key.cases[case.id].flaws
    ]


def _sent_by(desk: Desk, mode: Mode) -> list[Case]:
    return [case for case in desk.done if (option := desk.state(case.id).option) and option.mode == mode]


def _unread_words(desk: Desk, faults: int) -> str:
    """One sentence on the drafts that went out as they were; none where there were none."""
    sent = _sent_by(desk, "rely")
    if not sent:
        return ""
    key = desk.scenario.need_key()
    faulty = sum(bool(key.cases[case.id].flaws) for case in sent)
    if len(sent) == 1:
        return "One draft went out unread, and " + ("it was faulty." if faulty else "nothing was wrong in it.")
    how_many = {0: "none of them was faulty", 1: "one of them was faulty"}.get(faulty, f"{faulty} of them were faulty")
    in_all = f", with {faults} faults in all" if faults > faulty else ""
    return f"{len(sent)} drafts went out unread; {how_many}{in_all}."


def _review_rows(desk: Desk, case: Case, flaws: Iterable[Flaw]) -> list[dict[str, Any]]:
    """Only the sentences with something to say: a fault, or a strike."""
    wrong = {flaw.sentence: flaw for flaw in flaws}
    struck = desk.state(case.id).strikes
    return [
        {
            "case": case.id,
            "person": desk.scenario.person_by_id[case.person].name,
            "n": number,
            "text": case.draft[number - 1],
            "struck": number in struck,
            "flaw": wrong[number].why if number in wrong else None,
            "fix": wrong[number].fix if number in wrong else None,
        }
        for number in sorted({*wrong, *struck})
    ]


def _review_words(reviewed: int, flaws: int, hits: int, false_alarms: int) -> str:
    if not reviewed:
        return "You reviewed no draft."
    drafts = "one draft" if reviewed == 1 else f"{reviewed} drafts"
    if not flaws:
        found = "there was no fault in them" if reviewed > 1 else "there was no fault in it"
    else:
        found = (
            f"you found {hits} of the {flaws} faults in them"
            if flaws > 1
            else ("you found the one fault in them" if hits else "you missed the one fault in them")
        )
    alarms = (
        ""
        if not false_alarms
        else (
            "; one right sentence was struck" if false_alarms == 1 else f"; {false_alarms} right sentences were struck"
        )
    )
    return f"You reviewed {drafts}; {found}{alarms}."


# --- conversations ----------------------------------------------------------------------------------------------

# In SD of trust: less than this, and a conversation was about as good as plans count on.
_ABOUT_AS_GOOD = 0.05


def _conversations(p: Parameters, desk: Desk) -> list[dict[str, Any]]:
    """How each conversation ended, beside what the score counts on: it takes every stepping in as usual."""
    key = desk.scenario.need_key()
    rows = []
    for case in desk.done:
        talk = desk.state(case.id).talk
        if talk is None:
            continue
        person, case_key = key.people[case.person], key.cases[case.id]
        real = conversation_value(p, person, case_key, talk.conversation, talk.point)
        usual = option_value(p, person, case_key, Option("step_in"), None)
        rows.append(
            {
                "case": case.id,
                "person": desk.scenario.person_by_id[case.person].name,
                "subject": case.subject,
                "ending": list(talk.ending.words),
                "words": _conversation_words(_first_name(desk, case), real - usual),
            }
        )
    return rows


def _conversation_words(name: str, beyond: float) -> str:
    if beyond > _ABOUT_AS_GOOD:
        how = f"It went better than the score counts on, and {name} trusts you more for it"
    elif beyond < -_ABOUT_AS_GOOD:
        how = f"It went worse than the score counts on, and {name} trusts you less for it"
    else:
        how = "It went about as well as the score counts on"
    return f"{how}. The score takes all conversations as equally good: when to talk is one skill, how is another."


# --- own call and advice ----------------------------------------------------------------------------------------


def _advice(desk: Desk) -> dict[str, Any] | None:
    """How the AI's advice was used, where an own call came first: counts, and shares once there are enough of them
    (see `discernment`). None in a scenario without advice. Right is what the scenario's own labels say."""
    if not desk.scenario.has_commit:
        return None
    used = reliance_on_desk(desk)
    return {
        "followed": used.followed,
        "to_follow": used.to_follow,
        "resisted": used.resisted,
        "to_resist": used.to_resist,
        "words": advice_in_words(used),
    }


def advice_in_words(used: Reliance) -> str:
    """The counts as sentences; as shares only where there are enough of them."""
    if not used.to_follow + used.to_resist:
        return (
            "Wherever you decided, your own call and the AI's were the same, so there was nothing to follow or resist."
        )
    follow = (
        f"Where the AI was right and your own call was not, you went with it {used.followed} of {used.to_follow} times."
        if used.to_follow
        else "Nowhere was the AI right where your own call was not."
    )
    resist = (
        f"Where you were right and the AI was not, you kept your call {used.resisted} of {used.to_resist} times."
        if used.to_resist
        else "Nowhere were you right where the AI was not."
    )
    if used.suffices:
        limit = f"As shares, that is RAIR {used.rair:.2f} and RSR {used.rsr:.2f}."
    else:
        limit = "With so few cases these are counts of one day, and say little about how you use advice."
    return f"{follow} {resist} {limit}"


# --- rewind -----------------------------------------------------------------------------------------------------


def rewind_options(desk: Desk, case: Case) -> list[Option]:
    """What else could have been done with a case, the case file not yet open."""
    return all_options(replace(desk, states={}), case)


def rewind(
    table: ParameterTable,
    scenario: Scenario,
    play: Play,
    scale: Scale,
    change: Change,
    hindsight: Hindsight | None = None,
) -> dict[str, Any]:
    """The same day with one decision taken otherwise; what no longer fits the minutes is left. Stepping in, where it is
    new, is as good as it usually is. `hindsight` as in `debrief`."""
    hindsight = hindsight or Hindsight(table, scenario)
    replayed = replay(scenario, play.acts)
    case = scenario.case_by_id[change.case]
    before_option = replayed.desk.state(case.id).option
    assert before_option is not None  # only decisions that were made are offered
    other = rewound(scenario, play, replayed, change)
    otherwise = scenario.without_conversation(case.id)
    after = replay(otherwise, other.acts).desk
    left_out = [
        one.subject
        for one in after.done
        if one.id != case.id
        and after.state(one.id).option == LEAVE
        and replayed.desk.state(one.id).option not in (LEAVE, None)
    ]
    real_before = histories(table.values, replayed.desk, "real", play.seed)
    real_after = histories(table.values, after, "real", play.seed)
    before_points = points(scale, hindsight.judged(play, scale))
    after_points = points(scale, judged(table.values, otherwise, other, scale, hindsight.planner(table.values)))
    return {
        "case": case.id,
        "from": in_words(before_option),
        "to": in_words(change.option),
        "score": {"before": before_points, "after": after_points},
        "people": [
            {
                "name": person.name,
                "before": round(real_before[person.id].end.shown, 3),
                "after": round(real_after[person.id].end.shown, 3),
            }
            for person in scenario.people
        ],
        "left_out": left_out,
        "reaction": list(reaction(case, scenario.need_key().cases[case.id], after.state(case.id))),
        "words": _rewind_words(before_points, after_points, left_out),
    }


def rewound(scenario: Scenario, play: Play, replayed: Replay, change: Change) -> Play:
    """The play with one decision taken otherwise. Review, where it is new, strikes what ought to be struck."""
    case = scenario.case_by_id[change.case]
    acts: list[Act] = []
    for act in replayed.acts:
        if act.case != case.id:
            acts.append(act)
        elif act.do in SENDS_AI_TEXT or act.do in ("step_in", "hand_over", "leave"):
            acts += acts_for(case, change.option, perfect_strikes(scenario, case))
    return replace(play, acts=(*acts, *(Act("end_day") for _ in scenario.days)))


def _rewind_words(before: int, after: int, left_out: list[str]) -> str:
    if after > before:
        words = f"{after - before} points more."
    elif after < before:
        words = f"{before - after} points less."
    else:
        words = "No difference in points."
    if left_out:
        words += f" The minutes no longer reach for: {', '.join(left_out)}."
    return words
