"""One turn of a person, as the state machine has settled it: what a model may know of it, and what it never hears.

Who answers, in which mood, what is revealed and whether it ends are decided before any model is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tillit.engine.conversation import Reveal
from tillit.engine.desk import Desk, message_of
from tillit.engine.scenario import Case


@dataclass(frozen=True, slots=True)
class Scene:
    """What the person is about to say, and everything it is measured by.

    `mood` goes from -2 to 2, `heard` is that in words. `known` are the texts that both sides have: the case, what has
    been said and named. `shipped` is the wording that ships with the scenario, the content of this turn. `new` is what
    this turn reveals, and must hold. `hidden` is what has not been earned; it is never sent to a model. `ends`: whether
    the conversation ends with this turn.
    """

    person: str
    who: str
    mood: int
    heard: str
    known: tuple[str, ...]
    shipped: str
    new: tuple[Reveal, ...] = ()
    hidden: tuple[Reveal, ...] = ()
    ends: bool = False


def scene_of(desk: Desk, case: Case, found_out: Mapping[str, int] | None = None) -> Scene:
    """The person's answer to the learner's latest turn in the conversation of this case; there must be one.
    `found_out` as in `message_of`."""
    talk = desk.state(case.id).talk
    assert talk is not None and talk.turns  # a model is asked only after a turn
    turn, conversation = talk.turns[-1], talk.conversation
    person = desk.scenario.person_by_id[case.person]
    reveals = conversation.reveals
    named = (fact.text for fact in conversation.facts if f"inform:{fact.id}" in turn.after.made)
    card = (case.subject, *message_of(desk, case, found_out), *case.notes, *(line.what for line in person.history))
    said = (*conversation.start_says, *(text for earlier in talk.turns[:-1] for text in earlier.rule.says))
    return Scene(
        person=person.name,
        who=person.who,
        mood=turn.after.mood,
        heard=conversation.mood_in_words(turn.after.mood),
        known=(
            *card,
            *conversation.scene,
            *said,
            *named,
            *(reveal.text for reveal in reveals if reveal.id in turn.before.revealed),
        ),
        shipped="\n".join(turn.rule.says),
        new=tuple(one for one in reveals if one.id in turn.after.revealed and one.id not in turn.before.revealed),
        hidden=tuple(one for one in reveals if one.id not in turn.after.revealed),
        ends=turn.after.ending is not None,
    )
