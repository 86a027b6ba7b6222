"""Exercises and marks, with nbgrader. Only here is nbgrader imported, and only where these two need it:

marks.py          what nbgrader cuts out of a notebook, checked strictly
rubric.py         what a piece of writing is marked by: read, checked, and the learner's half of it
leaks.py          whether anything that only solutions hold is found where it must not be
exercises.py      exercises/ made from solutions/, or compared with them          (nbgrader)
course.py         the course as nbgrader keeps it                                 (nbgrader)
desk/             the marking desk: people mark what learners have written        (nbgrader)
report/           the cohort report                                              (nbgrader)
personal_data.py  all that is kept about one learner, handed out or erased        (nbgrader)
preprocessors.py  what nbgrader does more in this course than by itself           (nbgrader)
handed_in.py      files that learners hand in, read as text
replay.py         a play marked against its key: a pure function, and a process of its own
feedback.py       what is said about a play that has been marked
play_points.py    the cell of a notebook that grades a play
rule_points.py    the cell that grades a rule book, on months that its author has not seen
answers.py        the cells that grade a letter

This file imports nothing: a learner's notebook imports the last three, and has no nbgrader.
"""
