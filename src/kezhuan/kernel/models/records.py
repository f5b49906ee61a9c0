"""Things with an owner and a life: one shared row, links between them, foreign numbers, files and clocks."""

import uuid

import uuid_utils
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_uid() -> uuid.UUID:
    """A UUIDv7: sorts by the time it was made."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


class Phase(models.TextChoices):
    """The nine phases in which lists and search speak of every stage of every kind."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    REVIEWING = "reviewing", _("under review")
    PUBLIC = "public", _("published")
    ACTIVE = "active", _("active")
    DONE = "done", _("completed")
    FAILED = "failed", _("ended without result")
    WITHDRAWN = "withdrawn", _("withdrawn")
    VOID = "void", _("void")


class Record(models.Model):
    """The row that every thing with a life shares; its own table joins by `OneToOneField(primary_key=True)`.

    The four audiences say who may see the title, the public part, the full part and the inner part.
    """

    uid = models.UUIDField(unique=True, default=new_uid, editable=False)
    code = models.CharField(max_length=30, unique=True, help_text="<prefix>-<year>-<seq>, never reused")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=300)
    title_en = models.CharField(max_length=400, blank=True)
    summary = models.TextField(blank=True)
    owner = models.ForeignKey(
        "kernel.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="owned"
    )
    contact = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stage = models.CharField(max_length=30)
    phase = models.CharField(max_length=10, choices=Phase)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(
        default=1, help_text="rises with every change; two editors are told apart by it"
    )
    changed_at = models.DateTimeField()
    title_to = models.ForeignKey("kernel.Audience", on_delete=models.PROTECT, related_name="+")
    public_to = models.ForeignKey("kernel.Audience", on_delete=models.PROTECT, related_name="+")
    full_to = models.ForeignKey("kernel.Audience", on_delete=models.PROTECT, related_name="+")
    inner_to = models.ForeignKey("kernel.Audience", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["kind", "title_to", "-opened_on", "-id"], name="record_list"),
            models.Index(fields=["kind", "-opened_on", "-id"], name="record_newest"),
            models.Index(fields=["kind", "stage", "id"], name="record_queue"),
            models.Index(fields=["owner", "kind", "-id"], name="record_owned"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class CodeCounter(models.Model):
    """The next sequence number of a prefix and year; locked while codes are given, gaps allowed."""

    key = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)


class Link(models.Model):
    """Two records belong together in a role; walkable both ways."""

    source = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="links_in")
    role = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "target", "role"], name="link_once")]


class Identifier(models.Model):
    """A number somebody else gave: uscc, a patent number, a source's own id; freed when its record becomes void.

    A register's number is given once. The ids of somebody's lists are given once in each `kind` of records: a list of
    needs and one of results both begin with 1.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="identifiers")
    scheme = models.CharField(max_length=60)
    value = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, blank=True, default="", help_text="of the ids of a list: of what it is one")
    active = models.BooleanField(default=True)
    note = models.CharField(
        max_length=200, blank=True, help_text="why it was accepted in spite of a failed check digit"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value", "kind"], condition=models.Q(active=True), name="identifier_once"
            )
        ]
        indexes = [models.Index(fields=["record"], name="identifier_of_record")]


class StoredFile(models.Model):
    """Bytes kept once under their SHA-256, however often they are attached, with the words that search finds in them.

    Whatever needs the bytes points here, so the database itself refuses to let go of a file in use. `touched_at` is
    when something last began or ceased to point here.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    text = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True, help_text="when its words were read; not yet for files of older versions")
    touched_at = models.DateTimeField()


class Document(models.Model):
    """A file of a record, seen by whoever sees the record's group; one that was withdrawn points to no bytes.

    Of a file that was added while its record is sealed the bytes are encrypted, and so are, as `sealed`, its name, type
    and words until the record is opened.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=40)
    group = models.CharField(max_length=10, default="full", help_text="field group whose audience may open it")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="documents")
    size = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    uploaded_by = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stored=None) ^ models.Q(withdrawn_at=None), name="document_has_bytes"
            )
        ]

    @property
    def sha256(self) -> str:
        """The hash of its bytes; nothing once it was withdrawn."""
        return self.stored_id or ""


class Clock(models.Model):
    """A step that waits for somebody until a day; `party` is who must act, and `post` who in it, when one is named, or
    `person`, when somebody must act for themselves; with neither it is the bureau.
    `grant` is what is asked for, where that is something beside the record's stage.

    `audience` are those who may know of it while it runs, so that an inbox is read without a join (see `turns`).
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="clocks")
    name = models.CharField(max_length=60)
    party = models.ForeignKey("kernel.Organisation", on_delete=models.PROTECT, null=True, related_name="clocks")
    post = models.ForeignKey("kernel.Post", on_delete=models.PROTECT, null=True, related_name="clocks")
    person = models.ForeignKey("kernel.Person", on_delete=models.PROTECT, null=True, related_name="clocks")
    grant = models.ForeignKey("kernel.Grant", on_delete=models.PROTECT, null=True, related_name="clocks")
    audience = models.ForeignKey("kernel.Audience", on_delete=models.PROTECT, related_name="+", db_index=False)
    started_on = models.DateField()
    due_on = models.DateField()
    day_kind = models.CharField(max_length=10, help_text="working or calendar")
    ended_on = models.DateField(null=True)
    answered = models.BooleanField(default=False, help_text="ended by whoever it waited for, and not by the other side")
    moves = models.PositiveIntegerField(default=0, help_text="how often a calendar gave it another day")
    moved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["party", "ended_on", "due_on", "audience"], name="clock_open"),
            models.Index(fields=["due_on", "id"], condition=models.Q(ended_on=None), name="clock_running"),
            models.Index(fields=["ended_on"], condition=models.Q(answered=True), name="clock_answered"),
        ]
