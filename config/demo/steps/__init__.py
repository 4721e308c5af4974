"""What is played, in order: the lessors' side, the exchange, models and positions, the deals, their
papers and payments, the exports."""

from config.demo.stage import Step
from config.demo.steps import (
    collecting,
    deal,
    distribution,
    exchange,
    lessors,
    papers,
    screening,
    trust,
)

STEPS: tuple[Step, ...] = (
    *lessors.BEFORE,
    *lessors.XINGYU,
    *lessors.ANDA,
    exchange.FERRY,
    *exchange.STEPS,
    *screening.STEPS,
    *trust.STEPS,
    *screening.BESIDE,
    *deal.STEPS,
    *screening.AFTERWARDS,
    *papers.CIRCULAR,
    *collecting.FIRST,
    *distribution.STEPS,
    *collecting.AFTER_A_MONTH,
    *papers.STEPS,
)
