"""The lessor's back office."""

from django.urls import path

from origination.views import (
    financing,
    leases,
    payments,
    pledges,
    servicing,
    sharing,
    statements,
    tape_uploads,
    tapes,
)

urlpatterns = [
    path("book/", leases.book, name="book"),
    path("leases/", leases.leases, name="leases"),
    path("leases/<uuid:rid>/", leases.lease, name="lease"),
    path("tapes/", tapes.tapes, name="tapes"),
    path("tapes/import/", tape_uploads.upload_tape, name="tape-upload"),
    path("tapes/export/<str:form>/", tapes.export_tape, name="tape-export"),
    path("tapes/uploads/<uuid:rid>/", tape_uploads.upload_page, name="tape-upload-page"),
    path("tapes/uploads/<uuid:rid>/check/", tape_uploads.check, name="tape-check"),
    path("tapes/uploads/<uuid:rid>/start/", tape_uploads.start, name="tape-start"),
    path("tapes/uploads/<uuid:rid>/stop/", tape_uploads.stop, name="tape-stop"),
    path("tapes/uploads/<uuid:rid>/columns/", tape_uploads.again, name="tape-columns"),
    path("tapes/uploads/<uuid:rid>/drop/", tape_uploads.drop, name="tape-drop"),
    path("tapes/uploads/<uuid:rid>/file/", tape_uploads.findings_file, name="tape-findings"),
    path("tapes/reference/<uuid:rid>/", tapes.reference_file, name="reference-file"),
    path("tapes/<uuid:rid>/", tapes.tape, name="tape"),
    path("payments/", payments.payments, name="payments"),
    path("payments/book/", payments.book_payment, name="book-payment"),
    path("payments/<int:payment_id>/reverse/", payments.take_back_payment, name="reverse-payment"),
    path("statements/", statements.statements, name="statements"),
    path("statements/take/", statements.take_statement, name="statement-take"),
    path("statements/safe/", statements.safe_lines, name="statement-safe"),
    path("statements/lines/<int:line_id>/", statements.statement_line, name="statement-line"),
    path("statements/lines/<int:line_id>/aside/", statements.put_aside, name="statement-aside"),
    path("servicing/terms/", servicing.terms, name="servicing-terms"),
    path("grants/", sharing.grants, name="grants"),
    path("grants/make/", sharing.make_grant, name="grant-make"),
    path("grants/<uuid:rid>/end/", sharing.stop_grant, name="grant-end"),
    path("financing/", financing.financing, name="financing"),
    path("financing/ask/", financing.ask, name="financing-ask"),
    path("pledges/", pledges.pledges, name="pledges"),
    path("pledges/<uuid:rid>/decide/", pledges.decide_pledge, name="pledge-decide"),
]
