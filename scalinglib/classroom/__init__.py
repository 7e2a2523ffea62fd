"""Questions of quizzes and assignments as plain data: what is asked, what counts as right, what is said to each answer.

One grammar and one reader serve both; a page shows what :func:`read_questions` gives.
"""

from .question import Number, Option, Question
from .reading import QuestionError, Questions, read_questions
from .values import values

__all__ = ["Number", "Option", "Question", "QuestionError", "Questions", "read_questions", "values"]
