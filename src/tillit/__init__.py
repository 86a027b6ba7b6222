"""When to Step In: AI, people and trust at work."""

__version__ = "0.1.0"
