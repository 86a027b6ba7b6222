"""How far the simulation agrees with what was published, and where it does not.

Read in this order: `targets.toml` (findings, and what we predicted before the first run), `targets` (reads it),
`estimate` (a number with its interval), `population` and `learners` (simulated experiments, one function a row),
`report` (the tables).
"""
