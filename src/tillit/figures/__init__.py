"""Drawings for the book, made with matplotlib. The player draws its own: matplotlib does not run in the page."""

from tillit.figures.lessons import (
    lesson_a_hybrid_team,
    lesson_a_week_at_the_desk,
    lesson_being_there,
    lesson_personal_with_a_purpose,
    lesson_rely_review_step_in,
    lesson_review,
    lesson_saying_so,
    lesson_what_changes,
    lesson_when_it_goes_wrong,
    lesson_where_ai_stops,
)
from tillit.figures.play import Drawing, minutes_spent, trust_over_the_day
from tillit.figures.style import to_svg
from tillit.figures.what_if import draw_what_if, what_if

__all__ = [
    "Drawing",
    "draw_what_if",
    "lesson_a_hybrid_team",
    "lesson_a_week_at_the_desk",
    "lesson_being_there",
    "lesson_personal_with_a_purpose",
    "lesson_rely_review_step_in",
    "lesson_review",
    "lesson_saying_so",
    "lesson_what_changes",
    "lesson_when_it_goes_wrong",
    "lesson_where_ai_stops",
    "minutes_spent",
    "to_svg",
    "trust_over_the_day",
    "what_if",
]
