"""Talking to a language model, for practice only: the model words and suggests, and decides nothing.

Everything a model says is untrusted. What it may not give away it is never told; what it says is passed through a gate;
what it suggests counts only once the learner has confirmed it. `tillit.llm.configured.configured` is the front door.
"""
