from tchat.exceptions import Refusal


class ConsoleRefusal(Refusal):
    """What the console will not do, beyond what the tchat itself refuses."""

    TEXTS = Refusal.TEXTS | {
        "bad-agent": "Cet agent n'est pas disponible à ce bureau. Choisissez-en un autre.",
        "note-too-long": "Cette note dépasse 2 000 caractères.",
        "bad-slots": "Proposez une à trois heures, toutes à venir.",
        "slot-gone": "Cette heure n'est plus proposée. Choisissez-en une autre.",
        "no-appointment": "Cette proposition a changé. Voici où en est votre rendez-vous.",
        "already-acknowledged": "Cette urgence est déjà prise en compte.",
    }
