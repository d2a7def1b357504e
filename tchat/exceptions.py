class Refusal(Exception):
    """Something the service will not do. The code is stable: clients and tests read it; `text` is for a person."""

    TEXTS = {
        "empty": "Écrivez un message avant d'envoyer.",
        "too-long": "Ce message dépasse 4 000 caractères. Envoyez-le en plusieurs fois.",
        "card-number": "Ce message contient un numéro de carte. Ne l'envoyez à personne, pas même ici. Retirez-le.",
        "asks-secret": "Un agent ne demande jamais un mot de passe, un code ou un numéro de carte. Changez ce message.",
        "closed": "Cette conversation est close. Vous pouvez la relire dans votre dossier.",
        "not-yours": "Cette conversation est suivie par un autre agent.",
        "already-taken": "Un autre agent vient de prendre cette conversation.",
        "paused": "Vous êtes en pause. Reprenez le service pour prendre une conversation.",
        "at-capacity": "Vous tenez déjà le nombre de conversations prévu. Terminez-en une d'abord.",
        "bad-phone": "Ce numéro ne peut pas être rappelé. Exemple : 06 12 34 56 78.",
        "not-saturated": "Un agent peut vous répondre : gardez votre place dans la file.",
        "rules-in-force": "Ce règlement est déjà en vigueur.",
        "rules-unsound": "Ce règlement a des défauts : corrigez-les d'abord.",
        "rules-untried": "Essayez d'abord ce règlement sur les arrivées passées.",
        "id-taken": "Ce message ne peut pas être enregistré. Rechargez la page.",
        "bad-frame": "Ce message n'a pas pu être lu.",
        "too-fast": "Trop de messages d'un coup. Patientez un instant.",
        "retry": "Le service est occupé. Votre message va repartir tout seul.",
        "no-access": "Ouvrez votre dossier avec sa référence et son code.",
        "nothing-waiting": "Personne n'attend dans vos files.",
        "not-offered": "Le tchat n'est pas proposé pour cette situation.",
        "bad-desk": "Choisissez un autre bureau.",
        "already-filed": "La plainte de ce dossier est déjà déposée.",
        "bad-outcome": "Choisissez comment la conversation se termine.",
    }

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
        self.text = self.TEXTS[code]
