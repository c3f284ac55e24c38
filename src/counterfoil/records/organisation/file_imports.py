"""Files that a worker takes in: who sent them, what was decided, how far the work is, and their bytes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from counterfoil.records.audit import audited


class FileState(models.TextChoices):
    """What was decided of a file, and what came of it."""

    ASKED = "asked", _("Being checked")
    CHECKED = "checked", pgettext_lazy("state of a file", "Checked")
    CONFIRMED = "confirmed", _("Being imported")
    DONE = "done", _("Imported")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class FileStage(models.TextChoices):
    """Where the worker is, of a file that it checks or takes in."""

    WAITING = "waiting", _("Waiting for a worker")
    READING = "reading", _("Reading rows")
    CHECKING = "checking", pgettext_lazy("stage of a file", "Checking")
    STORING = "storing", pgettext_lazy("stage of a file", "Storing")


WORKED_ON = (FileState.ASKED, FileState.CONFIRMED)
"""The states in which a worker has something to do."""


@audited(
    exclude=["mapping", "stage", "rows_read", "rows_total", "begun_at", "problem_count", "report", "problems"]
)
class FileImport(models.Model):
    """A file that is checked, or taken in, by a worker. How far that is, and what it came to, is not audited.

    `kind` is a kind of file, or `mapped` with the text of a `mapping`. `rows_total` is 0 until a worker has counted.
    `report` is what the check or the taking in said, with its first errors, `problems` are all of them that were kept.
    """

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=255, help_text="Of the file")
    size = models.BigIntegerField(help_text="Bytes")
    mapping = models.TextField(blank=True, help_text="How another system's file becomes ours, as TOML")
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.ASKED)
    stage = models.CharField(max_length=10, choices=FileStage.choices, default=FileStage.WAITING)
    rows_read = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(
        "organisation.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        "organisation.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        "organisation.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    changed_at = models.DateTimeField(help_text="When its state became what it is")
    begun_at = models.DateTimeField(null=True, blank=True, help_text="When a worker began to read it")
    problem_count = models.PositiveIntegerField(default=0)
    report = models.JSONField(null=True, blank=True)
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["changed_at"], name="file_import_by_change"),
            models.Index(
                fields=["id"], condition=models.Q(state__in=WORKED_ON), name="file_import_worked_on"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_worked_on(self) -> bool:
        """Return whether a worker has something to do with it."""
        return self.state in WORKED_ON

    @property
    def was_checked(self) -> bool:
        """Return whether it was to be taken in only after it had been checked."""
        return self.confirmed_at is not None and self.confirmed_at != self.asked_at

    @property
    def can_be_cancelled(self) -> bool:
        """Return whether it may still be cancelled: nothing of it is being stored, and it has not ended."""
        if self.state == FileState.CONFIRMED:
            return self.stage != FileStage.STORING
        return self.state in (FileState.ASKED, FileState.CHECKED)


class FileImportPiece(models.Model):
    """Some bytes of a file, in the database since any worker must reach them. Gone once the file has ended."""

    file_import = models.ForeignKey(
        FileImport, on_delete=models.CASCADE, related_name="pieces", db_index=False
    )
    number = models.PositiveIntegerField(help_text="Consecutive, from 1")
    content = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["file_import", "number"], name="file_piece_once_a_number")
        ]

    def __str__(self) -> str:
        return f"piece {self.number} of {self.file_import_id}"
