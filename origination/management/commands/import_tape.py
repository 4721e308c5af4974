"""Import a file for one lessor and say row by row what was taken, refused and why."""

from django.core.management.base import CommandError

from origination.management.commands._importing import ImportCommand
from origination.services import ReferenceReport, import_file
from tenants.permissions import Permission


class Command(ImportCommand):
    help = (
        "Import a CSV, XLSX, Parquet or EX-102 XML tape of leases (also .gz); nothing is kept of"
        " one with wrong rows."
        " A known file of others (auto loans, used cars, terminations) becomes reference data."
    )
    permission = Permission.IMPORT_TAPE

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--keep-good", action="store_true", help="keep the rows that are good")
        parser.add_argument(
            "--confirm-warnings",
            action="store_true",
            help="the rows with warnings (VIN check digits of vehicles made elsewhere) are right",
        )

        parser.add_argument("--source", default="", help="whose tape it is; columns are remembered")
        parser.add_argument(
            "--accept-mapping",
            action="store_true",
            help="take the columns as they are understood; without it they are shown on the page",
        )

    def take(self, content, *, name, by, at, **options):
        chosen = ("keep_good", "confirm_warnings", "source", "accept_mapping")
        report = import_file(
            content=content,
            file_name=name,
            by=by,
            at=at,
            **{option: options[option] for option in chosen},
        )
        is_reference = isinstance(report, ReferenceReport)
        for found in report.findings:
            kind = "warning: " if is_reference and found.is_warning else ""
            self.stdout.write(f"row {found.row}: {kind}{found.error()} ({found.value or 'empty'})")
        if is_reference:
            self._tell_dialect(report)
        kept_as = " as reference data" if is_reference else ""
        self.stdout.write(
            f"{report.file_name}: {report.rows} rows, {report.taken} taken{kept_as},"
            f" {report.rows - report.taken} not taken; sha256 {report.sha256}"
        )
        if not is_reference:
            self._tell_check(report)
        if not (report.taken or (not is_reference and report.is_taken)):
            raise CommandError(
                "Nothing was written. Mend the rows named, or keep the good ones with --keep-good"
                + ("." if is_reference else ", or confirm warnings with --confirm-warnings.")
            )

    def _tell_check(self, report):
        """The score and how the file compares with the book."""
        told = report.upload.report
        kinds = ("new", "changed", "unchanged", "gone")
        compared = ", ".join(f"{told['compared'][kind]} {kind}" for kind in kinds)
        self.stdout.write(f"data quality {told['score']} of 100; {compared}")

    def _tell_dialect(self, report):
        """What kind of file this is, why its rows are no leases, and its figures."""
        dialect = report.dialect
        self.stdout.write(f"This is: {dialect.title}.")
        self.stdout.write(
            "No row can be recorded as a lease, and none enters the book. The file gives"
            f" {len(dialect.gives)} fields of a lease and lacks {len(dialect.lacks)} that a lease"
            " must have:"
        )
        reasons: dict[str, list[str]] = {}
        for name, reason in dialect.lacks.items():
            reasons.setdefault(reason, []).append(name)
        for reason, names in reasons.items():
            self.stdout.write(f"  {', '.join(names)}: {reason}")
        for label, text in report.figures:
            self.stdout.write(f"  {label}: {text}")
