"""The title registry's verifiable map: that a right is held by nobody else is proven, not said.

`sealing` puts what is held into the map, an epoch at a time, and signs its root; `writing` has each
institution write that root onto its own ledger and compare it with others'; `watching` looks in
each epoch whether an institution's own rights stand there; `asking` answers with a proof.
docs/title-registry.md.
"""
