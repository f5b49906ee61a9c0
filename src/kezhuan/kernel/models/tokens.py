"""Keys by which a person's programs speak to the API."""

from django.db import models


class Token(models.Model):
    """A key that a person made for a program: it acts for one organisation, within a scope, until a day.

    Only the hash of the secret is kept. `reads` and `writes` name kinds or other scopes, `*` stands for all of them.
    """

    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, related_name="tokens")
    organisation = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret, hexadecimal")
    reads = models.JSONField(default=list)
    writes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_on = models.DateField(help_text="the last day on which it is valid")
    used_at = models.DateTimeField(null=True, help_text="last use, told to within some minutes")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="token_of_person")]
