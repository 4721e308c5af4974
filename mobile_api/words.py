"""The words of the phone page's script, in the reader's language: key → text with {places}."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, Promise] = {
    # states of the network and of records
    "online": _("Online"),
    "offline": _("No network"),
    "state_signed": _("Waiting to be sent"),
    "state_sent": _("Accepted"),
    "state_proved": _("Proved"),
    "state_refused": _("Refused"),
    "state_erased": _("Erased"),
    "erased_title": _("An erased record"),
    "erased_body": _(
        "The lessor erased the content of entry {index}, as entry {by} says, and this phone its "
        "copy. The proof that it stood in the ledger is kept."
    ),
    # fields
    "required": _("This field is empty."),
    "fill_in": _("Fill it in."),
    "not_amount": _("This is not an amount."),
    "not_amount_mend": _("Write digits with at most two after the point: 128400.50."),
    "not_rate": _("This is not a rate."),
    "not_rate_mend": _("Write per cent a year: 6.85."),
    "not_whole": _("This is not a whole number."),
    "not_whole_mend": _("Write digits only."),
    "vin_short": _("{length} of 17 characters"),
    "vin_characters": _("“{wrong}” cannot stand in a VIN."),
    "vin_characters_mend": _("I, O and Q are never used: read 1 or 0."),
    "vin_wrong": _("The check digit (the ninth character) should be {expected}."),
    "vin_wrong_mend": _("Read it again: vehicles made in China and North America always carry it."),
    "vin_unusual": _("The check digit does not fit; vehicles made elsewhere need not carry one."),
    "vin_confirm": _("I have compared it with the vehicle."),
    "vin_confirm_mend": _("Compare it with the vehicle and tick the box."),
    "vin_good": _("The check digit fits."),
    # quote
    "quote_waiting": _("The rent is worked out as soon as the terms are complete."),
    "rent": _("Rent a month"),
    "first_rent": _("First rent"),
    "total": _("Paid in all"),
    "interest": _("Interest"),
    "maturity": _("Matures"),
    # the calculator
    "quote_of": _("Quote for {price}"),
    "quote_missing": _("Still missing: {names}"),
    "quote_mend": _("Mend the fields that are marked."),
    "quote_without_rate": _("This quote has no single annual cost."),
    "quote_without_rate_detail": _("No rate makes what the lessee gets and pays equal."),
    "quote_without_rate_mend": _(
        "Lower the fees, the deposit or the first rent: they eat up what is financed."
    ),
    "quote_with_rates": _("This quote has no single annual cost."),
    "quote_with_rates_detail": _(
        "Several annual rates make what the lessee gets and pays equal: {rates}."
    ),
    "quote_with_rates_mend": _(
        "Return the deposit at the end, or pay less of it: the flows change sign too often."
    ),
    "financed": _("Financed"),
    "all_in": _("All-in annual cost"),
    "all_in_method": _(
        "Internal rate of all monthly flows times 12, VAT included; compounded {effective}"
    ),
    "total_cost": _("Total cost to the lessee"),
    "cash_paid": _("Cash paid in all"),
    "vat_inside": _("VAT inside"),
    "implicit": _("Implicit rate, VAT included"),
    "rent_and_fees_within": _("All-in cost {figure}, within the cap of {limit}"),
    "rent_and_fees_above": _("All-in cost {figure}, above the cap of {limit}"),
    "late_charges_within": _("Late charge {figure} a year, within the cap of {limit}"),
    "late_charges_above": _("Late charge {figure} a year, above the cap of {limit}"),
    "cap_lpr": _("one-year LPR {lpr} since {from}"),
    "cap_mend": _(
        "No contract can be made so. Lower the rate, the fees, the deposit or the charge."
    ),
    "pays_first_payment": _("Down payment"),
    "pays_fee": _("Fee"),
    "pays_gps": _("Tracker (GPS)"),
    "pays_insurance": _("Insurance"),
    "pays_tax": _("Purchase tax"),
    "pays_deposit": _("Deposit"),
    "pays_rent": _("Rent"),
    "pays_balloon": _("Balloon"),
    "pays_purchase": _("Purchase price"),
    "pays_unguaranteed": _("Residual, no debt"),
    "pays_deposit_back": _("Deposit back"),
    # overdue customers
    "days_late": _("{days} days late"),
    "work_as_of": _("As of {at}"),
    "owed": _("Owed"),
    "days_past_due": _("Days past due"),
    "promise": _("Last promise"),
    "step": _("Suggested"),
    "next_action": _("Next action"),
    "place_mend": _("Write the address, or add where you are."),
    "no_position": _("This phone does not tell where it is."),
    "no_position_mend": _("Permit it in the browser's settings, or write the address."),
    "contact_channel": _("What you did"),
    "contact_outcome": _("What came of it"),
    "contact_at": _("Time"),
    "contact_promised_minor": _("Amount promised"),
    "contact_promised_on": _("Promised for"),
    "contact_place": _("Place"),
    "contact_latitude": _("Latitude"),
    "contact_longitude": _("Longitude"),
    "contact_note": _("Note"),
    "contact_next_action_on": _("Next action"),
    # applications
    "sign_and_send": _("Sign and send"),
    "sign_to_desk": _("Sign and send to the desk"),
    "application_of": _("Application: {name}"),
    "application_elsewhere": _("This application was not written on this phone."),
    "application_page": _("Open it at the desk"),
    # photo
    "photo_hash": _("SHA-256 of the photo, worked out on this phone"),
    "photo_too_large": _("The photo is larger than 10 MB."),
    "photo_too_large_mend": _("Take it again with a lower resolution."),
    # device
    "log_key_changed": _(
        "The ledger's key is not the one this phone knows. Do not sign; tell your manager."
    ),
    # the lock
    "pin_length": _("A PIN has {min} to {max} digits."),
    "pin_length_mend": _("Type at least {min} digits."),
    "pin_characters": _("A PIN has digits only."),
    "pin_characters_mend": _("Leave out letters, spaces and signs."),
    "pin_repeated": _("The same digits again and again are guessed at once."),
    "pin_repeated_mend": _("Choose digits that do not repeat."),
    "pin_run": _("Digits in a row are guessed at once."),
    "pin_run_mend": _("Choose digits in no order."),
    "pin_date": _("A date is guessed soon: a birthday stands in many papers."),
    "pin_date_mend": _("Choose digits that are no date, or more than eight."),
    "pin_differs": _("The two PINs differ."),
    "pin_differs_mend": _("Type the same PIN twice."),
    "pin_wrong": _("This PIN opens nothing. {left} more may be tried."),
    "pin_wrong_mend": _("Try again, or choose Forgotten PIN."),
    "pin_closed": _("Too many wrong PINs: this phone opens by signing in only."),
    "pin_closed_mend": _("Choose Forgotten PIN where there is a network. Nothing is lost."),
    "pin_changed": _("The PIN was changed."),
    "lock_offline": _("This needs a network."),
    "lock_offline_mend": _("Try again where there is one. What is kept on this phone stays."),
    "locked_waiting": _("Waiting to be sent: {count}"),
    "locked_none": _("Nothing waits to be sent."),
    "others": _("Somebody else uses this phone, too"),
    "others_since": _("It was unlocked for another person on {when}."),
    "others_waiting": _("Records of others that wait to be sent, sealed from you: {count}"),
    "secret_opens_nothing": _("Your sign-in does not open what is sealed here."),
    "secret_opens_nothing_mend": _(
        "The phone was enrolled anew since, or the server lost the secret. Try the PIN again."
    ),
    "rows_unopened": _("Records on this phone that cannot be opened: {count}"),
    "rows_unopened_detail": _("Their seal does not hold: something changed them."),
    "rows_unopened_mend": _("Show this screen to your manager. All others are as they were."),
    "other_tab": _("Close the other tabs of this page, then load it anew."),
    # sending and proving
    "sending": _("Sending"),
    "kept": _("Signed and kept on this phone. It is sent as soon as there is a network."),
    "kept_waiting": _("Signed and kept on this phone. It is sent again every minute."),
    "not_proved": _("The proof does not hold: {reason}"),
    "not_proved_mend": _("Show this screen to your manager. Nothing is lost."),
    "accepted": _("The lessor's ledger accepted the record; its proof is on the way."),
    "pending": _(
        "The lessor accepted the record. It waits for its place in the ledger; "
        "the proof comes a moment later."
    ),
    "proved": _("Proved on this phone"),
    "proved_body": _(
        "Entry {index} in a ledger of {size}. "
        "This phone hashed the way to the signed root by itself."
    ),
    "leaf": _("This record's leaf"),
    "left": _("hashed with its left neighbour"),
    "right": _("hashed with its right neighbour"),
    "root": _("the root that the ledger signed"),
    "sign_in_again": _("You were signed out. Sign in again; nothing is lost."),
    "unexpected": _("Something unexpected happened: {reason}"),
}


def words() -> dict[str, str]:
    """Every word, translated now."""
    return {key: str(text) for key, text in _WORDS.items()}
