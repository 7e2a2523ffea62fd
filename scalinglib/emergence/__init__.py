"""Emergence: how a smooth gain in loss looks through the ruler it is scored with."""

from .choices import ChoiceScores, accuracy_from_advantage, advantage_from_accuracy, score_choices
from .exact_match import accuracy_from_loss, column_match, exact_match
from .forecast import MatchForecast, forecast_match
from .ladder import LADDER_TASKS, Ladder, LadderTask, ladder
from .resolution import chance_of_none, items_to_see, score_range
from .sampling import beta_coverage, checked_accuracy, pass_at_k
from .stories import TwoStories, two_stories
from .thresholds import REPORTED_THRESHOLDS, LossThreshold, ReportedThreshold
from .two_step import ScoreForecast, TwoStepFit, fit_two_step, link_from_loss

__all__ = [
    "LADDER_TASKS",
    "REPORTED_THRESHOLDS",
    "ChoiceScores",
    "Ladder",
    "LadderTask",
    "LossThreshold",
    "MatchForecast",
    "ReportedThreshold",
    "ScoreForecast",
    "TwoStepFit",
    "TwoStories",
    "accuracy_from_advantage",
    "accuracy_from_loss",
    "advantage_from_accuracy",
    "beta_coverage",
    "chance_of_none",
    "checked_accuracy",
    "column_match",
    "exact_match",
    "fit_two_step",
    "forecast_match",
    "items_to_see",
    "ladder",
    "link_from_loss",
    "pass_at_k",
    "score_choices",
    "score_range",
    "two_stories",
]
