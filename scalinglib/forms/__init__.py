"""Forms: laws whose constants are open, as texts that anybody can write, and those that papers print.

``forms[name]`` is a Form with its source and what it prints; ``forms.names()`` lists them.
"""

import importlib
import pkgutil
import sys
import types

from .. import arguments
from . import entries
from .form import Form, FormLaw
from .grammar import FormError

__all__ = ["Form", "FormError", "FormLaw", "names", "read_form"]

_FORMS = {
    form.name: form
    for module in pkgutil.iter_modules(entries.__path__)
    for form in importlib.import_module(f"{entries.__name__}.{module.name}").FORMS
}


def names() -> list[str]:
    """Names of the published forms.

    Examples
    --------
    >>> import scalinglib as sl
    >>> "chinchilla" in sl.forms.names()
    True
    """
    return list(_FORMS)


def read_form(form: str | Form) -> Form:
    """The Form that is given, that a name stands for, or that a text is.

    Raises
    ------
    UnknownNameError
        For a text of one word that is no name here.
    FormError
        For any other text that is no law.
    """
    if isinstance(form, Form):
        return form
    if isinstance(form, str) and (form in _FORMS or form.replace("-", "").replace("_", "").isalnum()):
        return _entry(form)
    return Form(form)


def _entry(name):
    if not isinstance(name, str) or name not in _FORMS:
        raise arguments.unknown_name("form", name, _FORMS)
    return _FORMS[name]


class _FormsModule(types.ModuleType):
    """The module itself is the mapping, so that ``sl.forms["chinchilla"]`` reads well."""

    def __getitem__(self, name):
        return _entry(name)

    def __iter__(self):
        return iter(_FORMS)

    def __len__(self):
        return len(_FORMS)

    def __contains__(self, name):
        return isinstance(name, str) and name in _FORMS


sys.modules[__name__].__class__ = _FormsModule
