"""What is played, in order: the lessors' side, the exchange, the trust's side, the
purchased pool's papers and payments, the exports."""

from config.demo.stage import Step
from config.demo.steps import deal, distribution, exchange, lessors, papers, trust

STEPS: tuple[Step, ...] = (
    *lessors.BEFORE,
    *lessors.XINGYU,
    *lessors.ANDA,
    exchange.FERRY,
    *exchange.STEPS,
    *trust.STEPS,
    *deal.STEPS,
    *papers.CIRCULAR,
    *distribution.STEPS,
    *papers.STEPS,
)
