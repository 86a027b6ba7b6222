"""The best plan of a day: one way of dealing with every case, under the minute budget.

People interact only through minutes. So, for each person, all sequences of options are enumerated, dropping a
sequence as soon as another has used no more minutes and left everything at least as good; then the people's fronts
of (minutes, value) are combined over whole minutes by dynamic programming. This is exact.

Where a person has so many cases that the sequences outgrow `width`, the least promising are dropped. Then a bound
says how far the solution can be from the best: minutes are given a price instead of a limit, so that each person can
be solved alone, and sequences that lie close together are merged into one that is at least as good as each.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Literal, NamedTuple

from tillit.engine.desk import Desk, minutes_for
from tillit.engine.model import Effect, Option, Standing, effect_of, normal_cdf
from tillit.engine.parameters import Parameters
from tillit.engine.play import SENDS_AI_TEXT, Mode
from tillit.engine.scenario import Case, CaseKey, PersonKey
from tillit.engine.value import believed_quality, history_of

# Minutes beyond the budget up to which the value of more time is worked out, for the price of a minute.
MORE_MINUTES = 10
# How many sequences are kept for each person unless the caller says otherwise. Six cases need about 500, ten about
# 5,000: up to there the solution is exact. Forty cases of one person still take seconds, and come with a bound.
WIDTH = 5000
# Sequences are merged within this much of each other (SD, or value) at the very most.
COARSEST = 4.0

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
    """One relationship as it stands, with the cases still to come from it today, in their order. `did` says how its
    earlier cases were dealt with, for those that later ones depend on."""

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
    return tuple(_remaining_of(p, desk, person.id, seed) for person in desk.scenario.people)


def _remaining_of(p: Parameters, desk: Desk, person_id: str, seed: int) -> PersonDay:
    standing = history_of(p, desk, person_id, "believed", seed).end
    left = tuple(one for one in open_cases(desk, person_id) if one.case.day == desk.day)
    return PersonDay(
        person_id, desk.scenario.need_key().people[person_id], standing, left, what_was_done(desk, person_id)
    )


def open_cases(desk: Desk, person_id: str) -> tuple[OpenCase, ...]:
    """The cases of a person that have not been dealt with, today's and those of days to come."""
    key = desk.scenario.need_key()
    return tuple(
        OpenCase(case, key.cases[case.id], desk.state(case.id).opened)
        for case in desk.scenario.cases_by_person[person_id]
        if case.day >= desk.day and desk.state(case.id).option is None
    )


def what_was_done(desk: Desk, person_id: str) -> dict[str, Mode]:
    """How the cases of a person that have been dealt with were."""
    own = desk.scenario.cases_by_person[person_id]
    return {case.id: option.mode for case in own if (option := desk.state(case.id).option) is not None}


def seen_of(desk: Desk, person_id: str) -> Hashable:
    """All that plans look at in what has been done with a person so far: where it is equal, so is what is left of them.
    Plans are made where nobody talks (see `Scenario.without_conversations`)."""
    states = (desk.state(case.id) for case in desk.scenario.cases_by_person[person_id])
    return (person_id, desk.day, *((state.opened, state.option, state.strikes) for state in states))


def best_plan(p: Parameters, desk: Desk, seed: int, allowed: Allowed = anything, width: int | None = None) -> Solution:
    """The best that can still be made of today from here."""
    return solve(p, remaining(p, desk, seed), desk.minutes_left[-1], allowed, width)


class Replanner:
    """`best_plan` at one point of a play after the other, with equal parameters: what an act has not changed is not
    worked out again. On a day of forty people that is the difference between one second and several."""

    def __init__(self, p: Parameters, seed: int) -> None:
        self._p = p
        self._seed = seed
        self._people: dict[Hashable, PersonDay] = {}
        self._fronts: dict[Hashable, tuple[int, _Front]] = {}

    def best_plan(self, desk: Desk) -> Solution:
        """The best that can still be made of today from here."""
        seen, minutes = [seen_of(desk, person.id) for person in desk.scenario.people], desk.minutes_left[-1]
        for person, at in zip(desk.scenario.people, seen, strict=True):
            if at not in self._people:
                self._people[at] = _remaining_of(self._p, desk, person.id, self._seed)
        fronts = [self._front(at, minutes + MORE_MINUTES) for at in seen]
        return _solved(self._p, [self._people[at] for at in seen], fronts, minutes, anything, WIDTH)

    def _front(self, at: Hashable, most: int) -> _Front:
        reaches, front = self._fronts.get(at, (-1, None))
        # A front that was cut for want of width holds for its own number of minutes only.
        if front is None or reaches < most or (reaches > most and not front.exact):
            front = _front(self._p, self._people[at], most, anything, WIDTH)
            self._fronts[at] = most, front
        return front.within(most)


def solve(
    p: Parameters,
    people: Sequence[PersonDay],
    minutes: int,
    allowed: Allowed = anything,
    width: int | None = None,
) -> Solution:
    """The best plan of these people's cases within so many minutes, among options that are allowed.

    `width` limits how many sequences are kept for each person, WIDTH where it is None; where that is enough, the
    solution is exact. If nothing that is allowed fits into the minutes, the plan is empty and worth minus infinity.
    """
    width = WIDTH if width is None else width
    fronts = [_front(p, one, minutes + MORE_MINUTES, allowed, width) for one in people]
    return _solved(p, people, fronts, minutes, allowed, width)


def _solved(
    p: Parameters, people: Sequence[PersonDay], fronts: Sequence[_Front], minutes: int, allowed: Allowed, width: int
) -> Solution:
    """The people's fronts, combined under the minutes. A front reaches as far as the price of a minute needs."""
    most = minutes + MORE_MINUTES
    best, choices = dealt_out([[(end.minutes, end.value) for end in front.ends] for front in fronts], most)
    value, with_more = (worth_with_minutes_left(p.minute_worth, best, budget) for budget in (minutes, most))
    if value == -math.inf:
        return Solution({}, value, value, 0, 0.0)
    at = spent = least_for_most(p.minute_worth, best, minutes)
    plan: dict[str, Option] = {}
    for front, choice in zip(reversed(fronts), reversed(choices), strict=True):
        end = front.ends[choice[at]]
        at -= end.minutes
        plan.update(end.node.options())
    exact = all(front.exact for front in fronts)
    bound = value if exact else max(value, _bound(p, people, fronts, minutes, allowed, width))
    return Solution(plan, value, bound, spent, (with_more - value) / MORE_MINUTES)


# --- one person -------------------------------------------------------------------------------------------------

# Whether a sequence never tells today, is to tell in a later case, or has told.
_Course = Literal["silent", "to tell", "told"]


class _Node(NamedTuple):
    """A sequence of options for a person's first cases, and where it leaves the relationship.

    The fields mean what they mean in `Standing`, but for two: `rest` is the trust beside integrity, kept only where
    integrity has a ceiling to meet, and `did` holds the modes that later cases depend on.
    """

    course: _Course
    minutes: int
    trust: float
    rest: float
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


class _Way(NamedTuple):
    """One way to deal with a case, for a given number of messages known and of uses hidden."""

    minutes: int
    option: Option
    effect: Effect


class _End(NamedTuple):
    """A sequence through all of a person's cases: what it costs and what it is worth."""

    minutes: int
    value: float
    node: _Node


@dataclass(frozen=True)
class _Front:
    """The sequences of one person that may belong to the best plan, by rising minutes and value; `exact` where none
    was dropped for want of width."""

    ends: tuple[_End, ...]
    exact: bool

    def within(self, most: int) -> _Front:
        """Those that take no more minutes."""
        if not self.ends or self.ends[-1].minutes <= most:
            return self
        return replace(self, ends=tuple(end for end in self.ends if end.minutes <= most))


def _front(p: Parameters, one: PersonDay, most: int, allowed: Allowed, width: int) -> _Front:
    nodes, exact = _starts(one), True
    for turn in range(len(one.cases)):
        if turn:
            nodes = _undominated(nodes, _costs)
            if len(nodes) > width:
                nodes, exact = _most_promising(p, one, nodes, width), False
        nodes = list(_grow(p, one, turn, nodes, most, allowed))
    ends = [_End(node.minutes, _value(p, one, node), node) for node in _finished(nodes)]
    ends.sort(key=lambda end: (end.minutes, -end.value))
    rising: list[_End] = []
    for end in ends:
        if not rising or end.value > rising[-1].value:
            rising.append(end)
    return _Front(tuple(rising), exact)


def _starts(one: PersonDay) -> list[_Node]:
    """Where nothing has been told yet, it is decided in advance whether it will be today: a sequence begins both as a
    silent one and as one that is to tell. What may come to light counts for the silent one only; telling clears it.
    """
    s = one.standing
    referred_to = _referred_to(one.cases)
    did = tuple((case, mode) for case, mode in one.did.items() if case in referred_to)
    rest = 0.0 if s.ceiling == math.inf else s.ability + s.benevolence
    silent = _Node("silent", 0, s.trust, rest, s.harm, s.log_survival, s.exposure, s.known, s.hidden, did)
    if s.known:
        return [silent._replace(course="told")]
    return [silent, silent._replace(course="to tell", log_survival=0.0, exposure=0.0)]


def _finished(nodes: Sequence[_Node]) -> Iterator[_Node]:
    """The sequences through all cases, without those that were to tell and never did."""
    return (node for node in nodes if node.course != "to tell")


def _referred_to(cases: Sequence[OpenCase]) -> list[str]:
    """The earlier cases that decide whether any of these comes in."""
    return [condition.case for open_case in cases if (condition := open_case.case.opens_if) is not None]


def _grow(
    p: Parameters, one: PersonDay, turn: int, nodes: Sequence[_Node], most: float, allowed: Allowed
) -> Iterator[_Node]:
    """Every sequence, continued by every way to deal with the next case."""
    open_case = one.cases[turn]
    case, condition, ceiling = open_case.case, open_case.case.opens_if, one.standing.ceiling
    referred_to = _referred_to(one.cases[turn + 1 :])
    ways: dict[tuple[int, int], list[_Way]] = {}
    for node in nodes:
        did = tuple(earlier for earlier in node.did if earlier[0] in referred_to)
        if condition is not None and dict(node.did).get(condition.case) not in condition.did:
            yield node._replace(did=did)
            continue
        at = node.known, node.hidden
        if at not in ways:
            ways[at] = list(_ways(p, one, open_case, allowed, node.known, node.hidden))
        for minutes, option, effect in ways[at]:
            if node.minutes + minutes > most or (effect.tells and node.course == "silent"):
                continue
            impression = effect.impression
            rest, trust = 0.0, node.trust + impression.trust
            if ceiling != math.inf:
                rest = node.rest + impression.ability + impression.benevolence
                trust = rest + min(node.trust - node.rest + impression.integrity, ceiling)
            at_risk = node.course != "to tell" and not effect.tells
            yield _Node(
                "told" if effect.tells else node.course,
                node.minutes + minutes,
                trust,
                rest,
                node.harm + effect.harm,
                node.log_survival + effect.log_survival if at_risk else 0.0,
                min(node.exposure, effect.exposure) if at_risk else 0.0,
                node.known + effect.known,
                0 if effect.tells else node.hidden + effect.hides,
                (*did, (case.id, option.mode)) if case.id in referred_to else did,
                node,
                (case.id, option),
            )


def _ways(
    p: Parameters, one: PersonDay, open_case: OpenCase, allowed: Allowed, known: int, hidden: int
) -> Iterator[_Way]:
    case = open_case.case
    modes: list[Mode] = []
    for option, minutes in open_case.options():
        if not allowed(case, option) or (known and option.mode in modes):
            continue  # telling those who know changes nothing
        modes.append(option.mode)
        quality = believed_quality(p, case, option.mode)
        effect = effect_of(p, one.key, open_case.key, option, quality, asks=case.asks, known=known, hidden=hidden)
        yield _Way(minutes, Option(option.mode, option.tell and not known), effect)


def _value(p: Parameters, one: PersonDay, node: _Node) -> float:
    """`relationship_value` of where the sequence ends, written out because it is computed very often."""
    shown = normal_cdf(node.trust)
    if node.hidden:
        stays_hidden = math.exp(node.log_survival)
        found_out = normal_cdf(node.trust + node.exposure * (1 + p.exposure_growth * (node.hidden - 1)))
        shown = stays_hidden * shown + (1 - stays_hidden) * found_out
    return one.key.stake * shown - p.harm_worth * node.harm


# --- which sequences to keep ------------------------------------------------------------------------------------

# All that a sequence has cost so far and that may matter later. Where the future treats two sequences alike, the one
# that has cost no more in any part ends no worse.
_Costs = tuple[float, float, float, float, float, float, float]


def _costs(node: _Node) -> _Costs:
    return node.minutes, -node.trust, -node.log_survival, node.harm, -node.rest, -node.exposure, node.hidden


def _alike(node: _Node) -> Hashable:
    """What sequences must agree in for the future to treat them alike. How many uses are hidden is a cost; whether any
    is also decides whether stepping in tells those who ask, which is nothing to a sequence that never tells."""
    return node.course, node.did, node.known, node.course != "silent" and node.hidden > 0


def _undominated(nodes: Sequence[_Node], costs: Callable[[_Node], _Costs]) -> list[_Node]:
    """Without those that are treated alike with another that has cost no more in any part."""
    groups: dict[Hashable, list[tuple[_Costs, _Node]]] = {}
    for node in nodes:
        groups.setdefault(_alike(node), []).append((costs(node), node))
    kept: list[_Node] = []
    for group in groups.values():
        # By rising first cost, so only those kept already can dominate; of them, only those before it by the others.
        group.sort(key=itemgetter(0))
        front: list[tuple[float, ...]] = []
        for (_, *others), node in group:
            cost = tuple(others)
            at = bisect_right(front, cost)
            _, b, c, d, e, f = cost
            for _, b2, c2, d2, e2, f2 in reversed(front[:at]):
                if b2 <= b and c2 <= c and d2 <= d and e2 <= e and f2 <= f:
                    break
            else:
                front.insert(at, cost)
                kept.append(node)
    return kept


def _most_promising(p: Parameters, one: PersonDay, nodes: Sequence[_Node], width: int) -> list[_Node]:
    """The best by value as it stands, equally many on each course at each number of minutes."""
    groups: dict[tuple[_Course, int], list[_Node]] = {}
    for node in nodes:
        groups.setdefault((node.course, node.minutes), []).append(node)
    each = max(1, width // len(groups))
    kept: list[_Node] = []
    for group in groups.values():
        kept += sorted(group, key=lambda node: -_value(p, one, node))[:each]
    return kept


# --- the bound --------------------------------------------------------------------------------------------------


def _bound(
    p: Parameters, people: Sequence[PersonDay], fronts: Sequence[_Front], minutes: int, allowed: Allowed, width: int
) -> float:
    """What no plan is worth more than: minutes are bought at a price, as many as anybody likes, and all that there
    are in the day are paid for at that price (a Lagrangian relaxation). Any price from `minute_worth` up will do."""
    price = _clearing_price(p, fronts, minutes)
    total = price * minutes
    for one, front in zip(people, fronts, strict=True):
        if front.exact:
            total += max(end.value - price * end.minutes for end in front.ends)
        else:
            total += _most_at_price(p, one, price, allowed, width)
    return total


def _clearing_price(p: Parameters, fronts: Sequence[_Front], minutes: int) -> float:
    """The price at which about as many minutes are bought as there are."""
    low, high = p.minute_worth, 1.0
    for _ in range(30):
        price = (low + high) / 2
        bought = sum(max(front.ends, key=lambda end: end.value - price * end.minutes).minutes for front in fronts)
        low, high = (price, high) if bought > minutes else (low, price)
    return high


def _most_at_price(p: Parameters, one: PersonDay, price: float, allowed: Allowed, width: int) -> float:
    """At least the most that any sequence is worth beyond the minutes it buys."""

    def costs(node: _Node) -> _Costs:
        paid = price * node.minutes + p.harm_worth * node.harm
        return paid, -node.trust, -node.log_survival, -node.rest, -node.exposure, node.hidden, 0

    nodes, grain = _starts(one), 1 / width
    for turn in range(len(one.cases)):
        if turn:
            nodes = _undominated(nodes, costs)
            if len(nodes) > width:
                nodes, grain = _merged(nodes, costs, width, grain)
            if len(nodes) > max(width, WIDTH):
                return one.key.stake  # earlier acts matter in too many ways; no relationship is worth more than this
        nodes = list(_grow(p, one, turn, nodes, math.inf, allowed))
    return max(_value(p, one, node) - price * node.minutes for node in _finished(nodes))


def _merged(
    nodes: Sequence[_Node], costs: Callable[[_Node], _Costs], width: int, grain: float
) -> tuple[list[_Node], float]:
    """Not many more than `width` sequences, each at least as good as all those it stands for: those that are treated
    alike and whose first three costs lie in the same cell of a grid. Also how fine that grid is, from `grain` up."""
    rows = [(_alike(node), costs(node), node) for node in nodes]
    while True:
        cells: dict[Hashable, list[tuple[_Costs, _Node]]] = {}
        for alike, cost, node in rows:
            cell = alike, cost[0] // grain, cost[1] // grain, cost[2] // grain
            cells.setdefault(cell, []).append((cost, node))
        if len(cells) <= width or grain > COARSEST:
            return [_best_of(cell) for cell in cells.values()], grain
        grain *= 1.5


def _best_of(cell: Sequence[tuple[_Costs, _Node]]) -> _Node:
    """The sequence that has paid least, with the best of the others' standing."""
    _, cheapest = min(cell, key=lambda row: row[0][0])
    return cheapest._replace(
        trust=max(node.trust for _, node in cell),
        rest=max(node.rest for _, node in cell),
        log_survival=max(node.log_survival for _, node in cell),
        exposure=max(node.exposure for _, node in cell),
        hidden=min(node.hidden for _, node in cell),
    )


# --- all people -------------------------------------------------------------------------------------------------


def dealt_out(fronts: Sequence[Sequence[tuple[int, float]]], most: int) -> tuple[list[float], list[list[int]]]:
    """The best total value at exactly each number of minutes up to `most` (-inf where it cannot be), and for each
    person which point of their front of (minutes, value) that takes."""
    best = [0.0] + [-math.inf] * most
    choices: list[list[int]] = []
    for front in fronts:
        if len(front) == 1 and front[0][0] == 0:  # nothing is left to choose here, as with all who are done
            best = [before + front[0][1] for before in best]
            choices.append([0] * (most + 1))
            continue
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


def worth_with_minutes_left(minute_worth: float, best: Sequence[float], budget: int) -> float:
    """The most that can be made of so many minutes, with those that are left over."""
    return max(best[spent] + minute_worth * (budget - spent) for spent in range(budget + 1))


def least_for_most(minute_worth: float, best: Sequence[float], budget: int) -> int:
    """The minutes that the best spends, the fewest where several do."""
    return max(range(budget + 1), key=lambda spent: best[spent] - minute_worth * spent)
