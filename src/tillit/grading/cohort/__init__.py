"""`tillit grade`: a whole cohort, fast, and safe against what is in it.

grade.py      plans, hands out, writes; the only process that knows the gradebook      (nbgrader)
course.py     the course's own settings, and what has been handed in                    (nbgrader)
settings.py   settings that nbgrader follows and we do not: then nothing is graded       (nbgrader)
reference.py  what the gradebook knows of an assignment                                 (nbgrader)
restore.py    a submitted notebook, with what is the instructor's put back              (nbgrader)
score.py      what the outputs of a notebook earn                                       (nbgrader)
gradebook.py  the rows                                                                  (nbgrader)
plan.py       which cell runs where, found out by running the model solution
stage.py      the folder in which a submission runs
pool.py       judges on this machine, or on a Dask cluster
judge.py      the process that runs the tests
remote.py     a learner's functions and objects as the tests see them
wire.py       what may travel from a learner's process to the judge
learner.py    the process that runs a learner's code
sandbox.py    the walls around it
nursery.py    the warm process that both are forked from
line.py       the line to it, and what can be asked over that

    grade ── nursery ──┬── judge 1 ─ line ─ learner's process, one for each submission
     (gradebook)       └── judge 2 ─ line ─ learner's process

**Whom it is built against.** A learner whose code does whatever Python can, who has read this source, and who wants
marks that the answers did not earn, the tests, the key, or other learners' work; or who wants grading to stop.

**What holds.** A learner's process can read Python and its own folder, and write in its own folder. It has no network,
makes no processes, and has memory, time, files and output up to a limit. Nothing in its memory was ever a test, a
solution or a key, because it is forked from a process that has never seen one. Tests run in the judge, in which no
learner's code runs: they call over a line, and what comes back is plain data. So patching Python, numpy or the
interpreter, objects that equal everything, forged outputs and messages, and searching through memory all come to
nothing: a test passes if the values are those it wants. What ends a process or cannot be stopped costs its own cell.
The instructor's files are put back before each test. A play is marked from its acts, in a process of its own.

**What does not.** A learner's code sees the arguments that tests call it with, and can tell a test by them. A test
that the model solution passes only inside the learner's own process (it looks at the code, or needs objects that do not
travel) runs there; control cells with fresh numbers catch an interpreter that passes what must fail, and one made for
the occasion can still deceive them. Such tests are named in the summary. A test that runs what a learner returns
(`eval`) runs it in the judge. A test that believes a file which the submission wrote believes the submission. The walls
are as strong as the kernel; root without capabilities is still the owner of root's files, which Landlock hides. Where
there are no walls (macOS), everything that the person who grades may read and write, the code may too: so it is asked
first. None of this says who wrote an answer.

Plain `nbgrader autograde` gives the same marks to the same honest work, and holds none of this.
"""
