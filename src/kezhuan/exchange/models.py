"""What was imported and exported, the templates of offices, what was printed for signing, and how it was signed."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel.models import Document, Job, JobState, Organisation, Person, Record, StoredFile


class State(models.TextChoices):
    """Where an import stands; nothing of the file is in before it runs."""

    UPLOADED = "uploaded", _("waiting to be checked")
    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked")
    DISCARDED = "discarded", _("discarded")
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped half-way")
    DONE = "done", _("imported")
    UNDONE = "undone", _("undone")


FINAL = (State.DONE, State.STOPPED, State.UNDONE, State.DISCARDED)
"""States in which the file is not read any more, but for handing back its bad rows."""


class Import(models.Model):
    """One file taken in: who, when, which bytes, how it was read and what became of its rows.

    `position` counts the rows of the file, good, bad or example, of which all is confirmed: an import that was stopped
    goes on after them. `options` are the settings as codes, `notes` sentences on what wants attention. The counts are
    those of confirmed rows; of one that was only checked they say what would become of them. One that `is_inner` was
    made by members for their own organisation: its rows are nobody else's.
    """

    kind = models.CharField(max_length=30)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="imports")
    acting_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="imports")
    is_inner = models.BooleanField(default=False)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=60)
    has_file = models.BooleanField(default=False, help_text="its bytes are kept in the data folder")
    options = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["by", "-id"], name="import_by"),
            models.Index(fields=["acting_for", "-id"], name="import_for"),
            models.Index(fields=["sha256"], name="import_file", condition=models.Q(has_file=True)),
        ]

    @property
    def works(self) -> bool:
        """Whether its job is still to be done or is being done."""
        return self.job is not None and self.job.state in {JobState.WAITING, JobState.RUNNING}

    @property
    def has_failed(self) -> bool:
        """Whether its job ended without being done."""
        return self.job is not None and self.job.state == JobState.FAILED


class ImportedRecord(models.Model):
    """A record that an import opened or changed: its version afterwards, and what stood there before.

    `former` holds words and values, so it stands here and not in the journal: it can be erased, and then the import
    cannot be taken back any more. It is empty for a record that the import opened.
    """

    of = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="records")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="imports")
    is_new = models.BooleanField()
    version = models.PositiveIntegerField()
    former = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "record"], name="imported_record_once")]


class RejectedRow(models.Model):
    """A row that was left out: where it stands, why, and what to write instead where that can be known.

    Its cells are not kept; they are read again from the file. Of a row that holds a state secret nothing but its place
    is kept.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejects")
    row = models.PositiveIntegerField()
    columns = models.JSONField(default=list)
    reason = models.TextField()
    fixes = models.JSONField(default=list)
    is_secret = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["of", "row"], name="rejected_row")]


class Export(models.Model):
    """A long list that somebody asked for as a file: a job writes it for them, with their rights of that moment.

    `records` are the ids that were found when it was asked for. The row and its file are removed after some days.
    """

    name = models.CharField(max_length=40)
    kinds = models.JSONField(default=list)
    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="exports")
    acting_for = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, related_name="+")
    ending = models.CharField(max_length=10)
    language = models.CharField(max_length=10)
    records = models.JSONField(default=list)
    filter = models.JSONField(default=dict)
    file = models.CharField(max_length=100, blank=True)
    grants = models.JSONField(default=list, help_text="tokens of grants with days by which its writer saw something")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()


class RowOutcome(models.TextChoices):
    """What becomes of a row that is read in; each sort of files has its own words for it."""

    TAKEN = "taken"
    PART = "part"
    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class Reading(models.Model):
    """A file that another house filled in, as an office sent it: a job reads its rows one by one, for whoever sent it
    and in their language.

    `name` is its sort (see `exchange.reading_actions`), `sha256` that of its rows, `options` how it is read. After some
    days it is `emptied`: what its rows said is taken away, what became of them stays.
    """

    name = models.CharField(max_length=30)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict)
    language = models.CharField(max_length=10)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    emptied = models.BooleanField(default=False)
    made_at = models.DateTimeField()


class ReadingRow(models.Model):
    """A row of such a file by its number there, and once it was read what became of it, why, and what it means."""

    sheet = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField()
    values = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    title = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=RowOutcome, blank=True)
    reason = models.TextField(blank=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["row", "pk"]
        indexes = [models.Index(fields=["sheet", "row"], name="reading_row")]


class ImportMapping(models.Model):
    """What an organisation chose the headers of its files to stand for: header → column, empty for none."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="import_mapping_once")]


class Template(models.Model):
    """A Word template of an office for one kind of record; the newest version of a name is the one that is filled.

    `for_list` says that it names nothing of a single record and repeats rows; `open_to_all` that others than the office
    may fill it, too, each with what they may see.
    """

    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="templates")
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="templates")
    for_list = models.BooleanField()
    open_to_all = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "kind", "name", "version"], name="template_version_once")
        ]
        indexes = [models.Index(fields=["kind", "office"], name="template_of_office")]


class Printed(models.Model):
    """A version of a record that was printed for signing; its code is made of the content alone."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="printed")
    code = models.CharField(max_length=19, unique=True)
    content_hash = models.CharField(max_length=64)
    printed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    printed_at = models.DateTimeField()


class Way(models.TextChoices):
    """How a version was signed."""

    STAMPED = "stamped", _("stamped on paper, scanned")
    SEALED = "sealed", _("sealed by an e-seal provider")
    CONFIRMED = "confirmed", _("confirmed on this site")


class Signature(models.Model):
    """A version of a record was signed, for whom, and in which way; `code_by` says of a scan whether its code was read
    or typed."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="signatures")
    printed = models.ForeignKey(Printed, on_delete=models.PROTECT, related_name="signatures")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signatures")
    way = models.CharField(max_length=10, choices=Way)
    party = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    signed_for = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", help_text="whom a deputy stood in for"
    )
    code_by = models.CharField(max_length=5, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["printed", "party"], condition=models.Q(way=Way.CONFIRMED), name="version_confirmed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(way=Way.STAMPED, code_by__in=("read", "typed"))
                | (~models.Q(way=Way.STAMPED) & models.Q(code_by="")),
                name="code_of_scan_read_or_typed",
            ),
        ]


class SealState(models.TextChoices):
    """Where a seal stands that was asked for."""

    WAITING = "waiting", _("waiting for the provider")
    SEALED = "sealed", _("sealed")
    DECLINED = "declined", _("declined")


class SealRequest(models.Model):
    """A version handed, or to be handed, to an e-seal provider; its `reference` is the provider's own number."""

    printed = models.ForeignKey(Printed, on_delete=models.PROTECT, related_name="seal_requests")
    provider = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=SealState, default=SealState.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["printed", "provider"], condition=~models.Q(state=SealState.DECLINED), name="seal_asked_once"
            )
        ]
