"""The game itself: pure, deterministic, standard library only, so that the same code runs inside a browser.

Read in this order: `parameters` (the numbers), `conversation` and `scenario` (what a writer makes), `play` (what a
learner does), `model` (what an act does to a person), `desk` (a play replayed), `value` and `solver` (what a day is
worth and the best that could be made of it), `policies` (bots), `scores`, `view` (what a screen may show), `debrief`.
"""
