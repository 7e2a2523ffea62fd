"""Questions, and what a class does with them: tables of one's own, declared answers, marks.

Questions of quizzes and of assignments have one grammar and one reader. Answers are plain data that a student declares,
and marking compares them outside of any process of a student's. Running a notebook again is a step of its own, in a
sandbox, that says "yes" or "no".
"""

from .asked import Asked
from .assignment import Assignment, open_assignment
from .bubblewrap import refusal
from .copies import Source, read_source, student_copy, teacher_copy
from .declared import Declared, read_declared, write_declared
from .gradebook import fill
from .grading import Grades, Paper, grade
from .leaderboard import leaderboard, pseudonyms, reference_lines
from .market import Market
from .marking import Mark, mark
from .oral import oral_page, oral_questions, read_oral
from .orders import carry_out
from .pages import class_page, student_page, texts_page
from .question import Number, Option, Question
from .reading import QuestionError, Questions, read_questions
from .record import read_record, record_of, regraded
from .remote import RemoteLaboratory
from .rerun import reproduced, rerun
from .roster import Seat, read_class, read_roster, write_class
from .rubric import Rubric, read_rubric, read_times
from .sandbox import Limits, Ran, SandboxError, run_python
from .shop import Shop
from .texts import read_points, texts_sheet, with_points
from .values import drawn, values
from .variants import Variant, laboratory_seed, practice, token, variant

__all__ = [
    "Asked",
    "Assignment",
    "Declared",
    "Grades",
    "Limits",
    "Mark",
    "Market",
    "Number",
    "Option",
    "Paper",
    "Question",
    "QuestionError",
    "Questions",
    "Ran",
    "RemoteLaboratory",
    "Rubric",
    "SandboxError",
    "Seat",
    "Shop",
    "Source",
    "Variant",
    "carry_out",
    "class_page",
    "drawn",
    "fill",
    "grade",
    "laboratory_seed",
    "leaderboard",
    "mark",
    "open_assignment",
    "oral_page",
    "oral_questions",
    "practice",
    "pseudonyms",
    "read_class",
    "read_declared",
    "read_oral",
    "read_points",
    "read_questions",
    "read_record",
    "read_roster",
    "read_rubric",
    "read_source",
    "read_times",
    "record_of",
    "reference_lines",
    "refusal",
    "regraded",
    "reproduced",
    "rerun",
    "run_python",
    "student_copy",
    "student_page",
    "teacher_copy",
    "texts_page",
    "texts_sheet",
    "token",
    "values",
    "variant",
    "with_points",
    "write_class",
    "write_declared",
]
