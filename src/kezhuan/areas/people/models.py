"""Invitations to act for an organisation."""

from django.db import models

from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.parties import Role


class Invitation(models.Model):
    """Somebody is asked by mail to act for an organisation in a role; open until it was answered or its day is past."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    until = models.DateField(help_text="the last day on which it can be accepted")
    ended_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"], condition=models.Q(ended_at=None), name="invitation_open_once"
            )
        ]
