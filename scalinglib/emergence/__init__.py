"""Emergence: how a smooth gain in loss looks through the ruler it is scored with."""

from .choices import ChoiceScores, score_choices
from .exact_match import accuracy_from_loss, column_match, exact_match
from .forecast import MatchForecast, forecast_match
from .resolution import chance_of_none, items_to_see, score_range
from .stories import TwoStories, two_stories
from .thresholds import REPORTED_THRESHOLDS, LossThreshold, ReportedThreshold

__all__ = [
    "REPORTED_THRESHOLDS",
    "ChoiceScores",
    "LossThreshold",
    "MatchForecast",
    "ReportedThreshold",
    "TwoStories",
    "accuracy_from_loss",
    "chance_of_none",
    "column_match",
    "exact_match",
    "forecast_match",
    "items_to_see",
    "score_choices",
    "score_range",
    "two_stories",
]
