"""What one part of the content says of another: letters of actions and facts, words of threats and questions.

Looked at before a version is published, not when one is served: after an upgrade, a letter of the software may name
an action that the editors took away. It is then never proposed, and the guichet goes on.
"""

from diagnostic import letters
from diagnostic.catalogue import Catalogue
from diagnostic.exceptions import Problem
from diagnostic.words import sources


def problems(catalogue: Catalogue) -> list[Problem]:
    return [*letters.problems(catalogue), *sources.problems(catalogue)]
