"""What the documents say of entries, as the tests read them."""

import ast
import re

from config.environment import BASE_DIR

KIND = re.compile(r"[a-z]+\.[a-z_]+")
_ROOMS = ("ledger", "origination", "pools", "monitoring", "mobile_api", "config")
_WRITERS = {"ledger.drafts", "ledger.services"}


def sections() -> dict[str, str]:
    """docs/entries.md: each kind with the text of its section."""
    text = (BASE_DIR / "docs" / "entries.md").read_text()
    found = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        found |= dict.fromkeys(KIND.findall(title), body)
    return found


def written_kinds() -> dict[str, str]:
    """Kinds that the code writes, with a file that does; see `_kinds_of`."""
    found = {}
    for room in _ROOMS:
        for path in sorted((BASE_DIR / room).rglob("*.py")):
            tree = ast.parse(path.read_text())
            if _writes(tree) or path.is_relative_to(BASE_DIR / "ledger" / "services"):
                found |= dict.fromkeys(_kinds_of(tree), str(path.relative_to(BASE_DIR)))
    return found


def built_kinds() -> list[str]:
    """Files that put a kind together from pieces, where no reader and no test can find it."""
    wrong = []
    for room in _ROOMS:
        for path in sorted((BASE_DIR / room).rglob("*.py")):
            tree = ast.parse(path.read_text())
            pieces = (node for node in ast.walk(tree) if isinstance(node, ast.keyword))
            if _writes(tree) and any(
                piece.arg == "kind" and isinstance(piece.value, ast.JoinedStr) for piece in pieces
            ):
                wrong.append(str(path.relative_to(BASE_DIR)))
    return wrong


def _writes(tree: ast.Module) -> bool:
    """Whether a module imports what appends entries."""
    return any(
        isinstance(node, ast.ImportFrom) and node.module in _WRITERS for node in ast.walk(tree)
    )


def _kinds_of(tree: ast.Module):
    """Every constant that looks like a kind, but for problems' codes, jobs' names and scripts."""
    others = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg in {"code", "name", "lock"}
    }
    for node in ast.walk(tree):
        constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if constant and id(node) not in others and KIND.fullmatch(node.value):
            first, _, last = node.value.partition(".")
            if first not in _ROOMS and last != "js":
                yield node.value
