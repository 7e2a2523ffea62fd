"""The course's own measurements: small models trained on two cores, every number kept.

Needs torch, which nothing else in this repository does. ``make study`` runs it all.
"""
