"""Grades a course, but takes its time over writing, so that it can be killed in between: run by a test."""

import sys
import time
from pathlib import Path

from tests.grading.grader.courses import ASSIGNMENT
from tillit.grading.cohort import grade

if __name__ == "__main__":
    grade._BATCH = 6
    written = grade.put_in_place

    def slowly(*where: object) -> None:
        written(*where)  # type: ignore[arg-type]
        time.sleep(0.2)

    grade.put_in_place = slowly  # type: ignore[assignment]
    with grade.Grader(Path(sys.argv[1]), ASSIGNMENT) as grader:
        grader.grade()
