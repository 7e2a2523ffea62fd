"""Entries: the forms that ``sl.forms`` knows, a list FORMS in each module; a new law is one entry."""
