"""What the ledger refuses, in words that its reader can act on."""

from tenants.problems import Invalid, NotFound, Problem, Refused


class Replayed(Refused):
    code = "replayed"
    title = "This record is in the ledger already."
    detail = "A record of the same kind and id, signed at the same instant, was accepted before."
    mend = "Nothing needs to be sent again. To correct the record, sign a new version of it."


class BadSignature(Invalid):
    code = "bad_signature"
    title = "The signature is not acceptable."
    mend = "Sign the canonical bytes of exactly the fields that are sent, with the enrolled key."


class KeyNotApproved(Refused):
    code = "key_not_approved"
    title = "This key may not sign now."
    mend = "Have a manager approve the device, or sign with one that is approved."


class KeyRevokedMeanwhile(KeyNotApproved):
    detail = "The key was revoked a moment ago."


class MalformedRecord(Invalid):
    code = "malformed_record"
    title = "The record cannot be written to the ledger."
    mend = "Send every value as text, each name once, with one salt of 16 bytes for each field."


class UnreadableReason(Invalid):
    code = "unreadable_reason"
    title = "The reason holds characters that cannot be kept."
    mend = "Type it again by hand: text alone, without control characters."


class NoSuchEntry(NotFound):
    code = "no_such_entry"
    title = "The ledger has no such entry."


class EntryUnreadable(Refused):
    code = "entry_unreadable"
    title = "This entry cannot be read as a record."
    detail = "Entry %(index)s cannot be read as a record: %(reason)s."
    mend = (
        "Its bytes and its proof can still be fetched, and an export names it. Find out who wrote "
        "to the database beside the product: nothing of ours appends such an entry."
    )


class PayloadErased(Refused):
    code = "payload_erased"
    title = "This payload was erased."
    mend = "Its entry and proofs stay in the ledger; the content cannot be brought back."


class NotErasable(Refused):
    code = "not_erasable"
    title = "The content of this entry cannot be erased."
    detail = "It says whose signatures count, or what was erased: without it nothing is proven."
    mend = "Erase the entries that hold the person's data."


class NothingChosen(Invalid):
    code = "nothing_chosen"
    title = "No field was chosen to be shown."
    mend = "Go back and choose at least one field of the entry."


class ErasureUnconfirmed(Invalid):
    code = "erasure_unconfirmed"
    title = "Nothing was erased."
    mend = "Choose a reason and type the entry's number."


class PayloadUnreadable(Refused):
    code = "payload_unreadable"
    title = "This payload does not open."
    mend = "Check that the root key file belongs to this database, or restore it from its backup."


class ContentAltered(PayloadUnreadable):
    """Of one row: its key or its bytes are not those that were stored."""


class RootKeyWrong(PayloadUnreadable):
    code = "root_key_wrong"
    title = "The root key of this installation is not the one that this database was written with."
    detail = "The key %(key)s does not open with %(file)s."
    mend = (
        "Put back the key folder (LL_KEY_DIR) of this database, from the same backup. Nothing was "
        "changed; if only this one key is damaged, restore its row from a backup of the database."
    )
    status = 503


class KeyStillNeeded(Refused):
    code = "key_still_needed"
    title = "This key is still needed; nothing was destroyed."
    mend = "Run the rotation of this key again to its end, then retire it."


class HandoverLost(Refused):
    code = "handover_lost"
    title = "The checkpoint in which the ledger's key changed is gone; nothing was sent."
    detail = "Entry %(index)s changes the key, and nobody can check what follows without it."
    mend = "Restore the row of ledger_checkpoint from a backup: docs/operating.md, Rotating keys."


class LogLost(Refused):
    code = "log_lost"
    title = "This institution's ledger is gone; nothing was written."
    detail = "A ledger was published for it before, and the database has none."
    mend = (
        "Tell your operator: it comes back from a backup, or from a counterparty's copy "
        "(docs/operating.md, Restoring a ledger)."
    )
    operators = "The copy is asked for by: manage restore_ledger ask."


class LogExists(Refused):
    code = "log_exists"
    title = "This institution has a ledger; a copy is taken back only where there is none."
    mend = "Set the schema aside first if the one that stands is damaged (manage schema_aside)."


class LogKeyLost(Refused):
    code = "log_key_lost"
    title = "The key of the lost ledger is not on this server."
    mend = (
        "Where a signer apart holds it, copy no key: have the operator set LL_SIGNER_SOCKET for "
        "this process. Else restore the key folder (LL_KEY_DIR) from its backup: without it "
        "nobody can go on."
    )


class CopyIncomplete(Refused):
    code = "copy_incomplete"
    title = "The copy is not whole, so that it cannot be given back."
    detail = "It has %(size)s entries of %(signed)s that were signed."
    mend = "Ask another counterparty, or restore a backup."


class NoSuchRequest(NotFound):
    code = "no_such_request"
    title = "Nothing was asked for, or nothing has come yet."
    mend = "Ask for the ledger, and have a person of the counterparty give it back."


class RestoreRefused(Refused):
    code = "restore_refused"
    title = "What came back does not verify; nothing of it was written."
    mend = "Ask another counterparty, or restore a backup."


class PayloadMissing(Refused):
    code = "payload_missing"
    title = "This payload was lost and did not come back with the copy."
    mend = "Its entry and proofs are whole. Restore the content from a backup of the database."


class RollbackRefused(Refused):
    code = "rollback_refused"
    title = "The log is behind or beside what was signed before; nothing was signed."
    mend = (
        "The database was restored from an old copy. Nothing is written until that is mended: it "
        "could never be signed. Restore a newer database, or the ledger from a counterparty's "
        "copy: docs/operating.md."
    )
    operators = "Where neither is left, resume_log says what going on without means."


class KeyFileDamaged(Refused):
    code = "key_file_damaged"
    title = "A key file of this installation is damaged or missing."
    mend = (
        "Restore the key folder from its backup. No new key is made in its place: counterparties "
        "would refuse what it signs, and what the old one wrapped would never open."
    )
    status = 503


class LogKeyMissing(KeyFileDamaged):
    """Of a log: maybe not lost, but with a signer apart that this process does not ask."""

    detail = "The key file %(file)s is missing."
    mend = (
        "Where a signer apart signs, copy no key: have the operator set LL_SIGNER_SOCKET for this "
        "process as for the server (docs/operating.md, The signer apart). Where none does, restore "
        "the key folder from its backup. No new key is made in its place: counterparties would "
        "refuse what it signs."
    )


class KeyFolderUnwritable(Refused):
    code = "key_folder_unwritable"
    title = "The key folder cannot be written; nothing was signed."
    mend = "Free space on its disk, or mend the folder's rights, then try again."
    status = 503


class SignerMemoryDamaged(Refused):
    code = "signer_memory_damaged"
    title = "What the signer signed last cannot be read; nothing was signed."
    mend = (
        "Restore the file from its backup. Without one, remove it and tell the signer what it "
        "signed last, by the newest checkpoint that anybody holds: docs/operating.md, "
        "A lost memory."
    )
    status = 503


class RootRefused(Refused):
    code = "title_root_refused"
    title = "The title registry seals no epochs: more was signed than its database holds."
    detail = "Epoch %(epoch)s comes next in it, but the signer signed epoch %(signed)s before."
    mend = (
        "Wait a minute: institutions bring back by themselves what their ledgers hold. If this "
        "stays, have the operator restore a newer backup, or where there is none take back what "
        "was signed last: manage.py seal_titles --take-signed."
    )


class LogKeysUnreadable(Refused):
    code = "log_keys_unreadable"
    title = "The directory does not hold this log's keys as they were published."
    detail = "The keys of this log cannot be read from the directory: %(reason)s."
    mend = (
        "Somebody changed the directory in the database itself, or an older backup of it was "
        "restored. Tell your operator: put its rows back from a backup that has them, then go over "
        "the whole ledger again."
    )


class SignerMoved(Refused):
    code = "signer_moved"
    title = "The log was signed by another process meanwhile; nothing was signed here."
    mend = "Try again."


class BadSignerRequest(Invalid):
    code = "bad_signer_request"
    title = "The signer was asked for something that it does not do."
    mend = "Update the server and the signer to the same version."


class SignerRemembers(Refused):
    code = "signer_remembers"
    title = "The signer remembers what it signed last; nothing was adopted."
    mend = (
        "Only a memory that was lost is told what was signed. Where the database lacks what was "
        "signed: docs/operating.md, A ledger that stands still."
    )


class NotResumed(Refused):
    code = "log_not_resumed"
    title = "The log does not go on from an older checkpoint; nothing was changed."
    mend = "See docs/operating.md, A ledger that stands still, for the way that fits."


class SignerAway(Problem):
    code = "signer_away"
    title = "The ledger's signer does not answer; nothing was signed."
    detail = "%(reason)s."
    mend = (
        "Tell your operator, who starts it (docs/operating.md, The signer apart). Entries are "
        "taken all the while, and the next checkpoint covers them."
    )
    status = 503


class SignerVersion(Problem):
    code = "signer_version"
    title = "The ledger's signer is of another version; nothing was signed."
    detail = "It speaks version %(theirs)s of its protocol, and this server version %(ours)s."
    mend = "Have the operator update the older of the two and start it again."
    status = 503


class LogFrozen(Refused):
    """`proven`: the log's own signature says so, not a witness's word alone."""

    proven = False
    code = "log_frozen"
    title = "A witness holds a tree of this log that the log does not have; nothing more is signed."
    mend = (
        "The database was restored from an old copy, or forked. Tell your operator, who brings the "
        "missing entries back from a backup or a counterparty's copy, or finds that the witness is "
        "wrong (docs/operating.md, A ledger that stands still)."
    )
    operators = "Then run resolve_frozen_log; with --anyway where the witness is wrong."


class LogHalted(Problem):
    code = "log_halted"
    title = "The ledger stands still; nothing was written."
    detail = "%(why)s What is written now could never be signed, and would be lost."
    mend = (
        "Keep what you have and send it again later: phones do so by themselves. Tell your "
        "operator: writing goes on when the newer database is back, or the ledger from a "
        "counterparty's copy, or when a freeze was resolved: docs/operating.md, A ledger that "
        "stands still."
    )
    status = 503


class ExportHalted(Problem):
    code = "export_halted"
    title = "The ledger stands still; nothing was exported."
    detail = "%(why)s Nobody can be told by a file of it which history is the signed one."
    mend = (
        "Tell your operator: it is exported again once the ledger goes on. What was exported "
        "before stays proven."
    )
    status = 503


class NotReady(Refused):
    code = "exchange_not_ready"
    title = "The counterparty has not published a key to receive parcels."
    mend = "It does so when it first opens its ledger; try again then."


class NotSealed(Refused):
    code = "not_sealed"
    title = "No checkpoint covers this entry yet."
    mend = "Wait for the next checkpoint, or have one sealed, and ask again."


class PolicyNotMet(Refused):
    code = "policy_not_met"
    title = "No checkpoint of this entry meets the trust policy yet."
    detail = "Too few have cosigned the checkpoints that cover entry %(index)s."
    mend = (
        "Ask again once they have cosigned; Ledger → Checkpoints says who is missing. Leave "
        "checkpoint=met out to have the newest all the same."
    )


class PublishRefused(Refused):
    code = "publish_refused"
    title = "The log does not extend what was published of it; nothing was published."
    mend = RollbackRefused.mend


class TileDamaged(Problem):
    code = "tile_damaged"
    title = "This tile is damaged and is being written again from the log."
    mend = "Ask again in a minute. What you read before stays valid if it led to a signed root."
    status = 503


class AddressRefused(Invalid):
    code = "address_refused"
    title = "This address is not asked."
    mend = "Name a public https address, or have the operator list its host in LL_OUTBOUND_HOSTS."


class NoAnswer(Problem):
    code = "no_answer"
    title = "The other server gave no usable answer."
    detail = "%(host)s: %(reason)s."
    mend = "Nothing was lost: it is asked again later. Check the address if this goes on."
    status = 502


class AnchorUnwanted(Invalid):
    code = "anchor_unwanted"
    title = "The anchor cannot be used as it was entered."
    mend = "Correct the fields that are named."


class AnchorKept(Refused):
    code = "anchor_kept"
    title = "This anchor stays; nothing was deleted."
    detail = "It was asked, and what it was shown and answered is kept with it."
    mend = "Switch it off: nothing more is shown to it."


class AnchorUnusable(Refused):
    code = "anchor_unusable"
    title = "This server lacks what this kind of anchor needs."
    detail = "Not installed: %(packages)s."
    mend = (
        "Have the operator run “.venv/bin/uv pip install --require-hashes"
        " -r requirements/anchoring.txt” in the program's folder and restart the server."
    )
