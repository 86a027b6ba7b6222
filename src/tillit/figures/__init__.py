"""Drawings for the book, made with matplotlib. The player draws its own: matplotlib does not run in the page."""

from tillit.figures.lessons import lesson_rely_review_step_in
from tillit.figures.style import to_svg

__all__ = ["lesson_rely_review_step_in", "to_svg"]
