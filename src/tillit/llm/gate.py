"""The gate: whether what a model has written may stand as a person's turn.

No model judges here, only plain rules about words, so that the same turn always gets the same verdict and a test can
hold it. Rules of this kind miss things; how many, `benchmarks/conversation_model.py` prints. What they miss cannot do
much, since a model is never told what has not been earned, and mood, reveals and endings do not depend on its words.
Written for English, the language of the scenarios.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tillit.engine.conversation import Reveal
from tillit.llm.details import (
    CALENDAR,
    PHRASES,
    content,
    names,
    number,
    numbers,
    pattern,
    stem,
    stems,
    straight,
    words,
)
from tillit.llm.scene import Scene

Kind = Literal[
    "empty", "long", "unfinished", "omits", "strays", "language", "role", "hangs_up", "agreeable", "reveals", "invents"
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to turn a text away, with the words that gave it."""

    kind: Kind
    words: str


def gate(scene: Scene, text: str, said: str = "", prompt: str = "") -> tuple[Finding, ...]:
    """What is wrong with this text as the person's turn; nothing if it may stand.

    `text` has been through `plain`. `said` is the learner's own turn, which nobody says back word by word; `prompt`
    is what the model was told, which nobody quotes.
    """
    return (*_whole(scene, text), *gate_part(scene, text, said, prompt))


def gate_part(scene: Scene, text: str, said: str = "", prompt: str = "") -> tuple[Finding, ...]:
    """The same for the first sentences of a turn, where something may still be to come."""
    return (
        *_language(text),
        *_role(scene, text, said, prompt),
        *_hangs_up(scene, text),
        *_agreeable(scene, text),
        *_reveals(scene, text),
        *_invents(scene, text),
    )


def _given(scene: Scene) -> tuple[str, ...]:
    """All that the person may speak of."""
    return (*scene.known, *(reveal.text for reveal in scene.new), scene.shipped, scene.person, scene.who)


def _first(phrases: re.Pattern[str], text: str) -> str | None:
    found = phrases.search(straight(text))
    return found.group().strip() if found else None


_LANGUAGES = {language: frozenset(frequent.split()) for language, frequent in PHRASES["languages"].items()}


# --- as a whole: too little, too much, something left out ---------------------------------------------------------


def _whole(scene: Scene, text: str) -> Iterator[Finding]:
    length, expected = len(words(text)), len(words(scene.shipped))
    if length == 0 or (length == 1 and expected >= 6):
        yield Finding("empty", text[:40])
        return
    if length > max(40, expected * 5 // 2):
        yield Finding("long", f"{length} words")
    if length >= 6 and text[-1] not in ".!?…’”\"')":
        yield Finding("unfinished", text[-40:])
    settled = _longer_words(scene.shipped)
    if len(settled) >= 6 and not settled & _longer_words(text):
        yield Finding("strays", text[:40])
    for reveal in scene.new:
        missing = None if _shows(reveal, text) else _missing(reveal.text, text)
        if missing:
            yield Finding("omits", missing)


def _longer_words(text: str) -> frozenset[str]:
    """What two wordings of the same have in common, if they have anything."""
    return frozenset(stem(word) for word in words(text) if len(word) > 3 and word not in _LANGUAGES["en"])


def _shows(reveal: Reveal, text: str) -> str | None:
    """The sign of a reveal that stands in a text, if one does."""
    said = f" {' '.join(words(text))} "
    return next((sign for sign in reveal.signs if f" {' '.join(words(sign))} " in said), None)


def _missing(fact: str, text: str) -> str | None:
    """What a turn leaves out of a fact that it must hold: a number, or most of the words that carry it."""
    absent_numbers = numbers((fact,)) - numbers((text,)) - {"1"}
    if absent_numbers:
        return min(absent_numbers)
    carrying, said = list(dict.fromkeys(stem(word) for word in content(fact))), stems((text,))
    absent = [one for one in carrying if one not in said]
    return " ".join(absent) if len(absent) * 2 > len(carrying) else None


# --- the language -------------------------------------------------------------------------------------------------


def _language(text: str) -> Iterator[Finding]:
    letters = [c for c in text if c.isalpha()]
    foreign = sum("LATIN" not in unicodedata.name(c, "") for c in letters)
    said = words(text)
    counts = {language: sum(word in frequent for word in said) for language, frequent in _LANGUAGES.items()}
    best = max(counts, key=lambda language: counts[language])
    if foreign * 10 > len(letters) or (best != "en" and counts[best] >= 2):
        yield Finding("language", text[:40])


# --- who speaks ---------------------------------------------------------------------------------------------------

_SOMEBODY_ELSE = pattern((*PHRASES["machine"], *PHRASES["desk"]))
_MARKUP = re.compile(
    r"[{}<>\[\]|]|```|\*[^*\n]+\*|^\s*(?:#|[-*•] |\d+[.)] )|\((?:\w+ ?){1,4}\)|https?://", re.MULTILINE
)
_SPEAKERS = "user|assistant|system|advis[eo]r|you|me|learner|customer|colleague|ai|narrator"
_RUN = 7  # words in a row that are not said by chance


def _role(scene: Scene, text: str, said: str, prompt: str) -> Iterator[Finding]:
    for found in _SOMEBODY_ELSE.finditer(straight(text)):
        if found.group().lower() not in straight(scene.shipped).lower():
            yield Finding("role", found.group())
    first_name = re.escape(scene.person.split()[0])
    speaker = re.compile(rf"^\s*(?:{_SPEAKERS}|{first_name}[\w ]*)\s*:", re.MULTILINE | re.IGNORECASE)
    for marks in (_MARKUP, speaker):
        marked = marks.search(text)
        if marked and marked.group().strip() not in scene.shipped:
            yield Finding("role", marked.group().strip())
    given = _runs(_given(scene))
    for source in (said, prompt):
        shared = _runs((text,)) & _runs((source,)) - given
        if shared:
            yield Finding("role", " ".join(min(shared)))


def _runs(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """All runs of so many words in a row."""
    return frozenset(
        tuple(said[start : start + _RUN]) for said in map(words, texts) for start in range(len(said) - _RUN + 1)
    )


# --- hanging up, and being won over -------------------------------------------------------------------------------

_FAREWELL, _THANKS, _WON_OVER = (pattern(PHRASES[kind]) for kind in ("farewell", "thanks", "won_over"))


def _hangs_up(scene: Scene, text: str) -> Iterator[Finding]:
    found = _first(_FAREWELL, text)
    if found and not scene.ends and _first(_FAREWELL, scene.shipped) is None:
        yield Finding("hangs_up", found)


def _agreeable(scene: Scene, text: str) -> Iterator[Finding]:
    """Thanks from somebody who is angry or hurt, and being won over by anybody who is not."""
    for phrases, highest in ((_THANKS, -1), (_WON_OVER, 0)):
        found = _first(phrases, text)
        if found and scene.mood <= highest and _first(phrases, scene.shipped) is None:
            yield Finding("agreeable", found)


# --- what has not been earned, and what nobody gave ---------------------------------------------------------------

_WEIGHTY = pattern(PHRASES["weighty"])
_UNITS = frozenset(PHRASES["units"].split())


def _reveals(scene: Scene, text: str) -> Iterator[Finding]:
    """Signs of something hidden, or words that only it holds: a number or a name, one long word, or two short ones."""
    given = _given(scene)
    known = stems(given)
    said = {stem(word): word for word in words(text) if stem(word) not in known}
    said_numbers = numbers((text,)) - numbers(given) - {"1", "2"}
    for secret in scene.hidden:
        sign = _shows(secret, text)
        if sign and not any(_shows(secret, one) for one in given):
            yield Finding("reveals", sign)
            continue
        named = {stem(name.lower()) for name in names(secret.text)}
        shared = [word for word in dict.fromkeys(content(secret.text)) if stem(word) in said]
        weight = sum(2 if len(word) > 6 or stem(word) in named else 1 for word in shared)
        shared_numbers = sorted(said_numbers & numbers((secret.text,)))
        if shared_numbers or weight >= 2:
            yield Finding("reveals", " ".join([*shared_numbers, *(said[stem(word)] for word in shared)]))


def _invents(scene: Scene, text: str) -> Iterator[Finding]:
    """Numbers, dates, names and turns of fate that stand in nothing the person may speak of."""
    given = _given(scene)
    known = stems(given)
    for word in _unknown_numbers(text, numbers(given)):
        yield Finding("invents", word)
    for name in names(text):
        if stem(name.lower()) not in known:
            yield Finding("invents", name)
    for phrases in (CALENDAR, _WEIGHTY):
        for found in phrases.finditer(straight(text)):
            if not all(stem(word) in known for word in words(found.group())):
                yield Finding("invents", found.group())


def _unknown_numbers(text: str, known: frozenset[str]) -> Iterator[str]:
    """Numbers that nobody has named. One is a pronoun, and two of something is as often a way of speaking, unless it is
    two of a unit."""
    said = words(text)
    for place, word in enumerate(said):
        digits = number(said, place)
        following = said[place + 1] if place + 1 < len(said) else ""
        small = digits in ("0", "1") or (digits == "2" and not word[0].isdigit() and following not in _UNITS)
        way_of_speaking = word in ("hundred", "thousand", "million", "dozen") and following in ("times", "things")
        if digits is not None and digits not in known and not small and not way_of_speaking:
            yield word
