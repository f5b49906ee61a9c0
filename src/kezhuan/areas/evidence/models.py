"""The public keys with which this site has signed packages: what was signed with an earlier one is checked with it."""

from django.db import models


class SiteKey(models.Model):
    """A public key (Ed25519, Base64 of its 32 bytes) and since when this site signs with it.

    The private half is made of the site's secret and kept nowhere."""

    public = models.CharField(max_length=44, unique=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["-since", "-pk"]
