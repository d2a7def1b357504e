from django.db import models


class Said(models.Model):
    """What the minimal consumer of the tutorial stores."""

    room = models.IntegerField()
    body = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.body
