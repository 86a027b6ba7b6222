"""The gate: whether what a model has written may stand as a person's turn.

No model judges here, only plain rules about words, so that the same turn always gets the same verdict and a test can
hold it. Rules of this kind miss things: how many, on turns written before the rules were, is printed by
`benchmarks/conversation_model.py`. What they miss cannot do much: a model is never told what has not been earned, and
mood, reveals and endings do not depend on its words. Written for English, the language of the scenarios.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from tillit.llm.scene import Scene

Kind = Literal[
    "empty", "long", "unfinished", "language", "role", "hangs_up", "agreeable", "reveals", "invents", "omits"
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to turn a text away, with the words that gave it."""

    kind: Kind
    words: str


def gate(scene: Scene, text: str, said: str = "", prompt: str = "") -> tuple[Finding, ...]:
    """What is wrong with this text as the person's turn; nothing if it may stand.

    `text` has been through `plain`. `said` is the learner's own turn, which nobody says back word by word; `prompt`
    what the model was told, which nobody quotes.
    """
    return (*whole(scene, text), *gate_part(scene, text, said, prompt))


def gate_part(scene: Scene, text: str, said: str = "", prompt: str = "") -> tuple[Finding, ...]:
    """The same for the beginning of a turn, where it may still be short, unfinished, or lack what is to come."""
    found: list[Finding] = []
    found += _language(text)
    found += _role(scene, text, said, prompt)
    found += _hangs_up(scene, text)
    found += _agreeable(scene, text)
    found += _reveals(scene, text)
    found += _invents(scene, text)
    return tuple(found)


def whole(scene: Scene, text: str) -> Iterator[Finding]:
    """What is wrong with a turn as a whole: too little, too much, or something left out."""
    words, expected = len(_words(text)), len(_words(scene.shipped))
    if words == 0 or (words == 1 and expected >= 6):
        yield Finding("empty", text[:40])
        return
    most = max(40, expected * 5 // 2)
    if words > most:
        yield Finding("long", f"{words} words")
    if words >= 6 and text[-1] not in ".!?…’”\"')":
        yield Finding("unfinished", text[-40:])
    for fact in scene.new:
        missing = _missing(fact, text)
        if missing:
            yield Finding("omits", missing)


# --- the phrases --------------------------------------------------------------------------------------------------


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{phrase})" for phrase in phrases), re.IGNORECASE)


_DATA: Mapping[str, Any] = tomllib.loads(files("tillit.llm").joinpath("phrases.toml").read_text(encoding="utf-8"))
_MACHINE, _DESK, _FAREWELL, _THANKS, _WON_OVER, _CALENDAR, _WEIGHTY = (
    _pattern(_DATA[kind]) for kind in ("machine", "desk", "farewell", "thanks", "won_over", "calendar", "weighty")
)
_COMMON, _UNITS, _NO_NAMES = (frozenset(_DATA[name].split()) for name in ("common", "units", "no_names"))
_NUMBER_WORDS = {word: number for number, word in enumerate(_DATA["numbers"].split())} | _DATA["larger_numbers"]
_TENS = frozenset(word for word, number in _NUMBER_WORDS.items() if number in range(20, 100, 10))
_LANGUAGES = {language: frozenset(words.split()) for language, words in _DATA["languages"].items()}

# --- text ---------------------------------------------------------------------------------------------------------

_QUOTES = {"‘": "’", "“": "”", '"': '"', "«": "»", "'": "'"}
_APOSTROPHES = str.maketrans("’‘", "''")
# Letters, and the apostrophe within a word; a number with its separators is one word.
_WORD = re.compile(r"\d+(?:[.,:\u00a0 ]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*", re.UNICODE)


def plain(person: str, text: str) -> str:
    """The text without what does not belong to a turn however it is meant: characters that are not shown or that turn
    the line about, the speaker's name before it, quotation marks around it."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
    text = re.sub(r"[ \t\u00a0]+", " ", text).strip()
    for name in (person, person.split()[0]):
        text = text.removeprefix(f"{name}:").lstrip()
    if text and _QUOTES.get(text[0]) == text[-1] and len(text) > 1 and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text.translate(_APOSTROPHES))]


def _stem(word: str) -> str:
    """Five letters: enough to know ‘cancelled’ again in ‘cancels’ and ‘withdrew’ in ‘withdrawn’."""
    return word.removesuffix("'s")[:5]


def _number(words: Sequence[str], place: int) -> str | None:
    """The digits of the number that a word is or, for ‘thirty-eight’, begins; None for other words and for the second
    half of such a number. What separates digits (‘12,000’, ‘10:30’) is left out."""
    word, before, after = words[place], words[place - 1 : place], words[place + 1 : place + 2]
    if word[0].isdigit():
        return re.sub(r"\D", "", word)
    value = _NUMBER_WORDS.get(word)
    if value is None or (0 < value < 10 and before and before[0] in _TENS):
        return None
    small = _NUMBER_WORDS.get(after[0], 0) if after else 0
    return str(value + small if word in _TENS and 0 < small < 10 else value)


def _numbers(texts: Iterable[str]) -> frozenset[str]:
    found = (_number(words, place) for words in map(_words, texts) for place in range(len(words)))
    return frozenset(number for number in found if number is not None)


def _stems(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(_stem(word) for text in texts for word in _words(text))


def _content(text: str) -> list[str]:
    """The words of a text that carry what it is about, in order."""
    return [
        word
        for word in _words(text)
        if len(word) > 2 and word not in _COMMON and word not in _NUMBER_WORDS and not word[0].isdigit()
    ]


def _given(scene: Scene) -> tuple[str, ...]:
    """All that the person may speak of."""
    return (*scene.known, *scene.new, scene.shipped, scene.person, scene.who)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text.translate(_APOSTROPHES))
    return found.group().strip() if found else None


# --- the language -------------------------------------------------------------------------------------------------


def _language(text: str) -> Iterator[Finding]:
    letters = [c for c in text if c.isalpha()]
    foreign = sum("LATIN" not in unicodedata.name(c, "") for c in letters)
    words = _words(text)
    counts = {language: sum(word in known for word in words) for language, known in _LANGUAGES.items()}
    best = max(counts, key=lambda language: counts[language])
    if foreign * 10 > len(letters) or (best != "en" and counts[best] >= 2):
        yield Finding("language", text[:40])


# --- who speaks ---------------------------------------------------------------------------------------------------

_MARKUP = re.compile(
    r"[{}<>\[\]|]|```|\*[^*\n]+\*|^\s*(?:#|[-*•] |\d+[.)] )|\((?:\w+ ?){1,4}\)|https?://", re.MULTILINE
)
_RUN = 7  # words in a row that are not said by chance


def _role(scene: Scene, text: str, said: str, prompt: str) -> Iterator[Finding]:
    for pattern in (_MACHINE, _DESK):
        words = _first(pattern, text)
        if words and words.lower() not in scene.shipped.translate(_APOSTROPHES).lower():
            yield Finding("role", words)
    markup = _MARKUP.search(text)
    if markup:
        yield Finding("role", markup.group().strip())
    first = re.escape(scene.person.split()[0])
    label = rf"(?:user|assistant|system|advis[eo]r|you|me|learner|customer|colleague|ai|narrator|{first}[\w ]*)"
    labelled = re.search(rf"^\s*{label}\s*:", text, re.MULTILINE | re.IGNORECASE)
    if labelled:
        yield Finding("role", labelled.group().strip())
    given = _runs(_given(scene))
    for source in (said, prompt):
        shared = _runs((text,)) & _runs((source,)) - given
        if shared:
            yield Finding("role", " ".join(min(shared)))


def _runs(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """All runs of so many words in a row."""
    return frozenset(
        tuple(words[start : start + _RUN]) for words in map(_words, texts) for start in range(len(words) - _RUN + 1)
    )


# --- the end ------------------------------------------------------------------------------------------------------


def _hangs_up(scene: Scene, text: str) -> Iterator[Finding]:
    words = _first(_FAREWELL, text)
    if words and not scene.ends and _first(_FAREWELL, scene.shipped) is None:
        yield Finding("hangs_up", words)


# --- the mood -----------------------------------------------------------------------------------------------------


def _agreeable(scene: Scene, text: str) -> Iterator[Finding]:
    """Thanks from somebody who is angry or hurt, and being won over by anybody who is not."""
    for pattern, highest in ((_THANKS, -1), (_WON_OVER, 0)):
        words = _first(pattern, text)
        if words and scene.mood <= highest and _first(pattern, scene.shipped) is None:
            yield Finding("agreeable", words)


# --- what has not been earned, what nobody gave, what is left out -------------------------------------------------


def _reveals(scene: Scene, text: str) -> Iterator[Finding]:
    """Words that only something hidden holds: a number or a name of it, one long word, or two short ones."""
    given = _given(scene)
    open_stems, open_numbers = _stems(given), _numbers(given)
    said, said_numbers = {_stem(word): word for word in _words(text)}, _numbers((text,))
    for secret in scene.hidden:
        numbers = sorted(said_numbers & _numbers((secret,)) - open_numbers - {"1", "2"})
        names = {_stem(name.lower()) for name in _names(secret)}
        shared = [word for word in dict.fromkeys(_content(secret)) if _stem(word) in said.keys() - open_stems]
        weight = sum(2 if len(word) > 6 or _stem(word) in names else 1 for word in shared)
        if numbers or weight >= 2:
            yield Finding("reveals", " ".join([*numbers, *(said[_stem(word)] for word in shared)]))


def _names(text: str) -> list[str]:
    """Words with a capital that no sentence begins with. Words all in capitals are shouted, not named."""
    text = text.translate(_APOSTROPHES)
    found: list[str] = []
    for match in re.finditer(r"[^\W\d_]+(?:'[^\W\d_]+)*", text):
        word, before = match.group(), text[: match.start()].rstrip(" \n'\"“«(–-")
        begins = not before or before[-1] in ".!?…:"
        shouted = word.isupper() and len(word) > 1
        if word[0].isupper() and not begins and not shouted and word not in _NO_NAMES:
            found.append(word.removesuffix("'s"))
    return found


def _invents(scene: Scene, text: str) -> Iterator[Finding]:
    """Numbers, dates, names and turns of fate that stand in nothing the person may speak of."""
    given = _given(scene)
    stems, numbers = _stems(given), _numbers(given)
    for word in _unknown_numbers(text, numbers):
        yield Finding("invents", word)
    for name in _names(text):
        if _stem(name.lower()) not in stems:
            yield Finding("invents", name)
    for pattern in (_CALENDAR, _WEIGHTY):
        for match in pattern.finditer(text.translate(_APOSTROPHES)):
            if not all(_stem(word) in stems for word in _words(match.group())):
                yield Finding("invents", match.group())


def _unknown_numbers(text: str, known: frozenset[str]) -> Iterator[str]:
    """Numbers that nobody has named. One is a pronoun, and two of something is as often a way of speaking, unless it is
    two of a unit."""
    words: Sequence[str] = _words(text)
    for place, word in enumerate(words):
        number = _number(words, place)
        following = words[place + 1] if place + 1 < len(words) else ""
        small = number in ("0", "1") or (number == "2" and not word[0].isdigit() and following not in _UNITS)
        way_of_speaking = word in ("hundred", "thousand", "million", "dozen") and following in ("times", "things")
        if number is not None and number not in known and not small and not way_of_speaking:
            yield word


def _missing(fact: str, text: str) -> str | None:
    """What a turn leaves out of a fact that it must hold: a number, or most of the words that carry it."""
    numbers = _numbers((fact,)) - _numbers((text,)) - {"1"}
    if numbers:
        return min(numbers)
    carrying = list(dict.fromkeys(_stem(word) for word in _content(fact)))
    said = _stems((text,))
    absent = [stem for stem in carrying if stem not in said]
    return " ".join(absent) if len(absent) * 2 > len(carrying) else None
