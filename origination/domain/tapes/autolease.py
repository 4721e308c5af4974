"""SEC Regulation AB II, 17 CFR 229.1125 Schedule AL, Item 4: the EX-102 file of automobile leases.

Pure. One `<assets>` an asset, its elements in the order of the SEC's schema; an element that has
nothing to say is left out, as the schema allows for all but the first two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import IO, Final
from xml.sax.saxutils import escape

NAMESPACE: Final = "http://www.sec.gov/edgar/document/absee/autolease/assetdata"
ELEMENTS: Final = (
    "assetTypeNumber", "assetNumber", "reportingPeriodBeginDate", "reportingPeriodEndDate",
    "originatorName", "originationDate", "acquisitionCost", "originalLeaseTermNumber",
    "scheduledTerminationDate", "originalFirstPaymentDate", "underwritingIndicator", "gracePeriod",
    "paymentTypeCode", "subvented", "vehicleManufacturerName", "vehicleModelName",
    "vehicleNewUsedCode", "vehicleModelYear", "vehicleTypeCode", "vehicleValueAmount",
    "vehicleValueSourceCode", "baseResidualValue", "baseResidualSourceCode",
    "contractResidualValue", "lesseeCreditScoreType", "lesseeCreditScore",
    "lesseeIncomeVerificationLevelCode", "lesseeEmploymentVerificationCode",
    "coLesseePresentIndicator", "paymentToIncomePercentage", "lesseeGeographicLocation",
    "assetAddedIndicator", "remainingTermNumber", "reportingPeriodModificationIndicator",
    "servicingAdvanceMethodCode", "reportingPeriodSecuritizationValueAmount",
    "securitizationDiscountRate", "nextReportingPeriodPaymentAmountDue", "servicingFeePercentage",
    "servicingFlatFeeAmount", "otherLeaseLevelServicingFeesRetainedAmount",
    "otherAssessedUncollectedServicerFeeAmount", "reportingPeriodEndingActualBalanceAmount",
    "reportingPeriodScheduledPaymentAmount", "totalActualAmountPaid", "actualOtherCollectedAmount",
    "reportingPeriodEndActualSecuritizationAmount", "servicerAdvancedAmount", "paidThroughDate",
    "zeroBalanceEffectiveDate", "zeroBalanceCode", "currentDelinquencyStatus",
    "primaryLeaseServicerName", "mostRecentServicingTransferReceivedDate",
    "assetSubjectDemandIndicator", "assetSubjectDemandStatusCode", "repurchaseAmount",
    "DemandResolutionDate", "repurchaserName", "repurchaseOrReplacementReasonCode",
    "chargedOffAmount", "modificationTypeCode", "leaseExtended", "terminationIndicator",
    "excessFeeAmount", "liquidationProceedsAmount",
)  # fmt: skip
#: XML 1.0 allows no other control characters, not even escaped.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_autolease(rows: Iterable[Mapping[str, str | None]], stream: IO[bytes]) -> int:
    """Write assets (texts by element name; None is left out) as they come; how many there were.

    Raises KeyError for a name that is no element: a tape never loses a field silently.
    """
    stream.write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<assetData xmlns="{NAMESPACE}">\n'.encode()
    )
    count = 0
    for row in rows:
        if unknown := row.keys() - set(ELEMENTS):
            raise KeyError(f"no element of Schedule AL: {', '.join(sorted(unknown))}")
        stream.write(_asset(row).encode())
        count += 1
    stream.write(b"</assetData>\n")
    return count


def _asset(row: Mapping[str, str | None]) -> str:
    lines = [
        f"<{name}>{escape(_FORBIDDEN.sub('', value))}</{name}>"
        for name in ELEMENTS
        if (value := row.get(name)) is not None
    ]
    return "<assets>\n" + "\n".join(lines) + "\n</assets>\n"
