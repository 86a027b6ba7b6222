"""Drawings for the book, made with matplotlib. The player draws its own: matplotlib does not run in the page."""

from tillit.figures.lessons import lesson_rely_review_step_in
from tillit.figures.play import Drawing, minutes_spent, trust_over_the_day
from tillit.figures.style import to_svg

__all__ = ["Drawing", "lesson_rely_review_step_in", "minutes_spent", "to_svg", "trust_over_the_day"]
