"""What is said about a play that has been marked, a paragraph at a time, in words that print well in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tillit.engine.debrief import Reason, advice_in_words, reason
from tillit.engine.desk import Desk, awareness
from tillit.engine.discernment import reliance_on_desk
from tillit.engine.parameters import ParameterTable
from tillit.engine.policies import in_words
from tillit.engine.scores import Decision, Scale
from tillit.engine.value import prospects
from tillit.engine.view import outcome_in_words, reaction, times_in_words

MOST_COSTLY = 3
MOST_AT_RISK = 5
# A decision that lost less than this share of the points is not held up as costly.
WORTH_MENTIONING = 0.02


def feedback(
    table: ParameterTable, scale: Scale, desk: Desk, made: Iterable[Decision], share: float
) -> tuple[str, ...]:
    """All that is said. Lines in capitals are headings; what is indented belongs to the line before."""
    return (
        *_how_far(scale, share),
        *_story(desk),
        *_costliest(table, scale, desk, made),
        *_kept_quiet(table, desk),
        *_review(desk),
        *_own_calls(desk),
        "",
        "One day is little to judge by. Take it as a day."
        if len(desk.scenario.days) == 1
        else "A few days are little to judge by. Take them as that.",
    )


def _how_far(scale: Scale, share: float) -> Iterator[str]:
    yield (f"No points is where the best rule without judgement ends, ‘{scale.rule_words}’; all points is the best "
           "plan with the same minutes. What counts is what you could see when you chose.")  # fmt: skip
    if share <= 0:
        yield "That rule would have done as well as this play, or better. Where it went stands below."
    elif share >= 1:
        yield "Nothing that could have been done with these minutes would clearly have been better."


def _story(desk: Desk) -> Iterator[str]:
    """What was done and how each person took it, in the order of the day."""
    scenario, key = desk.scenario, desk.scenario.need_key()
    yield "WHAT YOU DID, AND HOW THEY TOOK IT"
    for case in scenario.cases:
        state = desk.state(case.id)
        if state.option is not None:
            name = scenario.person_by_id[case.person].name
            day = f"{scenario.days[case.day - 1].name}, " if len(scenario.days) > 1 else ""
            yield f"{day}{case.time}  {name}, {_quoted(case.subject)}. {outcome_in_words(desk, case, state)}"
            yield "    " + " ".join(reaction(case, key.cases[case.id], state))


def _costliest(table: ParameterTable, scale: Scale, desk: Desk, made: Iterable[Decision]) -> Iterator[str]:
    costly = sorted(
        (one for one in made if _share_lost(scale, one.credited) >= WORTH_MENTIONING), key=lambda one: -one.credited
    )
    if not costly:
        return
    yield "WHAT COST MOST" if len(costly) > 1 else "WHAT COST SOMETHING"
    for one in costly[:MOST_COSTLY]:
        name = desk.scenario.person_by_id[one.case.person].name
        better = "" if one.option == one.best else f"; better: {in_words(one.best)}"
        lost = f"{_share_lost(scale, one.credited):.0%}".replace("%", " %")
        chose = f"You chose: {in_words(one.option)}{better}."
        yield f"{name}, {_quoted(one.case.subject)}. {chose} Lost: {lost} of the points."
        why = reason(table, desk, one)
        yield f"    {why.words} ({_provenance(why)})"
    if sum(_share_lost(scale, one.credited) for one in costly) > 1:
        yield "Together these and the smaller ones lost more than there was to earn."


def _share_lost(scale: Scale, loss: float) -> float:
    return loss / (scale.best - scale.rule)


def _provenance(why: Reason) -> str:
    """Where the number that made the difference comes from, and how far it is to be trusted."""
    return {
        "measured": f"measured: {why.source}",
        "ordering": f"only the order is known, not the size: {why.source}",
        "guess": "our guess",
    }.get(why.kind, why.source)


def _kept_quiet(table: ParameterTable, desk: Desk) -> Iterator[str]:
    """From whom it is hidden that AI wrote, and how likely that was to come to light on the nights of the play."""
    people = {name: hidden for name in desk.scenario.person_by_id if (hidden := awareness(desk, name)[1])}
    if len(desk.scenario.days) == 1 or not people:
        return
    listed = prospects(table.values, desk)
    came_out = {name: sum(chance for chance, now in listed[name] if not now.hidden) for name in people}
    yield "WHAT NOBODY HAS SAID"
    whom = "one person" if len(people) == 1 else f"{len(people)} people"
    yield (f"AI wrote to {whom} without their knowing. Whether that came to light has not been drawn by lot "
           "here: the points count how likely it was, night after night. How likely, by our guesses:")  # fmt: skip
    for name in sorted(people, key=lambda name: -came_out[name])[:MOST_AT_RISK]:
        likely = f"{round(100 * came_out[name])} in 100" if came_out[name] else "no night has followed yet"
        yield f"    {desk.scenario.person_by_id[name].name}, {times_in_words(people[name])}: {likely}"
    if (others := len(people) - MOST_AT_RISK) > 0:
        yield f"    {_count(others, 'other')}: no likelier than the last of these"


def _review(desk: Desk) -> Iterator[str]:
    """What was found on review and what was not. This is told, and earns or costs nothing."""
    scenario, key = desk.scenario, desk.scenario.need_key()
    reviewed = [case for case in desk.done if (option := desk.state(case.id).option) and option.mode == "review"]
    if not reviewed:
        return
    flaws = {(case.id, flaw.sentence): flaw for case in reviewed for flaw in key.cases[case.id].flaws}
    struck = {(case.id, number) for case in reviewed for number in desk.state(case.id).strikes}
    drafts = "one draft" if len(reviewed) == 1 else f"{len(reviewed)} drafts"
    yield "YOUR REVIEWS"
    found, wrongly = len(flaws.keys() & struck), _count(len(struck - flaws.keys()), "sentence")
    yield (f"You reviewed {drafts}. Of {_count(len(flaws), 'fault')} there you struck {found}; of what was right you "
           f"struck {wrongly}. This is not marked.")  # fmt: skip
    for case in reviewed:
        for number in range(1, len(case.draft) + 1):
            here = (case.id, number)
            where = f"{scenario.person_by_id[case.person].name}, sentence {number}, {_quoted(case.draft[number - 1])}"
            if here in flaws and here not in struck:
                yield f"    Missed: {where} {flaws[here].why}"
            elif here in struck and here not in flaws:
                yield f"    Struck, though right: {where}"


def _own_calls(desk: Desk) -> Iterator[str]:
    """How the AI's advice was used, where an own call came before it. This is told, and earns or costs nothing."""
    if desk.scenario.has_commit:
        yield "YOUR OWN CALL AND THE AI'S"
        yield f"{advice_in_words(reliance_on_desk(desk))} This is not marked."


def _quoted(text: str) -> str:
    return f"‘{text}’"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
