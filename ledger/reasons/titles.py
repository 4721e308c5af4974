"""What the title registry's map and its proofs are refused for; marked for translation."""

from ledger.marked import gettext_noop as _

TITLES = (
    # the VRF
    _("a VRF's proof is {0} bytes, not {1}"),
    _("the VRF's key: {0}"),
    _("the VRF's key"),
    _("the VRF's proof: gamma"),
    _("the VRF's proof: s is not below the group order"),
    _("the VRF's proof does not hold for this input under this key"),
    _("the input has no place on the curve"),
    _("the input"),
    # the map
    _("the salt of a right is {0} bytes"),
    _("a right has no zero byte in its name"),
    _("a proof of the map is a bitmap of 32 bytes and hashes of 32"),
    _("the bitmap names {0} hashes, {1} came"),
    _("the bitmap names a hash that is an empty one"),
    _("an index and a commitment are 32 bytes"),
    _("the map of this root does not show that nothing stands at the index"),
    _("the map of this root does not hold this commitment at the index"),
    # its roots
    _("an entry of the registry's root has other fields"),
    _("the root was sealed at no instant"),
    _("the first epoch is 1"),
    _("the registry's key is no Ed25519 key"),
    _("the registry's key is not the one that you trust"),
    _("both keys of the hand-over have one id in a note"),
    _("it was sealed after epoch {0}, in which its key handed over"),
    _("the hand-overs are a list of 1 to {0}"),
    _("a hand-over is the fields of a root"),
    _("the key before is no Ed25519 key of the registry"),
    _("the hand-over changes no key"),
    _("one key signed the hand-over twice"),
    _("the registry's key of before did not sign the hand-over"),
    _("the hand-overs of the registry's key do not follow each other"),
    _("in epoch {0} another key of the registry reigned"),
    _("another key signed the root, and the one before did not hand over to it"),
    _("the hand-over is of epoch {0}, which is not after epoch {1}"),
    # proofs of a right
    _("this is no title proof"),
    _("the entry is no {0} with all its fields shown"),
    _("the entry is a disclosure"),
    _("an answer has other members"),
    _("the answers are a list of 1 to {0}"),
    _("a right on a vehicle is answered for twice"),
    _("the hashes beside the way are a list of at most {0}"),
    _("what is told of the holder is a salt, a state, a holder and an epoch"),
    _("what is told of the holder is not what the map commits to"),
    _("epoch {0} holds a right since epoch {1}"),
    _("the right is another's, and was opened to us"),
    # looking for one's own rights
    _("it is not held by us there"),
    _("the registry proves no place for it"),
    _("it says that it was sealed more than a day after our clock"),
    _("it says that it was sealed more than a day before we saw that it was not there"),
    # alarms of counterparties
    _("it is no alarm of the title registry"),
    _("the registry has published no key yet"),
    _("an alarm without its evidence: {0}"),
    _("the roots of the alarm do not contradict each other"),
)
