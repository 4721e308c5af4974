"""Collections: contacts with a lessee who is late, what is promised in them, what comes of it.

Pure (decision 0018). Contacts and promises are facts; whether a promise was kept, which step of the
ladder is due and which rule a contact breaks are derived from them and from the bank lines.
"""
