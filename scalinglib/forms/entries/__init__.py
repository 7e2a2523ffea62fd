"""Entries: the forms that ``sl.forms`` knows, a list FORMS in each module; a new law is one entry."""

ABOVE = (0.0, float("inf"))  # for `bounds`: a constant that means nothing below zero
