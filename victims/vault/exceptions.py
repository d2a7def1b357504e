"""Why a file is not taken: a stable code, and the sentence that the person reads."""

WORDS = {
    "empty": "Ce fichier est vide. Ouvrez-le sur votre appareil, puis envoyez-le de nouveau.",
    "too-big": "Ce fichier dépasse 20 Mo. Faites une capture d’écran, ou coupez la vidéo.",
    "full": "Votre dossier a atteint 100 Mo. Ce fichier n’a pas été gardé.",
    "too-many": "Votre dossier a déjà 100 fichiers. Ce fichier n’a pas été gardé.",
    "unknown-type": "Ce type de fichier n’est pas accepté. Envoyez une image, un PDF ou une capture d’écran.",
    "damaged": "Ce fichier est abîmé ou incomplet. Ouvrez-le sur votre appareil, puis envoyez-le de nouveau.",
    "web-page": "Une page web ou une image SVG n’est pas acceptée. Faites une capture d’écran ou un PDF.",
    "archive": "Une archive (ZIP, RAR) n’est pas acceptée. Envoyez les fichiers un par un.",
    "macro": "Ce document contient un programme (macro). Enregistrez-le en PDF, puis envoyez le PDF.",
    "unsafe-document": "La structure de ce document n’est pas sûre. Enregistrez-le en PDF, puis envoyez le PDF.",
    "program": "Un programme n’est pas accepté. Ne l’ouvrez pas. Notez seulement son nom.",
    "wrong-hash": "Le fichier a changé pendant l’envoi. Il n’a pas été gardé. Envoyez-le de nouveau.",
    "busy": "Trop de fichiers sont en cours d’envoi. Attendez que l’un d’eux soit fini.",
}


class Refused(Exception):
    def __init__(self, code: str):
        super().__init__(code)
        self.code, self.words = code, WORDS[code]
