"""What has to hold across the fields of a scenario, once each field by itself has its form.

Every rule is a generator of faults over the whole document; RULES at the end lists them in the order of the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tillit.authoring.fault import Fault, Trail, listed, nearest, quoted
from tillit.authoring.read import Document
from tillit.authoring.shape import first_sentence, schema
from tillit.authoring.text import paragraphs, plain

# Shorter than this many words, a sentence such as "Thank you." turns up in several places by chance.
_LEAK_WORDS = 4
# A draft of fewer sentences hides nothing, unless there are so many of them that reading is the work.
FEWEST_SENTENCES = 4
MANY_CASES = 12
# The best plan of several days is worked out over all sequences of a person's cases: of so many at most.
MOST_CASES_OVER_DAYS = 4

# What has to be true for a case to come in: for some earlier cases, the acts of which one must have been done.
_Needs = Mapping[str, frozenset[str]]

Rule = Callable[[Document], Iterator[Fault]]


def rule_faults(document: Document, rules: tuple[Rule, ...] | None = None) -> list[Fault]:
    """Every rule that does not hold, of these or of all. Expects a document without shape faults."""
    return [fault for rule in (RULES if rules is None else rules) for fault in rule(document)]


def possible_acts(case: Mapping[str, Any]) -> tuple[str, ...]:
    """The acts that can be done with a case, whether or not the minutes are there."""
    always = ("leave", "rely", "review", "step_in")
    return (*always, "hand_over") if "hand_over" in case["minutes"] else always


def _cases(document: Document) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = document.data["cases"]
    return cases


def _ids(document: Document, group: str) -> list[str]:
    return [entry["id"] for entry in document.data.get(group, [])]


def _or_one_of(word: str, known: list[str], plural: str) -> str:
    """What to do about a name that is not known: the nearest one, or all there are."""
    if meant := nearest(word, known):
        return f"Did you mean {quoted(meant)}?"
    return f"The {plural} are {listed(map(quoted, known))}." if known else f"There are no {plural} yet; add one."


# --- names -----------------------------------------------------------------------------------------------------------


def _id_is_the_folder(document: Document) -> Iterator[Fault]:
    name, folder = document.data["id"], document.path.absolute().parent.name
    if name != folder:
        what = f"`id` is {quoted(name)}, and the folder is called {quoted(folder)}"
        yield document.fault(("id",), what, "Give both the same name.")


def _ids_are_used_once(document: Document) -> Iterator[Fault]:
    for group in ("colleagues", "people", "cases"):
        first: dict[str, int] = {}
        for number, name in enumerate(_ids(document, group)):
            if name in first:
                line = document.line((group, first[name], "id"))
                what = f"The id {quoted(name)} is taken already, on line {line}"
                yield document.fault((group, number, "id"), what, "Give one of the two another id.")
            first.setdefault(name, number)


def _names_are_known(document: Document) -> Iterator[Fault]:
    people, colleagues = _ids(document, "people"), _ids(document, "colleagues")
    days = len(document.data["days"])
    for number, case in enumerate(_cases(document)):
        if case["person"] not in people:
            what = f"There is no person {quoted(case['person'])}"
            yield document.fault(("cases", number, "person"), what, _or_one_of(case["person"], people, "people"))
        if case.get("day", 1) > days:
            what = f"There is no day {case['day']}"
            do = f"The last day is {days}; write a smaller number or add a day."
            yield document.fault(("cases", number, "day"), what, do)
        if (taker := case.get("hand_over_to", "")) and taker not in colleagues:
            what = f"There is no colleague {quoted(taker)}"
            yield document.fault(("cases", number, "hand_over_to"), what, _or_one_of(taker, colleagues, "colleagues"))


def _everybody_has_a_case(document: Document) -> Iterator[Fault]:
    writers = {case["person"] for case in _cases(document)}
    for number, name in enumerate(_ids(document, "people")):
        if name not in writers:
            yield document.fault(("people", number), "This person has no case", "Write one, or take the person out.")


def _every_day_has_a_case(document: Document) -> Iterator[Fault]:
    filled = {case.get("day", 1) for case in _cases(document)}
    for number, _ in enumerate(document.data["days"]):
        if number + 1 not in filled:
            yield document.fault(("days", number), "No case comes in on this day", "Write one, or take the day out.")


def _few_cases_over_days(document: Document) -> Iterator[Fault]:
    if len(document.data["days"]) == 1:
        return
    written = [case["person"] for case in _cases(document)]
    for number, name in enumerate(_ids(document, "people")):
        if written.count(name) > MOST_CASES_OVER_DAYS:
            what = f"{quoted(name)} writes {written.count(name)} times"
            do = f"Over several days, let nobody write more than {MOST_CASES_OVER_DAYS} times: share the cases out."
            yield document.fault(("people", number), what, do)


def _found_out_can_happen(document: Document) -> Iterator[Fault]:
    """Hidden uses come to light on the nights between days, and are shown in practice only."""
    last = len(document.data["days"])
    for number, person in enumerate(document.data["people"]):
        if "found_out" not in person:
            continue
        own = [case.get("day", 1) for case in _cases(document) if case["person"] == person["id"]]
        if document.data["use"] != "practice":
            what, do = "An assessment shows nobody finding out", "Take `found_out` out."
        elif person.get("past", {}).get("knows", "hidden") != "hidden":
            what, do = "By their `past` they know already", "Take `found_out` out, or change the past."
        elif "past" not in person and min(own, default=last) >= last:
            what = "Nothing can come to light: no night follows this person's first case"
            do = "Take `found_out` out, or let them write on an earlier day."
        else:
            continue
        yield document.fault(("people", number, "found_out"), what, do)


# --- minutes, times and the record -----------------------------------------------------------------------------------


def _minutes_rise(document: Document) -> Iterator[Fault]:
    reasons = {
        ("rely", "review"): "Reading the file and then sending takes at least as long as sending.",
        ("review", "step_in"): "One may step in after opening the file, so stepping in takes at least as long.",
    }
    for number, case in enumerate(_cases(document)):
        minutes = case["minutes"]
        for (less, more), reason in reasons.items():
            if minutes[less] > minutes[more]:
                what = f"`minutes.{less}` is {minutes[less]}, more than `minutes.{more}`, {minutes[more]}"
                yield document.fault(("cases", number, "minutes", less), what, reason)


def _minutes_fit_the_day(document: Document) -> Iterator[Fault]:
    days = document.data["days"]
    for number, case in enumerate(_cases(document)):
        day = case.get("day", 1)
        if day > len(days):
            continue
        budget = days[day - 1]["minutes"]
        for act, minutes in case["minutes"].items():
            if minutes > budget:
                what = f"`minutes.{act}` is {minutes}, and the whole day has {budget}, so nobody can ever choose it"
                yield document.fault(("cases", number, "minutes", act), what, "Make it shorter or the day longer.")


def _times_rise(document: Document) -> Iterator[Fault]:
    """Two cases of one person may share a time: which of them comes in can depend on what was done."""
    latest: dict[str, tuple[int, str]] = {}
    for number, case in enumerate(_cases(document)):
        moment = (case.get("day", 1), case["time"])
        before = latest.get(case["person"], moment)
        if moment < before:
            what = f"It comes in on day {moment[0]} at {moment[1]}, before the case above it from the same person"
            do = f"That one is on day {before[0]} at {before[1]}; put the cases of one person in the order of time."
            yield document.fault(("cases", number, "time"), what, do)
        latest[case["person"]] = max(moment, before)


def _hand_over_is_whole(document: Document) -> Iterator[Fault]:
    """The minutes, the colleague, and how well placed the colleague is, go together."""
    for number, case in enumerate(_cases(document)):
        timed, named = "hand_over" in case["minutes"], "hand_over_to" in case
        if timed and not named:
            what = "`minutes.hand_over` is here and `hand_over_to` is missing"
            do = "Name the colleague, or leave both out."
            yield document.fault(("cases", number, "minutes", "hand_over"), what, do)
        if named and not timed:
            what = "`hand_over_to` is here and `minutes.hand_over` is missing"
            do = "Add the minutes it takes to brief the colleague, or leave both out."
            yield document.fault(("cases", number, "hand_over_to"), what, do)
        if timed and "placed" not in case["key"]:
            do = "Add how well placed the colleague is to take the case, from 0 to 1."
            yield document.fault(("cases", number, "key"), "`key.placed` is missing", do)


def _record_adds_up(document: Document) -> Iterator[Fault]:
    for number, case in enumerate(_cases(document)):
        record = case["record"]
        if record["right"] > record["of"]:
            what = f"`record.right` is {record['right']}, more than `record.of`, {record['of']}"
            do = "The AI cannot be right more often than it was looked at."
            yield document.fault(("cases", number, "record", "right"), what, do)


def _advice_on_all_or_none(document: Document) -> Iterator[Fault]:
    cases = _cases(document)
    without = [number for number, case in enumerate(cases) if "advice" not in case]
    if without and len(without) < len(cases):
        what = f"`advice` is on {len(cases) - len(without)} of {len(cases)} cases, and not on this one"
        do = "Write it on all of them, so that the learner commits first everywhere, or on none."
        yield document.fault(("cases", without[0]), what, do)


# --- what depends on what was done -----------------------------------------------------------------------------------


def _conditions(document: Document) -> Iterator[tuple[int, Trail, Mapping[str, Any]]]:
    """Every condition in the file: the number of its case, its place, and itself."""
    for number, case in enumerate(_cases(document)):
        if "opens_if" in case:
            yield number, ("cases", number, "opens_if"), case["opens_if"]
        for place, variant in enumerate(case.get("variants", [])):
            if "if" in variant:
                yield number, ("cases", number, "variants", place, "if"), variant["if"]


def _assessment_is_the_same_for_all(document: Document) -> Iterator[Fault]:
    if document.data["use"] != "assessment":
        return
    for number, case in enumerate(_cases(document)):
        for field in ("variants", "opens_if"):
            if case.get(field):
                what = f"`{field}` is here, and this is an assessment"
                do = "Take it out: in an assessment everybody gets the same cases."
                yield document.fault(("cases", number, field), what, do)


def _conditions_name_an_earlier_case(document: Document) -> Iterator[Fault]:
    cases, known = _cases(document), _ids(document, "cases")
    for number, trail, condition in _conditions(document):
        name, here = condition["case"], (*trail, "case")
        earlier = [case["id"] for case in cases[:number] if case["person"] == cases[number]["person"]]
        if name not in known:
            what = f"There is no case {quoted(name)}"
            yield document.fault(here, what, _or_one_of(name, earlier, "earlier cases of this person"))
        elif name == cases[number]["id"]:
            yield document.fault(here, "The case waits for itself", "Name an earlier case of the same person.")
        elif (other := cases[known.index(name)]["person"]) != cases[number]["person"]:
            what = f"{quoted(name)} is a case of {quoted(other)}, another person"
            yield document.fault(here, what, "Name an earlier case of the same person.")
        elif known.index(name) > number:
            what = f"{quoted(name)} comes in later than this case"
            yield document.fault(here, what, "Name an earlier case of the same person.")


def _conditions_name_possible_acts(document: Document) -> Iterator[Fault]:
    known = _ids(document, "cases")
    for _, trail, condition in _conditions(document):
        if condition["case"] not in known:
            continue
        acts = possible_acts(_cases(document)[known.index(condition["case"])])
        for place, act in enumerate(condition["did"]):
            if act not in acts:
                what = f"{quoted(act)} cannot be done with {quoted(condition['case'])}"
                yield document.fault((*trail, "did", place), what, f"What can be done there is {listed(acts, 'or')}.")


def _everything_can_come_in(document: Document) -> Iterator[Fault]:
    """Follow every condition back to the first case: what it asks for, taken together, must be possible."""
    cases, known = _cases(document), _ids(document, "cases")
    needs: list[_Needs | None] = []
    for number, case in enumerate(cases):
        opener = case.get("opens_if")
        needs.append(_needed(cases, known, needs, {}, opener) if opener else {})
        if opener and needs[number] is None:
            if opener["case"] not in known[:number]:
                continue  # it names itself or a later case, which has a rule of its own
            what = f"This case can never come in, because of what it asks of {quoted(opener['case'])}"
            do = "Follow `opens_if` back, case by case, and ask for acts that can be done together."
            yield document.fault(("cases", number, "opens_if"), what, do)
            continue
        for place, variant in enumerate(case.get("variants", [])):
            if "if" in variant and _needed(cases, known, needs, needs[number] or {}, variant["if"]) is None:
                what = f"This wording can never be used, because of what it asks of {quoted(variant['if']['case'])}"
                do = "Ask for something that can have been done when the case comes in, or take the variant out."
                yield document.fault(("cases", number, "variants", place, "if"), what, do)


def _needed(
    cases: list[dict[str, Any]],
    known: list[str],
    needs: list[_Needs | None],
    already: _Needs,
    condition: Mapping[str, Any],
) -> _Needs | None:
    """`already`, the condition, and all that the case it names needs; None if these cannot hold together."""
    name = condition["case"]
    if name not in known:
        return already  # a misspelling, told by its own rule
    position = known.index(name)
    if position >= len(needs):
        return None  # itself or a later case
    earlier = needs[position]
    if earlier is None:
        return None
    acts = frozenset(condition["did"]) & frozenset(possible_acts(cases[position]))
    together = dict(already)
    for case, wanted in (*earlier.items(), (name, acts)):
        together[case] = together.get(case, wanted) & wanted
    return together if all(together.values()) else None


def _variants_say_when(document: Document) -> Iterator[Fault]:
    """Each wording has a condition, and what it asks the person to know they can know by then."""
    pasts = {person["id"]: person.get("past", {}).get("knows") for person in document.data["people"]}
    cases = _cases(document)
    for number, case in enumerate(cases):
        day, past = case.get("day", 1), pasts.get(case["person"])
        earlier = [one.get("day", 1) for one in cases[:number] if one["person"] == case["person"]]
        first_hidden = 1 if past == "hidden" else min(earlier, default=day)
        for place, variant in enumerate(case.get("variants", [])):
            here = ("cases", number, "variants", place)
            knows = variant.get("knows")
            if "if" not in variant and knows is None:
                yield document.fault(here, "It has neither `if` nor `knows`", "Say when this wording is used.")
            elif knows == "told" and not earlier and past != "told":
                what = "Nobody can have told them: it is the first case of this person"
                yield document.fault((*here, "knows"), what, "Take the variant out, or write it in a later case.")
            elif knows == "found_out" and first_hidden == day and past != "found_out":
                what = "They cannot have found out: no night lies between this case and an earlier one of theirs"
                yield document.fault((*here, "knows"), what, "Take the variant out, or write it in a later case.")


def _variants_exclude_each_other(document: Document) -> Iterator[Fault]:
    """Of variants that ask for the same knowledge no two fit after the same act. One that asks for some may stand
    before those that ask for none: it is used first."""
    for number, case in enumerate(_cases(document)):
        seen: dict[tuple[str, str, str | None], int] = {}
        for place, variant in enumerate(case.get("variants", [])):
            if "if" not in variant:
                continue
            triples = [(variant["if"]["case"], act, variant.get("knows")) for act in variant["if"]["did"]]
            if taken := [one for one in triples if one in seen]:
                (name, act, _), first = taken[0], seen[taken[0]] + 1
                what = f"After {quoted(act)} on {quoted(name)} both this variant and variant {first} fit"
                do = f"Variant {first} is used; take the act out of one of them."
                yield document.fault(("cases", number, "variants", place, "if", "did"), what, do, "warning")
            seen.update((one, place) for one in triples if one not in seen)


# --- flaws and reactions ---------------------------------------------------------------------------------------------


def _drafts_are_long_enough(document: Document) -> Iterator[Fault]:
    """Where a day has few cases, a draft is long enough for a fault to hide in."""
    cases = list(_cases(document))
    if len(cases) > MANY_CASES:
        return
    for number, case in enumerate(cases):
        if len(case["draft"]) < FEWEST_SENTENCES:
            what = f"`draft` has {len(case['draft'])} sentences"
            do = f"Give it at least {FEWEST_SENTENCES}; fewer do only in a scenario of more than {MANY_CASES} cases."
            yield document.fault(("cases", number, "draft"), what, do)


def _flaws_fit_the_draft(document: Document) -> Iterator[Fault]:
    for number, case in enumerate(_cases(document)):
        draft = case["draft"]
        first: dict[int, int] = {}
        for place, flaw in enumerate(case["key"]["flaws"]):
            trail, sentence = ("cases", number, "key", "flaws", place), flaw["sentence"]
            if sentence > len(draft):
                what = f"There is no sentence {sentence}; the draft has {len(draft)}"
                yield document.fault((*trail, "sentence"), what, "Count the sentences from 1.")
            elif plain(flaw["fix"]) == plain(draft[sentence - 1]):
                what = f"The fix is the same as sentence {sentence}"
                yield document.fault((*trail, "fix"), what, "Write the sentence as it should have been.")
            if sentence in first:
                line = document.line((*trail[:-1], first[sentence]))
                what = f"Sentence {sentence} has a flaw already, on line {line}"
                yield document.fault((*trail, "sentence"), what, "Make one flaw of the two; a sentence is struck once.")
            first.setdefault(sentence, place)


def _reactions_fit_the_acts(document: Document) -> Iterator[Fault]:
    fields = schema()["$defs"]["case"]["properties"]["reactions"]["properties"]
    pasts = {person["id"]: person.get("past") for person in document.data["people"]}
    for number, case in enumerate(_cases(document)):
        surplus = _impossible_reactions(case, pasts.get(case["person"]))
        for name in fields:
            trail = ("cases", number, "reactions")
            if name in case["reactions"] and name in surplus:
                what = f"`reactions.{name}` can never be shown: {surplus[name]}"
                yield document.fault((*trail, name), what, "Take it out, or change what makes it impossible.")
            elif name not in case["reactions"] and name not in surplus:
                yield document.fault(trail, f"`reactions.{name}` is missing", f"Add {first_sentence(fields[name])}")


def _impossible_reactions(case: Mapping[str, Any], past: Mapping[str, Any] | None) -> dict[str, str]:
    """The reactions that cannot happen in this case of a person with this past, each with the reason."""
    impossible = {}
    if case.get("asks"):
        impossible["rely"] = "they ask straight out, so relying always tells"
        impossible["review"] = "they ask straight out, so a review always tells"
    elif past is not None and past["knows"] != "hidden":
        for name in ("rely_tell", "review_tell"):
            impossible[name] = "by their `past` they know that AI helps, so nothing is left to tell"
    if not case["key"]["flaws"]:
        impossible["review_missed"] = "the draft has no flaw to miss"
    if "hand_over" not in case["minutes"]:
        impossible["hand_over"] = "nobody can take this case over"
    return impossible


def _nothing_hidden_is_visible(document: Document) -> Iterator[Fault]:
    """No fix, reason or reaction stands word for word in what a learner can read before the act."""
    visible = [(trail, plain(text)) for trail, text in _texts(document.data, ()) if not _is_hidden(trail)]
    for trail, text in _secrets(document):
        secret = plain(text)
        if len(secret.split()) < _LEAK_WORDS:
            continue
        mended = _mended_sentence(document, trail)  # a fix may be part of the very sentence that it shortens
        shown = next((place for place, seen in visible if secret in seen and place != mended), None)
        if shown is not None:
            what = f"{quoted(text)} stands word for word in what the learner sees, on line {document.line(shown)}"
            yield document.fault(trail, what, "Word one of the two differently.")


def _texts(node: Any, trail: Trail) -> Iterator[tuple[Trail, str]]:
    """Every text below a node with its place."""
    if isinstance(node, str):
        yield trail, node
    children: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for step, child in children:
        yield from _texts(child, (*trail, step))


def _is_hidden(trail: Trail) -> bool:
    return "key" in trail or "reactions" in trail


def _secrets(document: Document) -> Iterator[tuple[Trail, str]]:
    """What would give a case away: fixes, reasons, and the paragraphs of reactions."""
    for trail, text in _texts(document.data, ()):
        if "reactions" in trail:
            yield from ((trail, paragraph) for paragraph in paragraphs(text))
        elif "flaws" in trail and trail[-1] in ("why", "fix"):
            yield trail, text


def _mended_sentence(document: Document, trail: Trail) -> Trail | None:
    """The place of the sentence that the fix at this place puts right."""
    if trail[-1] != "fix":
        return None
    _, number, _, _, place, _ = trail
    flaw = document.data["cases"][number]["key"]["flaws"][place]
    return ("cases", number, "draft", flaw["sentence"] - 1)


# What has to hold of the people and their cards, whether or not there are drafts.
CARD_RULES: tuple[Rule, ...] = (
    _id_is_the_folder,
    _ids_are_used_once,
    _names_are_known,
    _everybody_has_a_case,
    _every_day_has_a_case,
    _few_cases_over_days,
    _minutes_rise,
    _minutes_fit_the_day,
    _times_rise,
    _hand_over_is_whole,
    _record_adds_up,
    _advice_on_all_or_none,
)

RULES: tuple[Rule, ...] = (
    *CARD_RULES,
    _found_out_can_happen,
    _assessment_is_the_same_for_all,
    _conditions_name_an_earlier_case,
    _conditions_name_possible_acts,
    _everything_can_come_in,
    _variants_say_when,
    _variants_exclude_each_other,
    _drafts_are_long_enough,
    _flaws_fit_the_draft,
    _reactions_fit_the_acts,
    _nothing_hidden_is_visible,
)
