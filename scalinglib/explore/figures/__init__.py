"""The live figures: a module each, with one function of that name; a file added here is a figure more."""

import pkgutil

NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
"""What stands here."""
