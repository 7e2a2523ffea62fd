"""The book's own Sphinx extension: maths, figures, folds, citations, terms, quizzes, the repository, finished pages."""

from pathlib import Path

from coursebook import (
    checked,
    citations,
    claims,
    course,
    drawings,
    explorers,
    figures,
    finish,
    folding,
    form_list,
    glosses,
    live,
    maths,
    printed,
    public_names,
    quizzes,
    repository,
    terms,
    verdicts,
)

HERE = Path(__file__).resolve().parent


def add_folders(app, config):
    """Serve _sphinx/static and let our templates stand before the theme's.

    A folder named _static would have every script in it put on every page.
    """
    config.html_static_path.append(str(HERE.parent / "static"))
    config.templates_path.insert(0, str(HERE / "templates"))


def setup(app):
    """Register all parts."""
    app.connect("config-inited", add_folders)
    for part in (
        maths,
        figures,
        folding,
        printed,
        drawings,
        explorers,
        course,
        citations,
        public_names,
        form_list,
        quizzes,
        repository,
        terms,
        glosses,
        verdicts,
        claims,
        live,
        checked,
        finish,
    ):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
