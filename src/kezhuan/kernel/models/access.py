"""Who may see what: interned sets of audience tokens, and grants beyond membership."""

from django.db import models


class Audience(models.Model):
    """A set of tokens, kept once; a record points at one for each of its four field groups.

    `key` is the sorted tokens joined by "|". A set that holds "public" is just "public".
    """

    key = models.TextField(unique=True)


class AudienceToken(models.Model):
    """One token of one audience: public, member, officer, officer:<district>, org:<record id>, org:<record id>:<role>,
    person:<record id>, grant:<id>."""

    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="tokens")
    token = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "audience"], name="audience_token_once")]


class Grant(models.Model):
    """Access that membership does not give: an introduction's other side, an assignment, a deputy, a guest."""

    record = models.ForeignKey("kernel.Record", on_delete=models.PROTECT, related_name="grants")
    party = models.ForeignKey("kernel.Record", on_delete=models.PROTECT, related_name="granted")
    role = models.CharField(max_length=40)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "party", "role"], name="grant_once")]
        indexes = [
            models.Index(fields=["role", "until"], name="grant_of_role"),
            models.Index(fields=["party", "until"], name="grant_of_party"),
        ]
