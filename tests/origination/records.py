"""A valid `lease.recorded` payload to start from."""

from origination.domain.identifiers import resident_check_digit, vin_check_digit


def checked_vin(serial: int, maker: str = "LSV") -> str:
    """A VIN with its check digit."""
    vin = f"{maker}AB12C0PW{serial:06d}"
    return vin[:8] + vin_check_digit(vin) + vin[9:]


def resident_number(serial: int) -> str:
    """An identity card number with its check digit, born 1990-03-07 in Beijing."""
    body = f"11010119900307{serial:03d}"
    return body + resident_check_digit(body)


def lease_record(serial: int = 1, **changes: str) -> dict[str, str]:
    """A level lease of CNY 150,000 over 36 months at 8.95 %."""
    return {
        "contract_number": f"HC-{serial:06d}",
        "lessee_kind": "person",
        "lessee_name": "李晓明",
        "lessee_id_number": resident_number(serial % 1000),
        "province": "44",
        "vin": checked_vin(serial),
        "vehicle_make": "BYD",
        "vehicle_model": "Han EV",
        "model_year": "2024",
        "energy": "bev",
        "condition": "new",
        "vehicle_use": "private",
        "vehicle_price_minor": "20000000",
        "currency": "CNY",
        "product": "direct_lease",
        "financed_amount_minor": "15000000",
        "deposit_minor": "500000",
        "fee_minor": "300000",
        "residual_minor": "10000",
        "residual_kind": "nominal_purchase",
        "rent_pattern": "level",
        "rent_timing": "arrears",
        "rent_minor": "476482",
        "annual_nominal_rate": "0.0895",
        "term_months": "36",
        "originated_on": "2024-01-15",
        "first_payment_on": "2024-02-15",
        "maturity_on": "2027-01-15",
        **changes,
    }
