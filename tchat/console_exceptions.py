from tchat.exceptions import Refusal


class ConsoleRefusal(Refusal):
    """What the console will not do, beyond what the tchat itself refuses."""

    TEXTS = Refusal.TEXTS | {
        "bad-agent": "Cet agent n'est pas disponible à ce bureau. Choisissez-en un autre.",
        "note-too-long": "Cette note dépasse 2 000 caractères.",
        "bad-slots": "Proposez une à trois heures, toutes à venir.",
        "slot-gone": "Cette heure n'est plus libre. Choisissez-en une autre.",
        "slots-taken": "Une de ces heures vient d'être prise. Choisissez parmi celles qui restent.",
        "has-slots": "L'unité a ouvert des heures : proposez l'une d'elles.",
        "no-appointment": "Cette proposition a changé. Voici où en est votre rendez-vous.",
        "already-acknowledged": "Cette urgence est déjà prise en compte.",
    }
