"""What the phone's API refuses, in words that its reader can act on."""

from typing import ClassVar

from tenants.problems import Invalid, NotFound, Refused


class DeviceUnknown(Refused):
    code = "device_unknown"
    title = "This phone is not enrolled."
    detail = "The ledger knows no key %(kid)s."
    mend = "Enrol the phone and ask a manager to approve it."


class DeviceOfAnother(Refused):
    code = "device_of_another"
    title = "This phone is enrolled for somebody else."
    detail = "A record is signed with the key of the person who is signed in."
    mend = "Sign in as the person who enrolled this phone, or enrol it for yourself."


class DevicePending(Refused):
    code = "device_pending"
    title = "This phone waits for approval."
    detail = "Its key may sign only after a manager approved it."
    mend = "Ask a manager to approve the phone on the page Devices, then send again."


class DeviceRevoked(Refused):
    code = "device_revoked"
    title = "This phone's key was revoked."
    detail = "Nothing that it signs is accepted any more."
    mend = "Enrol the phone again with a new key, if it is still yours."


class StaleSignature(Refused):
    code = "stale_signature"
    title = "This signature is too old or from the future."
    detail = "It says %(ts)s; accepted are the last %(hours)s hours before %(now)s."
    mend = "Check the phone's clock and sign the record again."


class DuplicateRecord(Refused):
    code = "duplicate_record"
    title = "Another record has this id already."
    detail = "The ledger holds record %(rid)s with a different signature."
    mend = "Nothing was written. Start a new record; corrections are made in the back office."


class MalformedSubmission(Invalid):
    code = "malformed_submission"
    title = "The signed record cannot be read."
    mend = "Send rid, device, ts, fields, salts and dev_sig as docs/phone.md describes."


class PhotoRefused(Invalid):
    code = "photo_refused"
    title = "This photo cannot be kept."
    mend = "Send a JPEG, PNG or WebP picture of at most 10 MB."


class PhotoMissing(Invalid):
    code = "photo_missing"
    title = "The photo that was signed has not arrived."
    detail = "The record names a photo by its hash, and no such photo was uploaded."
    mend = "Upload the photo first, then send the record."


class RecordUnknown(NotFound):
    code = "record_unknown"
    title = "The ledger has no lease of that id."


class UnlockUnknown(NotFound):
    code = "unlock_unknown"
    title = "No unlock secret is kept for this phone."
    detail = "It was never given, or it went with a backup."
    mend = "Unlock with the PIN while there is a network: a new secret is given then."


class SignInAgain(Refused):
    code = "sign_in_again"
    title = "Sign in again to unlock without the PIN."
    detail = "Only who signed in within the last %(minutes)s minutes is given the unlock secret."
    mend = "Sign out, sign in, and choose Forgotten PIN once more."
    status: ClassVar[int] = 403
