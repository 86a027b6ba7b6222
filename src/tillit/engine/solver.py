"""The best plan of a day: one way of dealing with every case, under the minute budget.

People interact only through minutes. So, for each person, all sequences of options are enumerated, dropping a
sequence as soon as another has used no more minutes and left everything at least as good; then the people's fronts
of (minutes, value) are combined over whole minutes by dynamic programming. This is exact.

Where a person has so many cases that the sequences outgrow `width`, the least promising are dropped, and a second
pass, in which sequences are merged into one that is at least as good as each, gives an upper bound: the solution
then says how far it can be from the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tillit.engine.desk import Desk, minutes_for
from tillit.engine.model import Effect, Option, Standing, effect_of, normal_cdf
from tillit.engine.parameters import Parameters
from tillit.engine.play import SENDS_AI_TEXT, Mode
from tillit.engine.scenario import Case, CaseKey, PersonKey
from tillit.engine.value import believed_quality, histories

# Minutes beyond the budget up to which the value of more time is worked out, for the price of a minute.
MORE_MINUTES = 10

Allowed = Callable[[Case, Option], bool]


def anything(case: Case, option: Option) -> bool:
    """No constraint."""
    return True


@dataclass(frozen=True)
class OpenCase:
    """A case still to be dealt with, and whether its file has been opened (and paid) already."""

    case: Case
    key: CaseKey
    opened: bool = False

    def options(self) -> Iterator[tuple[Option, int]]:
        """Every way to finish it with what that still costs in minutes, whatever else is known."""
        modes: list[Mode] = ["leave"] if self.case.minutes.hand_over is None else ["leave", "hand_over"]
        modes += ["review", "step_in"] if self.opened else ["rely", "review", "step_in"]
        for mode in modes:
            minutes = minutes_for(self.case, mode, opened=self.opened)
            if mode not in SENDS_AI_TEXT:
                yield Option(mode), minutes
                continue
            if not self.case.asks:
                yield Option(mode), minutes
            yield Option(mode, tell=True), minutes


@dataclass(frozen=True)
class PersonDay:
    """One relationship as it stands, with the cases still to come from it today, in their order. `did` says how
    earlier cases of the day were dealt with, for those that later ones depend on."""

    person: str
    key: PersonKey
    standing: Standing
    cases: tuple[OpenCase, ...]
    did: Mapping[str, Mode]


@dataclass(frozen=True)
class Solution:
    """The best plan found. `value` is that of the relationships and of the minutes left over; no plan is worth more
    than `bound`, which equals `value` where the search was exact. `price` is what a minute would have been worth,
    averaged over the next ten."""

    plan: Mapping[str, Option]
    value: float
    bound: float
    minutes: int
    price: float


def remaining(p: Parameters, desk: Desk, seed: int) -> tuple[PersonDay, ...]:
    """What is left of today: every relationship as it is believed to stand, with its cases still to come."""
    scenario, key = desk.scenario, desk.scenario.need_key()
    believed = histories(p, desk, "believed", seed)
    days = []
    for person in scenario.people:
        of_day = [case for case in scenario.cases_of_day(desk.day) if case.person == person.id]
        left = tuple(
            OpenCase(case, key.cases[case.id], desk.state(case.id).opened)
            for case in of_day
            if desk.state(case.id).option is None
        )
        did = {
            case.id: option.mode for case in scenario.cases if (option := desk.state(case.id).option) is not None
        }
        days.append(PersonDay(person.id, key.people[person.id], believed[person.id].end, left, did))
    return tuple(days)


def best_plan(
    p: Parameters, desk: Desk, seed: int, allowed: Allowed = anything, width: int | None = None
) -> Solution:
    """The best that can still be made of today from here."""
    return solve(p, remaining(p, desk, seed), desk.minutes_left[-1], allowed, width)


def solve(
    p: Parameters,
    people: Sequence[PersonDay],
    minutes: int,
    allowed: Allowed = anything,
    width: int | None = None,
) -> Solution:
    """The best plan of these people's cases within so many minutes, among options that are allowed.

    `width` limits how many sequences are kept for each person; None keeps all that are not dominated.
    """
    most = minutes + MORE_MINUTES
    fronts = [_front(p, one, most, allowed, width) for one in people]
    best, choices = _combine([[(e.minutes, e.value) for e in front.ends] for front in fronts], most)
    values = [_with_minutes_left(p, best, budget) for budget in (minutes, most)]
    spent = _minutes_of_best(p, best, minutes)
    plan: dict[str, Option] = {}
    at = spent
    for front, choice in zip(reversed(fronts), reversed(choices), strict=True):
        end = front.ends[choice[at]]
        at -= end.minutes
        plan.update(end.options())
    bound = values[0]
    if not all(front.exact for front in fronts):
        optimistic, _ = _combine([front.optimistic for front in fronts], most)
        bound = max(bound, _with_minutes_left(p, optimistic, minutes))
    return Solution(plan, values[0], bound, spent, (values[1] - values[0]) / MORE_MINUTES)


# --- one person -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Node:
    """A sequence of options for a person's first cases, and where it leaves the relationship.

    `rest` is ability plus benevolence: only integrity can meet a ceiling. `did` holds the modes that later cases
    depend on. The fields mean the same as in `Standing`.
    """

    minutes: int
    rest: float
    integrity: float
    harm: float
    log_survival: float
    exposure: float
    known: int
    hidden: int
    did: tuple[tuple[str, Mode], ...]
    parent: _Node | None = None
    choice: tuple[str, Option] | None = None

    def options(self) -> dict[str, Option]:
        """The sequence, by case."""
        plan: dict[str, Option] = {}
        node: _Node | None = self
        while node is not None:
            if node.choice is not None:
                plan[node.choice[0]] = node.choice[1]
            node = node.parent
        return plan


@dataclass(frozen=True, slots=True)
class _End:
    """A sequence through all of a person's cases: what it costs and what it is worth."""

    minutes: int
    value: float
    node: _Node

    def options(self) -> dict[str, Option]:
        return self.node.options()


@dataclass(frozen=True)
class _Front:
    """The sequences of one person that may belong to the best plan, by rising minutes and value. `optimistic` bounds
    the value from above, at each number of minutes; where `exact`, it is the same."""

    ends: tuple[_End, ...]
    optimistic: Sequence[tuple[int, float]]
    exact: bool


def _front(p: Parameters, one: PersonDay, most: int, allowed: Allowed, width: int | None) -> _Front:
    nodes, exact = _sequences(p, one, most, allowed, width)
    ends = _rising([_End(node.minutes, _value(p, one, node), node) for node in nodes])
    if exact:
        return _Front(ends, [(end.minutes, end.value) for end in ends], exact=True)
    merged, _ = _sequences(p, one, most, allowed, width, merge=True)
    above = _rising([_End(node.minutes, _value(p, one, node), node) for node in merged])
    return _Front(ends, [(end.minutes, end.value) for end in above], exact=False)


def _sequences(
    p: Parameters, one: PersonDay, most: int, allowed: Allowed, width: int | None, merge: bool = False
) -> tuple[list[_Node], bool]:
    """All undominated sequences, and whether none was dropped for want of width. With `merge`, sequences are merged
    upwards instead of dropped."""
    s = one.standing
    depends = {cond.case for open_case in one.cases if (cond := open_case.case.opens_if) is not None}
    nodes = [
        _Node(0, s.ability + s.benevolence, s.integrity, s.harm, s.log_survival, s.exposure, s.known, s.hidden,
              tuple((case, mode) for case, mode in one.did.items() if case in depends))
    ]  # fmt: skip
    exact = True
    for open_case in one.cases:
        nodes = _undominated(list(_grow(p, one, open_case, nodes, most, allowed, open_case.case.id in depends)))
        if width is not None and len(nodes) > width:
            exact = False
            nodes = _merged(nodes, width) if merge else _most_promising(p, one, nodes, width)
    return nodes, exact


def _grow(
    p: Parameters,
    one: PersonDay,
    open_case: OpenCase,
    nodes: Sequence[_Node],
    most: int,
    allowed: Allowed,
    is_referred_to: bool,
) -> Iterator[_Node]:
    """Every sequence, continued by every option of the next case."""
    case = open_case.case
    options = [(option, minutes) for option, minutes in open_case.options() if allowed(case, option)]
    effects: dict[tuple[Option, int, int], Effect] = {}
    for node in nodes:
        condition = case.opens_if
        if condition is not None and dict(node.did).get(condition.case) not in condition.did:
            yield node
            continue
        for option, minutes in options:
            if node.minutes + minutes > most:
                continue
            at = (option, node.known, node.hidden)
            effect = effects.get(at)
            if effect is None:
                quality = believed_quality(p, case, option.mode)
                effect = effects[at] = effect_of(
                    p, one.key, open_case.key, option, quality, asks=case.asks, known=node.known, hidden=node.hidden
                )
            yield _after(one, node, case, option, minutes, effect, is_referred_to)


def _after(
    one: PersonDay, node: _Node, case: Case, option: Option, minutes: int, effect: Effect, is_referred_to: bool
) -> _Node:
    impression = effect.impression
    return _Node(
        minutes=node.minutes + minutes,
        rest=node.rest + impression.ability + impression.benevolence,
        integrity=min(node.integrity + impression.integrity, one.standing.ceiling),
        harm=node.harm + effect.harm,
        log_survival=0.0 if effect.tells else node.log_survival + effect.log_survival,
        exposure=0.0 if effect.tells else min(node.exposure, effect.exposure),
        known=node.known + effect.known,
        hidden=0 if effect.tells else node.hidden + effect.hides,
        did=(*node.did, (case.id, option.mode)) if is_referred_to else node.did,
        parent=node,
        choice=(case.id, Option(option.mode, option.tell and not node.known)),
    )


def _value(p: Parameters, one: PersonDay, node: _Node) -> float:
    """`relationship_value` of where the sequence ends, written out because it is computed very often."""
    trust = node.rest + node.integrity
    shown = normal_cdf(trust)
    if node.hidden:
        stays_hidden = math.exp(node.log_survival)
        found_out = normal_cdf(trust + node.exposure * (1 + p.exposure_growth * (node.hidden - 1)))
        shown = stays_hidden * shown + (1 - stays_hidden) * found_out
    return one.key.stake * shown - p.harm_worth * node.harm


def _undominated(nodes: list[_Node]) -> list[_Node]:
    """Without those beaten by another that costs no more and leaves everything at least as good.

    Compared only where the future treats them alike: equally much known and hidden, the same earlier acts.
    """
    groups: dict[tuple[int, int, tuple[tuple[str, Mode], ...]], list[_Node]] = {}
    for node in nodes:
        groups.setdefault((node.known, node.hidden, node.did), []).append(node)
    kept: list[_Node] = []
    for group in groups.values():
        group.sort(key=lambda node: (node.minutes, -node.rest - node.integrity, node.harm))
        front: list[_Node] = []
        for node in group:
            if not any(_dominates(other, node) for other in front):
                front.append(node)
        kept += front
    return kept


def _dominates(a: _Node, b: _Node) -> bool:
    return (
        a.minutes <= b.minutes
        and a.rest >= b.rest
        and a.integrity >= b.integrity
        and a.harm <= b.harm
        and a.log_survival >= b.log_survival
        and a.exposure >= b.exposure
    )


def _most_promising(p: Parameters, one: PersonDay, nodes: list[_Node], width: int) -> list[_Node]:
    """The best by value as it stands, equally many at each number of minutes."""
    by_minutes: dict[int, list[_Node]] = {}
    for node in nodes:
        by_minutes.setdefault(node.minutes, []).append(node)
    each = max(1, width // len(by_minutes))
    kept: list[_Node] = []
    for group in by_minutes.values():
        kept += sorted(group, key=lambda node: -_value(p, one, node))[:each]
    return kept


def _merged(nodes: list[_Node], width: int) -> list[_Node]:
    """Fewer sequences, each at least as good as all those it stands for, so that what follows bounds the best.

    Sequences that cost the same, are alike in what is known and hidden and lie close together become one.
    """
    grain = 0.5 / width
    while True:
        groups: dict[tuple[object, ...], list[_Node]] = {}
        for node in nodes:
            near = (round(node.rest / grain), round(node.harm / grain), round(node.log_survival / grain))
            groups.setdefault((node.minutes, node.known, node.hidden, node.did, *near), []).append(node)
        if len(groups) <= width or grain > 4:
            return _undominated([_best_of(group) for group in groups.values()])
        grain *= 1.5


def _best_of(group: Sequence[_Node]) -> _Node:
    first = group[0]
    return replace(
        first,
        rest=max(node.rest for node in group),
        integrity=max(node.integrity for node in group),
        harm=min(node.harm for node in group),
        log_survival=max(node.log_survival for node in group),
        exposure=max(node.exposure for node in group),
    )


def _rising(ends: list[_End]) -> tuple[_End, ...]:
    """Only the ends that are worth more than every cheaper one."""
    front: list[_End] = []
    for end in sorted(ends, key=lambda end: (end.minutes, -end.value)):
        if not front or end.value > front[-1].value:
            front.append(end)
    return tuple(front)


# --- all people -------------------------------------------------------------------------------------------------


def _combine(
    fronts: Sequence[Sequence[tuple[int, float]]], most: int
) -> tuple[list[float], list[list[int]]]:
    """The best total value at exactly each number of minutes up to `most` (-inf where it cannot be), and for each
    person which point of the front that takes."""
    best = [0.0] + [-math.inf] * most
    choices: list[list[int]] = []
    for front in fronts:
        total = [-math.inf] * (most + 1)
        choice = [-1] * (most + 1)
        for index, (minutes, value) in enumerate(front):
            for before in range(most + 1 - minutes):
                if best[before] + value > total[before + minutes]:
                    total[before + minutes] = best[before] + value
                    choice[before + minutes] = index
        best = total
        choices.append(choice)
    return best, choices


def _with_minutes_left(p: Parameters, best: Sequence[float], budget: int) -> float:
    return max(best[spent] + p.minute_worth * (budget - spent) for spent in range(budget + 1))


def _minutes_of_best(p: Parameters, best: Sequence[float], budget: int) -> int:
    return max(range(budget + 1), key=lambda spent: best[spent] - p.minute_worth * spent)
