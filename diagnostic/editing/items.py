"""The parts of the content as editors know them: their names, and a title for each item. Pure."""

import re
from typing import Any

from diagnostic.content import FOLDERS, SINGLES, Document

SECTIONS = {
    "nodes": "Questions",
    "threats": "Atteintes",
    "actions": "Gestes",
    "channels": "Interlocuteurs",
    "facts": "Faits",
    "pages": "Textes en tête du résultat",
    "evidence": "Preuves à garder",
    "offences": "Infractions",
    "doors": "Portes",
    "plan": "Plan",
    "letters": "Lettres",
    "words": "Mots des gens",
    "speech": "Langue des gens",
    "settings": "Réglages",
}
FIELDS = {
    "q": "Question", "help": "Aide", "kind": "Genre", "a": "Réponse", "t": "texte", "go": "question suivante",
    "diag": "atteinte", "facts": "écran de faits", "set": "faits posés", "urgent": "messages d'urgence",
    "only": "publics", "also": "atteintes en plus", "as_second": "en second", "alone": "seule", "page": "texte montré",
    "else": "Sinon", "asked": "faits déjà demandés ici", "name_fr": "Nom", "audiences": "Publics",
    "definition_fr": "Définition", "signs_fr": "Signes", "neighbours": "Atteintes voisines", "severity": "Gravité",
    "raises": "Monte la gravité", "lowers": "Baisse la gravité", "facts_to_ask": "Faits à demander",
    "channels": "Interlocuteurs", "offences": "Infractions", "evidence": "Preuves", "actions": "Gestes",
    "text_fr": "Texte", "by_fr": "Qui", "when": "Moment", "if": "condition", "family": "Famille",
    "first_if": "D'abord si", "channel": "Interlocuteur", "deadline": "Délai", "aside": "À part",
    "purpose_fr": "À quoi il sert", "who_fr": "Pour qui", "hours_fr": "Horaires", "contact": "Contact",
    "limits_fr": "Limites", "source": "Source", "dated": "Texte de", "checked": "Vérifié en", "url": "Adresse",
    "tel": "Numéro",
    "internal": "Interne", "label_fr": "Libellé", "words": "Mots", "group": "Groupe", "title": "Titre",
    "lines": "Lignes", "text": "texte", "article": "Article", "infraction_fr": "Infraction",
    "peine_max_fr": "Peine maximale", "to": "vers", "from": "de", "chat": "Tchat", "provider": "Prestataire",
    "title_fr": "Titre", "to_fr": "Destinataire", "subject_fr": "Objet", "how_fr": "Comment l'envoyer", "body": "Texte",
    "enclosures": "Pièces jointes", "cues": "Repères", "said": "Phrases dites", "needs": "Groupes nécessaires",
    "thesee": "THESEE", "perceval": "Perceval", "thesee_form_fr": "Formulaire THESEE",
}  # fmt: skip
_TITLES = ("q", "name_fr", "text_fr", "label_fr", "title", "title_fr", "infraction_fr")


def title_of(section: str, key: str, item: Any) -> str:
    if isinstance(item, str):
        return item[:120]
    if isinstance(item, dict):
        if section == "words" and isinstance(item.get("cues"), list):
            return ", ".join(map(str, item["cues"]))[:160]
        found = next((item[name] for name in _TITLES if isinstance(item.get(name), str)), "")
        return str(found)[:160] or key
    return key


def section_name(section: str) -> str:
    return SECTIONS.get(section, section)


def files_of(document: Document, section: str) -> dict[str, list[str]]:
    """file -> the keys written in it, in order."""
    if section not in FOLDERS:
        return {SINGLES[section]: list(document.data[section])}
    found: dict[str, list[str]] = {}
    for key in document.data[section]:
        found.setdefault(document.file_of(section, key), []).append(key)
    return found


_WAY = re.compile(r"^([\w.\[\]-]+) : ")


def in_words(message: str) -> str:
    """A fault without the way inside the item (« a.0.t : … »): « Réponse 1, texte : … »."""
    found = _WAY.match(message)
    if not found:
        return message
    parts = [str(int(part) + 1) if part.isdigit() else FIELDS.get(part, part) for part in found[1].split(".")]
    said = ", ".join(parts).replace("Réponse, ", "Réponse ")
    return f"{said} : {message[found.end() :]}"
