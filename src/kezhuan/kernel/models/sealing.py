"""What is kept of a record that is sealed."""

from django.db import models

from kezhuan.kernel.models.records import Record


class Sealed(models.Model):
    """A record whose words and files nobody reads before it is opened, but its own unit; gone once it is opened.

    `words` are encrypted with a key of this record's own; of the key one copy is kept under the site's sealing key, for
    its unit, and one under the public half of an opening code (see `engines.sealing`).
    """

    record = models.OneToOneField(Record, on_delete=models.PROTECT, primary_key=True, related_name="sealed_words")
    words = models.BinaryField()
    own_key = models.BinaryField()
    opening_key = models.BinaryField()
