"""The details in a text: numbers, names, dates, and the words that carry what it is about.

What the gate measures a person's turn by, and a draft is checked by against the case file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

PHRASES: Mapping[str, Any] = tomllib.loads(files("tillit.llm").joinpath("phrases.toml").read_text(encoding="utf-8"))

_COMMON, _NO_NAMES, _DATES = (frozenset(PHRASES[name].split()) for name in ("common", "no_names", "dates"))
_NUMBER_WORDS = {word: number for number, word in enumerate(PHRASES["numbers"].split())} | PHRASES["larger_numbers"]
_TENS = frozenset(word for word, number in _NUMBER_WORDS.items() if number in range(20, 100, 10))

_QUOTES = {"‘": "’", "“": "”", '"': '"', "«": "»", "'": "'"}
_APOSTROPHES = str.maketrans("’‘", "''")
# A number with what separates its digits is one word, and so is a word with an apostrophe within.
_WORD = re.compile(r"\d+(?:[.,:]\d+)*(?:[ \u00a0]\d{3}(?!\d))*|[^\W\d_]+(?:'[^\W\d_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Any of these phrases, each beginning at a word."""
    return re.compile("|".join(rf"\b(?:{phrase})" for phrase in phrases), re.IGNORECASE)


CALENDAR = pattern(PHRASES["calendar"])


def visible(text: str) -> str:
    """The text without characters that are not shown or that turn the line about, with single spaces. What only looks
    like a plain letter or digit (full width, say) is made one."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
    return re.sub(r"[ \t\u00a0]+", " ", text).strip()


def plain(person: str, text: str) -> str:
    """What a model wrote as somebody's turn, without what is around it: their name before it, quotation marks."""
    text = visible(text)
    for name in (person, person.split()[0]):
        text = text.removeprefix(f"{name}:").lstrip()
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def straight(text: str) -> str:
    """The same text with every apostrophe straight."""
    return text.translate(_APOSTROPHES)


def words(text: str) -> list[str]:
    """The words and numbers of a text, in small letters."""
    return [word.lower() for word in _WORD.findall(straight(text))]


def stem(word: str) -> str:
    """What two forms of a word share: its first five letters, enough to know ‘cancelled’ again in ‘cancels’; of a month
    or a day of the week the first three."""
    word = word.removesuffix("'s")
    return word[:3] if word in _DATES else word[:5]


def stems(texts: Iterable[str]) -> frozenset[str]:
    """The stems of all words of these texts."""
    return frozenset(stem(word) for text in texts for word in words(text))


def number(of: Sequence[str], place: int) -> str | None:
    """The digits of the number that a word is or, as in ‘thirty-eight’, begins; None for another word and for the
    second half of such a number. What separates digits (‘12,000’, ‘10:30’) is left out."""
    word, before, after = of[place], of[place - 1 : place], of[place + 1 : place + 2]
    if word[0].isdigit():
        return re.sub(r"\D", "", word)
    value = _NUMBER_WORDS.get(word)
    if value is None or (0 < value < 10 and before and before[0] in _TENS):
        return None
    small = _NUMBER_WORDS.get(after[0], 0) if after else 0
    return str(value + small if word in _TENS and 0 < small < 10 else value)


def numbers(texts: Iterable[str]) -> frozenset[str]:
    """All numbers in these texts, as digits."""
    found = (number(of, place) for of in map(words, texts) for place in range(len(of)))
    return frozenset(digits for digits in found if digits is not None)


def names(text: str) -> list[str]:
    """Words with a capital that no sentence begins with. Words all in capitals are shouted, not named."""
    text = straight(text)
    found: list[str] = []
    for match in _LETTERS.finditer(text):
        word, before = match.group(), text[: match.start()].rstrip(" \n'\"“«(–-")
        begins = not before or before[-1] in ".!?…:"
        shouted = word.isupper() and len(word) > 1
        if word[0].isupper() and not begins and not shouted and word not in _NO_NAMES:
            found.append(word.removesuffix("'s"))
    return found


def content(text: str) -> list[str]:
    """The words of a text that carry what it is about, in order."""
    return [
        word
        for word in words(text)
        if len(word) > 2 and word not in _COMMON and word not in _NUMBER_WORDS and not word[0].isdigit()
    ]
