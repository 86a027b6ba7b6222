"""The marking desk: a local page in which people mark what learners have written, by a rubric.

store.py      what has been done at the desk, append-only, in a file of its own beside the gradebook
marking.py    what follows from that: verdicts, who marks what, points, what is ready
agreement.py  how far two markers, or a person and a machine, agree on an item
similar.py    how much two answers have in common
proposals.py  what a model proposes for an item, and why it is not believed
written.py    the answers, out of nbgrader's gradebook and autograded notebooks; the marks, into the gradebook
desk.py       all of these together: what the page asks for
server.py     the page and its few addresses, on this machine only
static/       the page itself
"""
