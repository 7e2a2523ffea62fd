"""An assignment as a student has it open: a table, the names of the answers, and a file that keeps them."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import unknown_name
from ..simulate import Laboratory, laboratories
from .asked import Asked
from .declared import Declared, plan_mark, read_declared, write_declared
from .remote import RemoteLaboratory
from .variants import TOKEN

if TYPE_CHECKING:
    import pandas

__all__ = ["Assignment", "open_assignment"]


@dataclass(frozen=True, eq=False)
class Assignment:
    """An open assignment.

    Attributes
    ----------
    name : str
    token : str
        Of the table that lies beside the notebook; "practice" where none does.
    data : pandas.DataFrame
        The table.
    asked : dict
        Name -> what is asked.
    folder : pathlib.Path
        Where the answers are kept.
    practice : dict
        Name -> (low, high, whether it is right, what is said) for answers to the practice table.
    """

    name: str
    token: str
    data: "pandas.DataFrame" = field(repr=False)
    asked: dict[str, Asked] = field(repr=False)
    folder: Path = field(repr=False)
    practice: dict[str, list] = field(repr=False)

    def __repr__(self):
        table = f"{'the practice table' if self.token == 'practice' else f'table {self.token}'}, {len(self.data)} rows"
        return f"{self.name}: {table}; {self._rest(self._kept())}"

    def answer(self, name: str, value: object) -> str:
        """Declare an answer: it is checked for its type at once and kept in the file that is handed in.

        Parameters
        ----------
        name : str
            Of the question.
        value : number or str
            A number, letters of choices, or a text.

        Returns
        -------
        str
            What was kept. For the practice table it says whether the number is right; for one's own only that it
            is a number.

        Raises
        ------
        UnknownNameError
            For a name that is not asked for.
        ValueError
            For a value of another type than is asked for; what was kept before stays.
        """
        if name not in self.asked:
            raise unknown_name("answer", name, self.asked)
        if value is ...:  # as the cells are given out; a run of the whole notebook goes on
            return Told(f"{name} has no answer yet: put {self.asked[name].wants} in place of the dots.")
        kept = self.asked[name].accepted(value)
        answers = {**self._kept(), name: kept}
        path = write_declared(self.folder, Declared(self.name, self.token, answers))
        told = f"{name} is kept in {path.name}; {self._rest(answers)}."
        return Told("\n".join(filter(None, [told, self._feedback(name, kept)])))

    def laboratories(self, url: str = "") -> tuple[Laboratory | RemoteLaboratory, ...]:
        """The laboratories of the table: one's own on the teacher's machine, or open ones for practice.

        Parameters
        ----------
        url : str
            Of the class's server, as the teacher says it; the practice table has no need of it. Where the file
            ``NAME-TOKEN.ledger.json`` lies beside the table, what was bought is told from there, and nothing is sold.

        Raises
        ------
        ValueError
            For a table of one's own without an address, or before the plan was declared.
        """
        if self.token == "practice":
            return laboratories(0, float(self.data.budget[0]), count=len(self.data))
        path = self.folder / f"{self.name}-{self.token}.ledger.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        if not url and kept is None:
            raise ValueError(
                "the laboratories of a table of one's own stand on the teacher's machine: "
                "laboratories('http://teacher.example:8765') with the address that you were told"
            )

        def plan():
            return plan_mark(self._kept().get("plan"))

        if kept is None and not plan():
            raise ValueError('declare your plan first, answer("plan", ...): a mark of it goes with each purchase')
        given = {"kept": kept, "plan": plan}
        return tuple(RemoteLaboratory(url, self.token, world, **given) for world in range(len(self.data)))

    def _rest(self, answers):
        missing = [name for name, one in self.asked.items() if name not in answers and one.kind != "laboratories"]
        return f"still to come: {', '.join(missing)}" if missing else "all questions are answered"

    def _kept(self):
        path = self.folder / Declared(self.name, self.token).file
        try:
            return read_declared(path).answers if path.exists() else {}
        except (OSError, ValueError) as error:
            raise ValueError(
                f"{path.name} cannot be read ({error}): move it away and declare your answers anew"
            ) from None

    def _feedback(self, name, kept):
        if self.token != "practice" or name not in self.practice:
            return ""
        for low, high, right, said in self.practice[name]:
            if low is None or low <= kept <= high:
                return f"On the practice table: {'right' if right else 'not this'}. {said}"
        return ""


class Told(str):
    """A text that a notebook shows without quotation marks."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


def open_assignment(folder: str | os.PathLike = ".") -> Assignment:
    """Open the assignment in a folder, with the table of one's own if it lies there, or with the one for practice.

    Parameters
    ----------
    folder : str or path
        With the notebook, its ``.form.json`` and its tables.

    Raises
    ------
    FileNotFoundError
        Where there is no assignment; the message says what has to lie there.
    ValueError
        For several tables of one's own, one under another name than it was given out, or a file that was damaged.
    """
    import pandas

    folder = Path(folder)
    forms = sorted(folder.glob("*.form.json"))
    if len(forms) != 1:
        raise FileNotFoundError(
            f"{len(forms)} files *.form.json in {folder.resolve()}; the one of the assignment is needed"
        )
    try:
        form = json.loads(forms[0].read_text(encoding="utf-8"))
        name, practice = form["assignment"], dict(form["practice"])
        asked = {one["name"]: Asked(**{**one, "choices": tuple(one["choices"])}) for one in form["questions"]}
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{forms[0].name} is not as it was given out: copy it anew") from None
    tables = {path.stem.removeprefix(f"{name}-"): path for path in sorted(folder.glob(f"{name}-*.csv"))}
    own = sorted(set(tables) - {"practice"})
    strange = [one for one in own if not TOKEN.fullmatch(one)]
    if strange:
        said = f"{tables[strange[0]].name} is no table of the course: its name is {name}-TOKEN.csv, as it was given out"
        raise ValueError(said)
    if len(own) > 1:
        raise ValueError(f"several tables of one's own, {', '.join(own)}: leave the one with your token")
    token = own[0] if own else "practice"
    if token not in tables:
        raise FileNotFoundError(f"no table {name}-*.csv in {folder.resolve()}")
    try:
        data = pandas.read_csv(tables[token], dtype=float)
    except ValueError:  # what pandas raises for an empty file, for words and for bytes is one
        data = pandas.DataFrame()
    if data.empty or data.isna().any(axis=None):
        raise ValueError(f"{tables[token].name} is no table of the course: copy it anew")
    return Assignment(name, token, data, asked, folder, practice)
