class TooManyWaiting(Exception):
    """More requests wait than an administrator could read: no new one is taken for now."""

    code = "too_many_waiting"
