"""What counterparties, witnesses and anchors are refused for; marked for translation."""

from ledger.marked import gettext_noop as _

EXCHANGE = (
    # parcels
    _("a parcel of {0} bytes"),
    _("not a parcel of this version"),
    _("the parcel claims too many parts"),
    _("the parcel is cut short"),
    _("the parcel is cut short or followed by something"),
    _("the parcel's header lacks {0}"),
    _("{0} data keys expected, {1} bytes found"),
    _("indexes are a list"),
    _("indexes come in rising order, each once"),
    _("items and their indexes differ in number"),
    _("payloads and their indexes differ in number"),
    _("a notice holds text only"),
    _("a notice names a log and a size"),
    _("values that nothing holds"),
    # what a parcel leads to
    _("the parcel is of the log {0}"),
    _("the sender has not published this log's key"),
    _("somebody unknown signed the checkpoint too"),
    _("the checkpoint does not cover the parcel"),
    _("entries {0} to {1} are missing before it"),
    _("entry {0} is not held yet"),
    _("entry {0}: {1} is no kind"),
    _("its entries do not lead to the root that was signed: {0}"),
    _("what goes before it does not lead to its checkpoint: {0}"),
    _("entry {0} was another before"),
    _("entry {0} was another before, and no checkpoint covers the new one"),
    _("its first {0} entries are not those that were signed before"),
    _("it signed more entries than it sends: {0} are here"),
    _("no entry and no sign of life came after {0}"),
    _("entry {0} changes the log's key without a checkpoint of its own"),
    _("the log's old key did not sign where entry {0} changes it"),
    _("the log's new key did not sign where entry {0} changes it"),
    _("the cosignature is of no checkpoint of this log"),
    _("it is no cosignature"),
    _("{0}, entry {1}: {2}"),
    _("{0}, one of the {1} entries from {2}: {3}"),
    # erasures
    _("entry {0} erases entry {1}, which says who may sign"),
    _("nothing was erased of entry {0} so"),
    _("it answers before it was asked"),
    _("it answers for another log"),
    # a copy that comes back
    _("entries from {0} on are missing"),
    _("items of entry {0} come without it"),
    _("its entries lead to other keys of the log than were published"),
    _("the database does not store the checkpoint"),
    _(
        "entry {0} changes the log's key, and the checkpoint that both keys signed did not come; "
        "ask another counterparty"
    ),
    _(
        "the signer remembers {0} entries, and only {1} came back; "
        "ask a counterparty that holds more, or restore a backup"
    ),
    _(
        "what came back is another history than the {0} entries that were signed; "
        "ask another counterparty, or restore a backup"
    ),
    _(
        "the signer is frozen by a tree of {0} entries, which the {1} that came back do not have; "
        "ask whoever holds it: {2}"
    ),
    _("the {0} entries do not lead to the checkpoint beside them"),
    # witnesses
    _("HTTP {0}"),
    _("malformed request: {0}"),
    _("malformed checkpoint: {0}"),
    _("it is longer than {0} bytes"),
    _("it starts with the old size, proof lines and a blank line"),
    _("the lines before the checkpoint are ASCII"),
    _("more than {0} proof lines"),
    _("the log {0} is not known here"),
    _("the old size {0} is above the checkpoint's, {1}"),
    _("{0} was cosigned, not {1}"),
    _("the root of an empty tree is another"),
    _("nothing is to be proven from size 0"),
    _("the answer is longer than {0} bytes"),
    _("the answer is not UTF-8"),
    _("a cosignature of a checkpoint states its time"),
    _("no calendar has a time of {0} seconds"),
    _("a 409 answers a size and a newline"),
    _("{0} cosigned at a time that is yet to come"),
    _("another tree of {0} entries was cosigned before"),
    _("the {0} entries that are kept here lead to another root"),
    _("a log is witnessed by its Ed25519 key (type 0x01)"),
    _("the log {0} is pinned with another key"),
    _("the log {0} is not pinned with that key alone"),
    _("the new key is no Ed25519 key (type 0x01) of the same log"),
    _("the log has two histories, and nobody has decided which of them counts"),
    _("this log was convicted here of two histories, and nobody has decided yet"),
    # other servers
    _("nobody listens at this address"),
    _("the connection was cut off"),
    _("it answers too slowly"),
    _("its certificate is not valid for this name"),
    _("more than a reader takes"),
    _("the name is unknown"),
    # anchors
    _("an address is 0x and 40 hexadecimal digits"),
    _("an argument is an address, a number or 32 bytes"),
    _("gas costs up to {0} gwei now, more than {1}"),
    _("no certificate"),
    _("the answer is no time stamp: {0}"),
    _("the authority refused (status {0}): {1}"),
    _("no reason given"),
    _("the authority answered {0}"),
    _("the checksum of the address is wrong: one of its digits is mistyped"),
    _("the contract refused the transaction"),
    _("the node answered {0} and no JSON-RPC"),
    _("the node answered {0} instead of a number"),
    _("the node answered {0} instead of bytes"),
    _("the node is of chain {0}, not of {1}"),
    _("the time stamp does not hold: {0}"),
    _("there is no anchor contract at this address"),
    _("{0}: the answer holds neither a result nor an error"),
    # the signer
    _("it gave no answer that is known"),
    _("it failed; its own log says why"),
    _("the log was restored from the copy of {0}, and has the tree that froze it"),
    _("it refused: {0}"),
)
