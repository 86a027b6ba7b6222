"""nbgrader's settings for this course. Every `nbgrader` command run in this folder reads them; nothing else is needed.

    nbgrader generate_assignment first-day --force    once, so that the gradebook knows the exercise
    tillit grade first-day                            grades submitted/STUDENT/first-day/ for all students
    nbgrader generate_feedback first-day              writes feedback/STUDENT/first-day/

`nbgrader autograde` gives the same marks, far more slowly, and runs what learners wrote beside the keys and the
gradebook: for groups you trust.
"""

import os
import sys
from pathlib import Path

from tillit.grading.pages import FEEDBACK_TEMPLATE, FILTERS
from tillit.grading.preprocessors import autograde_preprocessors, feedback_preprocessors, release_preprocessors

# nbgrader calls `alembic` by its name to make a gradebook. Here it is found also where `.venv` has not been activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c = get_config()  # noqa: F821 - nbgrader puts it there

# Names this course where several share an exchange folder or a JupyterHub.
c.CourseDirectory.course_id = "when-to-step-in"
# What instructors write, and what learners get. nbgrader calls them source and release; here they say what they are.
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# nbgrader's own names, written down because .gitignore and the README rely on them.
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
# Folders called `key` are never copied: not into an exercise, not beside a graded submission, not into feedback. The
# other names are nbgrader's defaults, which a list of our own would otherwise replace.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "key"]

# Checks the marks first, lays the learner's copy of the scenario beside the notebook, and makes every byte repeatable.
c.GenerateAssignment.preprocessors = release_preprocessors()
# Empty, because a learner who has not answered yet should meet an empty line and not an error in red.
c.ClearSolutions.code_stub = {"python": ""}
# Where a text is to be written. After a double click JupyterLab shows the source, but keys are still commands to it.
c.ClearSolutions.text_stub = "*Write your answer here. To begin, click this line and press Enter.*"

# Grades the play before anything a learner wrote has run.
c.Autograde.autograde_preprocessors = autograde_preprocessors()
# Feedback shows each test as it was handed out, and not what was hidden.
c.GenerateFeedback.preprocessors = feedback_preprocessors()
# The page of feedback can be read on a telephone.
c.GenerateFeedback.HTMLExporter.update(FEEDBACK_TEMPLATE)
# Nothing in a learner's notebook runs on a page that shows it: in the feedback, and in formgrader.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = FILTERS
# Whoever has handed something in is a student of the course; nobody has to be entered beforehand.
c.Autograde.create_student = True
# Marking a play takes about three seconds, and up to 45 on a very busy machine; nbgrader would wait 30.
c.Execute.timeout = 60
