"""A phone in Python: signs the same bytes as mobile/record.js, for tests of the server's side."""

import os
import uuid
from datetime import datetime

from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.fields import draw_salts, fields_root, ordered_names
from ledger.core.keys import key_id
from ledger.core.leaves import Core
from ledger.drafts import stamp

LEASE = {
    "contract_number": "AD-2026-000001",
    "lessee_kind": "person",
    "lessee_name": "李娜",
    "lessee_id_number": "11010519491231002X",
    "province": "44",
    "vin": "LSVAB4BRXEN123457",
    "vehicle_make": "BYD",
    "vehicle_model": "Qin PLUS",
    "model_year": "2026",
    "energy": "bev",
    "condition": "new",
    "vehicle_use": "private",
    "vehicle_price_minor": "14000000",
    "currency": "CNY",
    "product": "direct_lease",
    "financed_amount_minor": "11200000",
    "residual_minor": "100",
    "residual_kind": "nominal_purchase",
    "rent_pattern": "level",
    "rent_timing": "arrears",
    "rent_minor": "345053",
    "annual_nominal_rate": "0.0685",
    "term_months": "36",
    "originated_on": "2026-03-02",
    "first_payment_on": "2026-04-02",
    "maturity_on": "2029-03-02",
}


class Phone:
    """One device with its key."""

    def __init__(self):
        self.secret = SecretKey(os.urandom(32))
        self.public = b64(self.secret.public)
        self.kid = key_id(self.secret.public)

    def sign(self, fields, *, log_id: str, at: datetime, rid=None, kind="lease.recorded") -> dict:
        """The body of a submission."""
        names, salts = ordered_names(fields), draw_salts(len(fields))
        rid, ts = str(rid or uuid.uuid4()), stamp(at)
        core = Core(kind, rid, log_id, self.kid, ts, fields_root(fields, salts))
        return {
            "rid": rid,
            "device": self.kid,
            "ts": ts,
            "fields": dict(fields),
            "salts": {name: b64(salts[16 * i : 16 * i + 16]) for i, name in enumerate(names)},
            "dev_sig": b64(self.secret.sign(core.to_bytes())),
        }
