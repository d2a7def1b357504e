"""What the editing of the content refuses, by name and with a sentence for the person."""


class EditingRefused(Exception):
    """The message is shown as it is."""


class NotAllowed(EditingRefused):
    pass


class Conflict(EditingRefused):
    """Somebody else saved this draft meanwhile; what was typed is still in the form."""


class WrongState(EditingRefused):
    pass


class NotSound(EditingRefused):
    """Checks found errors."""
