"""SQL that finds texts by a part of them, over the indexes of migration `0018_found_by_part`.

The index holds pairs of neighbouring letters: what has all pairs of what was typed is then compared
letter by letter. An expression here has to be the index's to the letter, or it is not used.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from origination.domain.asking import SHORTEST, Asked, like
from tenants.database.bound import run_bound


def _joined(*columns: str) -> str:
    return " || E'\\n' || ".join(columns)


LEASE = _joined("contract_number", "lessee_name", "vin", "coalesce(record->>'plate', '')")
VERSION = _joined(
    "contract_number", "lessee_name", "coalesce(record->>'vin', '')",
    "coalesce(record->>'plate', '')",
)  # fmt: skip
PAPER = _joined("number", "party")
STATEMENT_LINE = _joined("reference", "payer_name", "remittance")


def holds(haystack: str, asked: Asked, *, within: str = "") -> tuple[str, dict[str, object]]:
    """A condition on rows whose `haystack` (or the part `within` it) holds every word; parameters.

    A word of two letters is its only pair: what has the pair holds the word.
    """
    tests = [f"origination_grams({haystack}) @> origination_grams(%(typed)b)"]
    given: dict[str, object] = {"typed": asked.text}
    for number, word in enumerate(asked.words):
        if within or len(word) != SHORTEST:
            tests.append(f"lower({within or haystack}) LIKE lower(%(word{number})b)")
            given[f"word{number}"] = like(word)
    return " AND ".join(tests), given


def leases_holding(asked: Asked) -> RawSQL:
    """The same as a filter of leases."""
    tests = [f"origination_grams({LEASE}) @> origination_grams(%s)"]
    tests += [f"lower({LEASE}) LIKE lower(%s)"] * len(asked.words)
    given = [asked.text, *map(like, asked.words)]
    return RawSQL(" AND ".join(tests), given, output_field=BooleanField())


MOST_RANKED = 2000


@dataclass(frozen=True)
class Look:
    """What is looked up in one table.

    `key` names a row; where it is given, at most `MOST_RANKED` rows that hold what was typed are
    ranked, and those that `exact` finds in an index: what half a book holds is no search.
    `fields` are compared whole and from their beginning, `ends` also from their end; `columns` are
    answered, the rank (0 exact, 1 beginning or end, 2 part) behind them; `newest` orders the rest.
    """

    source: str
    columns: Sequence[str]
    fields: Sequence[str]
    newest: str
    ends: Sequence[str] = ()
    group: str = ""
    key: str = ""
    exact: str = ""

    def rank(self) -> str:
        exact = " OR ".join(f"lower({name}) = lower(%(typed)b)" for name in self.fields)
        starts = [f"starts_with(lower({name}), lower(%(typed)b))" for name in self.fields]
        starts += [
            f"right(lower({name}), length(%(typed)b)) = lower(%(typed)b)" for name in self.ends
        ]
        return f"CASE WHEN {exact} THEN 0 WHEN {' OR '.join(starts)} THEN 1 ELSE 2 END"

    def _near(self, where: str) -> str:
        if not self.key:
            return where
        some = f"(SELECT {self.key} FROM {self.source} WHERE {where} LIMIT {MOST_RANKED})"
        same = f" UNION SELECT {self.key} FROM {self.source} WHERE {self.exact}"
        return f"{self.key} IN ({some}{same if self.exact else ''})"

    def run(self, where: str, given: dict[str, object], limit: int) -> list[tuple]:
        """The best rows, one more than `limit` where there are more."""
        rank = f"min({self.rank()})" if self.group else self.rank()
        query = (
            f"SELECT {', '.join(self.columns)}, {rank} AS place FROM {self.source}"
            f" WHERE {self._near(where)} {self.group} ORDER BY place, {self.newest} LIMIT %(limit)b"
        )
        named = given | {"limit": limit + 1}
        return run_bound(
            query, {name: one for name, one in named.items() if f"%({name})b" in query}
        )
