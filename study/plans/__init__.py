"""Plans: a module a study, each with the jobs that make its table.

A plan is a module with ``NAME``; ``AFTER``, the studies whose tables it needs; ``DEVICES`` where not every
device will do; ``jobs(tables, *, smoke, device)``, which takes those tables and returns Jobs; ``COLUMNS``, the
order of the table's columns; and ``finish(rows)`` where a column follows from the others.
"""

from . import (
    column_addition,
    known_entropy,
    language_model,
    language_model_code,
    learning_rates,
    learning_rates_by_cell,
    learning_rates_code,
    many_parities,
    repeated_data,
    schedules,
    schedules_again,
    sparse_parity,
)

__all__ = ["PLANS"]

PLANS = {
    plan.NAME: plan
    for plan in (
        learning_rates,
        language_model,
        known_entropy,
        repeated_data,
        schedules,
        schedules_again,
        learning_rates_by_cell,
        column_addition,
        sparse_parity,
        many_parities,
        learning_rates_code,
        language_model_code,
    )
}
