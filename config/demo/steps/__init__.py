"""What is played, in order: the lessors' side, the exchange, the trust's side, the papers."""

from config.demo.stage import Step
from config.demo.steps import exchange, lessors, papers, trust

STEPS: tuple[Step, ...] = (
    *lessors.BEFORE,
    *lessors.XINGYU,
    *lessors.ANDA,
    exchange.FERRY,
    *exchange.STEPS,
    *trust.STEPS,
    *papers.STEPS,
)
