"""SQL that finds texts by a part of them, over the indexes of the migrations `found_by_part` and
`found_by_field`.

An index holds pairs of neighbouring letters: what has all pairs of a word is then compared letter
by letter. An expression here has to be the index's to the letter, or it is not used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from origination.domain.asking import SHORTEST, Asked, like
from tenants.database.bound import run_bound


def _joined(*columns: str) -> str:
    return " || E'\\n' || ".join(columns)


_PLATE = "coalesce(record->>'plate', '')"
CONTRACT, NAME, VEHICLE = "contract_number", "lessee_name", _joined("vin", _PLATE)
VERSION = _joined("contract_number", "lessee_name", "coalesce(record->>'vin', '')", _PLATE)
PAPER = _joined("number", "party")
STATEMENT_LINE = _joined("reference", "payer_name", "remittance")


def holds(asked: Asked, *fields: str) -> tuple[str, dict[str, object]]:
    """A condition on rows of whose fields one or another holds each word, and its parameters."""
    given: dict[str, object] = {"typed": asked.text}

    def mark(name: str, value: str) -> str:
        given[name] = value
        return f"%({name})b"

    return _condition(asked, fields, mark), given


def leases_holding(asked: Asked) -> RawSQL:
    """The same as a filter of leases, by contract number, lessee, VIN or plate."""
    given: list[str] = []

    def mark(_name: str, value: str) -> str:
        given.append(value)
        return "%s"

    condition = _condition(asked, (CONTRACT, NAME, VEHICLE), mark)
    return RawSQL(condition, given, output_field=BooleanField())


def _condition(asked: Asked, fields: Sequence[str], mark: Callable[[str, str], str]) -> str:
    words = []
    for number, word in enumerate(asked.words):
        found = []
        for field in fields:
            tests = []
            if len(word) >= SHORTEST:
                pairs = mark(f"word{number}", word)
                tests.append(f"origination_grams({field}) @> origination_grams({pairs})")
            if len(word) != SHORTEST:  # else its only pair is the word
                tests.append(f"lower({field}) LIKE lower({mark(f'like{number}', like(word))})")
            found.append(" AND ".join(tests))
        words.append(f"({' OR '.join(found)})")
    return " AND ".join(words)


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
