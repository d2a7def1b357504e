"""A broken content file stops the house before it serves a wrong question. Ids are stable."""

from django.core.checks import Error, register

from diagnostic import content, references, validator
from diagnostic.exceptions import ContentError, Problem
from diagnostic.prevention import texts

BROKEN, UNFAIR, SHEETS = "diagnostic.E001", "diagnostic.E002", "diagnostic.E003"


def content_is_sound(app_configs, **kwargs) -> list[Error]:
    try:
        catalogue = content.from_files()
    except ContentError as error:
        return [_error(problem, BROKEN) for problem in error.problems]
    problems = [*validator.validate(catalogue).problems, *references.problems(catalogue)]
    return [_error(problem, UNFAIR) for problem in problems]


def prevention_is_sound(app_configs, **kwargs) -> list[Error]:
    try:
        texts.read()
    except ContentError as error:
        return [Error(str(problem), id=SHEETS) for problem in error.problems]
    return []


def _error(problem: Problem, code: str) -> Error:
    return Error(str(problem), hint="manage.py tree check", id=code)


def register_all() -> None:
    register(content_is_sound)
    register(prevention_is_sound)
