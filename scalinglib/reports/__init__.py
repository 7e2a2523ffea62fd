"""Reports: a fit with its intervals, its plan and its doubts, worked out once, as text, as a page and as JSON."""

from .card import ReportCard, report_card

__all__ = ["ReportCard", "report_card"]
