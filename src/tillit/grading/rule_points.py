"""The cell of a notebook that grades a rule book, on months that its author has not seen.

The learner's copy calls `check_rules`, which says whether there are rules that can be followed. What is cut out of it
calls `points_for_rules`, which has them meet the people of a key, `key/*/people.yaml`, whom nobody meets in practice.
Rules come in a file, or a function of the notebook stands for them. That function is the learner's code: in a judge of
`tillit grade` it runs behind the walls and only its answers come over. Neither ever raises for what was handed in, and
neither writes to stderr: nbgrader takes that for a failed test.

No points is where the best rule without judgement ends, as for a play. All points is where the rules beside the key
end, `model.rules`: the best plan knows what no card shows, so no rule book could reach it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillit.engine.months import PRACTICE_SEEDS, MonthDay, Visitor, month, tried_out, try_out, two_pools, visitors
from tillit.engine.parameters import published
from tillit.engine.policies import desk_by, in_words
from tillit.engine.rule_book import MOST_TEXT, Card, Choose, RuleBook, RuleBookError, by_card, by_function, loads
from tillit.grading.handed_in import Kind, printable, read_text
from tillit.grading.play_points import grades_a_play, key_folder, say, to_points
from tillit.storage import load_scenario, practice_scenarios

MODEL = "model.rules"
RULES = Kind("rule book", "Write your rules in the notebook", "the rule book", MOST_TEXT)
SEEDS = (11, 12, 13)
# What ends a function's call without its being our fault. What a judge raises of its own is none of these.
_STOPS = (Exception, KeyboardInterrupt, SystemExit, GeneratorExit)
# From so many points of 100 beyond the best rule without judgement in practice, it is said how many are left here.
WORTH_COMPARING = 5.0


@dataclass(frozen=True)
class Handed:
    """What was handed in: a rule book, or a function from a card to an act; and a sentence on what was passed over."""

    book: RuleBook | None
    function: Callable[[Card], object] | None
    says: str | None = None

    @property
    def choose(self) -> Choose:
        """What it does with a card. Raises RuleBookError where a function does not answer with an act."""
        if self.book is not None:
            return self.book.choose
        assert self.function is not None  # it is one or the other
        return by_function(_guarded(self.function))

    def tried_on(self, days: Sequence[MonthDay]) -> dict[str, Any]:
        """What becomes of these days, with lines where there are any. Raises as `choose` does."""
        if self.book is not None:
            return tried_out(published().values, days, self.book)
        return try_out(published().values, days, self.choose)


def handed_in(names: Mapping[str, object], name: str, rules_file: str) -> Handed:
    """The function of that name where there is one, else the rules in the file. Raises RuleBookError."""
    function = names.get(name)
    if callable(function):
        return Handed(None, function)
    path = Path(rules_file)
    says = None if function is None else f"‘{name}’ is not a function, so the rules in {path.name} count."
    text, unreadable = read_text(path, RULES)
    if unreadable is not None:
        raise RuleBookError(" ".join(filter(None, (says, unreadable))))
    try:
        return Handed(loads(text), None, says)
    except RuleBookError as fault:
        raise RuleBookError(f"{path.name} cannot be used. {printable(str(fault))}") from fault


def _guarded(function: Callable[[Card], object]) -> Callable[[Card], object]:
    """The same function, whose failures are sentences."""

    def answer(card: Card) -> object:
        try:
            return function(card)
        except KeyboardInterrupt as fault:
            raise RuleBookError(f"For ‘{card.subject}’ the function did not answer in time.") from fault
        except _STOPS as fault:
            why = printable(f"{type(fault).__name__}: {fault}"[:200])
            raise RuleBookError(f"For ‘{card.subject}’ the function stopped with {why}.") from fault

    return answer


# --- for learners -------------------------------------------------------------------------------------------------


def check_rules(names: Mapping[str, object], name: str, rules_file: str) -> None:
    """Say whether there are rules that can be followed. How good they are is not said here. `names` are the notebook's
    `globals()`, `name` is that of the function which may stand for the rules in `rules_file`."""
    try:
        handed = handed_in(names, name, rules_file)
        if handed.book is not None:
            rules = len(handed.book.rules)
            say(*filter(None, [handed.says]), f"{Path(rules_file).name}: {_count(rules, 'rule')} and a last line.")
            return
        scenario = load_scenario(next(practice_scenarios())).without_conversations
        desk_by(scenario, by_card(handed.choose))
        say(f"{name}: a function. It answered for all {len(scenario.cases)} messages of ‘{scenario.title}’, so it "
            f"counts and {Path(rules_file).name} does not.")  # fmt: skip
    except RuleBookError as fault:
        say(str(fault))


# --- for marks ----------------------------------------------------------------------------------------------------


def points_for_rules(names: Mapping[str, object], name: str, rules_file: str, most: float) -> float:
    """Try the rules on months of the people of the key, print what there is to say, and return their points, from 0 to
    `most` in halves."""
    key = people_of(Path.cwd())
    if key is None:
        say(f"There is no key here for ‘{Path.cwd().name}’, so rules cannot be tried.")
        return 0.0
    try:
        handed = handed_in(names, name, rules_file)
        result = handed.tried_on(_unseen(key, key.stat().st_mtime_ns))
        practised = handed.tried_on(_practised())
    except RuleBookError as fault:
        say(f"Your rules: 0 of {most:g} points.", str(fault))
        return 0.0
    model = model_result(key)
    points = to_points((result["points"] - result["rule"]) / (model["points"] - model["rule"]), most)
    say(f"Your rules: {points:g} of {most:g} points.", *filter(None, [handed.says]),
        *_feedback(handed, result, practised, model))  # fmt: skip
    return points


def needs_a_key(source: str) -> bool:
    """Whether a test marks rules or a play, and so has to run where the keys can be read."""
    return f"{points_for_rules.__name__}(" in source or grades_a_play(source)


def people_of(folder: Path) -> Path | None:
    """The people on whom the rules of an assignment are tried, as `keys_of` finds the keys of its plays."""
    keys = key_folder(folder)
    return next(iter(sorted(keys.glob("*/people.yaml"))), None) if keys is not None else None


def model_result(key: Path) -> dict[str, Any]:
    """What becomes of the unseen months under the rules beside the key. Raises ValueError where the best rule without
    judgement is as good: then there is nothing to mark by."""
    book = loads((key.parent / MODEL).read_text("utf-8"))
    result = tried_out(published().values, _unseen(key, key.stat().st_mtime_ns), book)
    if result["points"] <= result["rule"]:
        raise ValueError(f"In {key} the rule ‘{result['rule_words']}’ is as good as the rules in {MODEL}.")
    return result


@functools.cache
def _unseen(key: Path, changed: int) -> tuple[MonthDay, ...]:
    """The months by which rules are marked. `changed` is there so that a file that was edited is read again."""
    from tillit.authoring.people import read_people  # a learner's notebook has no use for it

    return _months(visitors([read_people(key)]), SEEDS)


@functools.cache
def _practised() -> tuple[MonthDay, ...]:
    """The months on which learners could try their rules."""
    first, _ = two_pools([load_scenario(name) for name in practice_scenarios()])
    return _months(first, PRACTICE_SEEDS)


def _months(pool: Sequence[Visitor], seeds: Sequence[int]) -> tuple[MonthDay, ...]:
    return tuple(day for seed in seeds for day in month(published().values, pool, seed))


# --- what is said -------------------------------------------------------------------------------------------------


def _feedback(
    handed: Handed, result: Mapping[str, Any], practised: Mapping[str, Any], model: Mapping[str, Any]
) -> Iterator[str]:
    """Lines in capitals are headings; what is indented belongs to the line before."""
    low, high = result["interval"]
    yield (f"They met three months of people whom no practice day has, {result['cases']} cases. Between chance, 0, and "
           f"the best plan, 100, they come to {_whole(result['points'])}, and to between {_whole(low)} and "
           f"{_whole(high)} when the days are drawn anew.")  # fmt: skip
    yield (f"No points is where the best rule that does the same with everything ends, {_whole(result['rule'])}: "
           f"‘{result['rule_words']}’. All points is where the course's own rules end, {_whole(model['points'])}; they "
           "were written on the practice months, and see nothing but cards either.")  # fmt: skip
    yield from _overfit(result, practised)
    yield _minutes(result["minutes"])
    if handed.book is not None:
        yield "WHAT EACH RULE DID"
        yield from _lines(handed.book, result["lines"], practised["lines"])
    yield "WHO LOST UNDER THEM"
    yield "Changes are in points of the trust that is shown, 100 for all there can be, on the average of the cases."
    yield from (f"{_capital(group['words'])}: {_signed(group['change'])}, under the best plan {_signed(group['best'])}."
                for group in result["groups"][:2])  # fmt: skip
    last = len(handed.book.rules) if handed.book is not None else 0
    for one in result["people"]:
        best = f"; the best plan: {one['best_did'].lower()}" if one["best_did"] is not None else ""
        yield (f"{one['name']} ({one['who']}): {_signed(one['change'])}, under the best plan {_signed(one['best'])}. "
               f"‘{one['subject']}’: {one['did'].lower()}{_by(one['line'], last)}{best}.")  # fmt: skip
        yield f"    {one['signal']}"
    yield ""
    yield "These months know the people of this course. How others would take your rules they do not know."


def _overfit(result: Mapping[str, Any], practised: Mapping[str, Any]) -> Iterator[str]:
    here, there = (one["points"] - one["rule"] for one in (result, practised))
    yield (f"On the three months of practice they come to {_whole(practised['points'])}, and the best rule that does "
           f"the same with everything to {_whole(practised['rule'])}.")  # fmt: skip
    if there >= WORTH_COMPARING and here < there / 2:
        yield (f"Of the {there:.0f} points that they were ahead of it there, {max(0.0, here):.0f} are left here. They "
               "fit the people on whom they were written better than others.")  # fmt: skip


def _minutes(minutes: Mapping[str, Any]) -> str:
    if not minutes["short"]:
        return "The minutes sufficed for every case."
    cases = _count(minutes["short"], "case")
    return f"For {cases} the minutes did not suffice for what the rules wanted first."


def _lines(book: RuleBook, lines: Sequence[Mapping[str, Any]], practised: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    words = [*(f"{at}. {rule.in_words()}" for at, rule in enumerate(book.rules, start=1)),
             f"Otherwise: {in_words(book.otherwise).lower()}."]  # fmt: skip
    for said, here, there in zip(words, lines, practised, strict=True):
        yield printable(said)
        if here["cases"]:
            yield (f"    {_count(here['cases'], 'case')}, {_signed(here['change'])} on the average; under the best "
                   f"plan {_signed(here['best'])}.")  # fmt: skip
        else:
            yield f"    It decided no case here, and {there['cases']} in the months of practice."


def _by(line: int | None, last: int) -> str:
    if line is None:
        return ""
    return f", by rule {line + 1}" if line < last else ", by the last line"


def _whole(points: float) -> str:
    return str(round(points)).replace("-", "−")


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
