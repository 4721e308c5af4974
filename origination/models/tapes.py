"""A tape on its way into the book: the file in chunks, its mapping, what was found, how far it is.

`Tape` (in `book`) is what became of it: the file whose hash stands on the ledger.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class TapeSource(models.Model):
    """Where tapes come from, with the mapping that was confirmed for it last."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(_("source"), max_length=80, unique=True)
    mapping = models.JSONField(default=dict)
    saved_by = models.UUIDField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class UploadState(models.TextChoices):
    """Where an upload stands; what is stopped goes on from the chunk where it stopped."""

    READ = "read", _("Columns to confirm")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Being imported")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")
    IMPORTED = "imported", _("Imported")


class TapeUpload(models.Model):
    """One file, read and kept in chunks until it is imported. The same bytes stand here once."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    source = models.ForeignKey(TapeSource, on_delete=models.PROTECT, null=True, related_name="+")
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    format = models.CharField(max_length=10)
    encoding = models.CharField(max_length=12, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    mapping = models.JSONField()
    samples = models.JSONField()  # column → its first values
    keep_good = models.BooleanField(default=False)
    confirm_warnings = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=UploadState.choices, default="read")
    is_stop_asked = models.BooleanField(default=False)
    rows_done = models.PositiveIntegerField(default=0)  # of the step that runs
    report = models.JSONField(default=dict)  # of the check: counts, score, comparison
    problem = models.JSONField(default=dict)  # why it failed
    tape = models.OneToOneField(
        "origination.Tape", on_delete=models.PROTECT, null=True, related_name="upload"
    )
    uploaded_by = models.UUIDField()
    uploaded_at = models.DateTimeField(_("uploaded"))

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self):
        return self.file_name

    @property
    def runs(self) -> bool:
        """Whether a job is at work on it."""
        return self.state in (UploadState.CHECKING, UploadState.IMPORTING)


class TapeChunk(models.Model):
    """Ten thousand rows of a file as compressed Parquet, and what was found in them.

    `content` is let go once its rows are in the book; `findings` stays, for export.
    """

    upload = models.ForeignKey(TapeUpload, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    first_row = models.PositiveIntegerField()  # from 1
    rows = models.PositiveIntegerField()
    content = models.BinaryField(null=True)
    findings = models.BinaryField(null=True)
    entry_index = models.BigIntegerField(_("ledger entry"), null=True)
    taken = models.PositiveIntegerField(default=0)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["upload", "number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="tape_chunk_once")]

    def __str__(self):
        return f"{self.upload_id} {self.number}"


class LeaseReport(models.Model):
    """What the last tape said of a lease beyond its recorded terms.

    `values`: fields of `domain.tapes.reported` and details that changed; `extra`: columns of the
    file that are no field, as they stood. `gone_at`: a later tape of the source left it out.
    """

    lease = models.OneToOneField(
        "origination.Lease",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="report",
        db_constraint=False,
    )
    source = models.ForeignKey(TapeSource, on_delete=models.PROTECT, null=True, related_name="+")
    upload = models.ForeignKey(TapeUpload, on_delete=models.PROTECT, related_name="+")
    row = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    extra = models.JSONField(default=dict)
    reported_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["source", "upload"], name="lease_report_source")]

    def __str__(self):
        return str(self.lease_id)
