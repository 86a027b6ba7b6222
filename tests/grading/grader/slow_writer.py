"""Grades a course, but takes its time over writing, so that it can be killed in between: run by a test."""

import sys
import time
from pathlib import Path
from typing import Any

from tests.grading.grader.courses import ASSIGNMENT
from tillit.grading.cohort import grade, stage

if __name__ == "__main__":
    grade._BATCH = 6
    written = stage.put_in_place

    def slowly(*where: Any) -> None:
        written(*where)
        time.sleep(0.2)

    vars(grade)["put_in_place"] = slowly
    with grade.Grader(Path(sys.argv[1]), ASSIGNMENT) as grader:
        grader.grade()
