"""The proof explorer."""

from django.urls import include, path

from ledger import copies, disclosing, entry_pages, erasing, proving, views
from ledger.checking.views import check_now
from ledger.witnessing import pages

urlpatterns = [
    path("", views.log, name="ledger"),
    path("checkpoints/", views.checkpoints, name="ledger-checkpoints"),
    path("checkpoints/<int:size>/note", views.checkpoint_note, name="ledger-checkpoint-note"),
    path("checkpoints/seal/", views.seal, name="ledger-seal"),
    path("entries/<int:index>/", entry_pages.entry, name="ledger-entry"),
    path("entries/<int:index>/items/", entry_pages.items, name="ledger-items"),
    path("entries/<int:index>/items/<int:place>/", entry_pages.item, name="ledger-item"),
    path("entries/<int:index>/proof", views.proof, name="ledger-proof"),
    path("entries/<int:index>/leaf", proving.leaf, name="ledger-leaf"),
    path("entries/<int:index>/erase/", erasing.erase, name="ledger-erase"),
    path("entries/<int:index>/disclosure", disclosing.disclosure, name="ledger-disclosure"),
    path("consistency/", proving.consistency, name="ledger-consistency"),
    path("consistency/proof", proving.consistency_proof, name="ledger-consistency-proof"),
    path("verify/", proving.verify, name="ledger-verify"),
    path("trust/", pages.trust, name="ledger-trust"),
    path("trust/policy/", pages.policy, name="ledger-policy"),
    path("trust/witnesses/", pages.add_witness, name="ledger-witness-add"),
    path("trust/witnesses/<int:pk>/remove/", pages.remove_witness, name="ledger-witness-remove"),
    path("check/", check_now, name="ledger-check"),
    path("export", views.export, name="ledger-export"),
    path("anchors/", include("ledger.anchoring.urls")),
    path("titles/", include("ledger.titles.urls")),
    path("copies/", copies.copies, name="ledger-copies"),
    path("copies/restorations/<int:pk>", copies.restoration, name="ledger-restoration"),
    path(
        "copies/restorations/<int:pk>/missing",
        copies.restoration_missing,
        name="ledger-restoration-missing",
    ),
    path("copies/books/", copies.missing_books, name="ledger-missing-books"),
    path(
        "copies/restorations/<int:pk>/seen",
        copies.restoration_seen,
        name="ledger-restoration-seen",
    ),
    path("copies/forks/<str:digest>", copies.fork, name="ledger-fork"),
    path("copies/forks/<str:digest>/ruling", copies.fork_ruling, name="ledger-fork-ruling"),
    path("copies/<uuid:source>/", copies.copy, name="ledger-copy"),
    path(
        "copies/<uuid:source>/entries/<int:index>/",
        entry_pages.copy_entry,
        name="ledger-copy-entry",
    ),
    path(
        "copies/<uuid:source>/entries/<int:index>/items/",
        entry_pages.copy_items,
        name="ledger-copy-items",
    ),
    path(
        "copies/<uuid:source>/entries/<int:index>/items/<int:place>/",
        entry_pages.copy_item,
        name="ledger-copy-item",
    ),
    path(
        "copies/<uuid:source>/entries/<int:index>/leaf",
        proving.copy_leaf,
        name="ledger-copy-leaf",
    ),
    path(
        "copies/<uuid:source>/entries/<int:index>/proof",
        views.copy_proof,
        name="ledger-copy-proof",
    ),
]
