"""A reader's trust policy says in his own browser whose keys count, and how many witnesses."""

from ledger.core.ed25519 import SecretKey
from ledger.core.notes import ED25519, ED25519_COSIGNATURE, NoteKey
from tests.browser.test_verify_here import outcome
from tests.ledger.bundles import ORIGIN, SmallLog, bundle


def test_a_policy_counts_for_exports_and_says_in_which_line_it_is_wrong(
    open_page, sign_in, site, tmp_path
):
    log, path, policy = SmallLog(), tmp_path / "small.leaseledger", tmp_path / "policy"
    path.write_bytes(bundle(log.records))
    lines = [f"log {log.log_key.vkey()}", f"witness w {log.witness_key.vkey()}", "quorum w"]
    other = NoteKey(ORIGIN, ED25519, SecretKey(b"x" * 32).public).vkey()
    page = sign_in(open_page(language="zh-CN"), "manager", "anda", "/ledger/verify/")
    page.set_input_files("#files", path)
    assert "未固定" in outcome(page, "warning")

    def under(*rows: str, tone: str) -> str:
        policy.write_text("\n".join([*rows, ""]))
        page.set_input_files("#policy", [])
        page.set_input_files("#policy", policy)
        outcome(page, tone)
        return page.inner_text("[data-outcome]")

    told = under(*lines, tone="success")
    assert f"由您的策略所列的见证方联署：{log.witness_key.name}" in told
    assert "联署满足您的策略" in told
    another = NoteKey("example.test/z", ED25519_COSIGNATURE, SecretKey(b"z" * 32).public)
    other_witness = f"witness z {another.vkey()}"
    told = under(*lines[:2], other_witness, "group both all w z", "quorum both", tone="danger")
    assert "联署的见证方少于您的策略所要求" in told
    assert "固定" in under(f"log {other}", *lines[1:], tone="danger")
    told = under(*lines[:2], "quorum nobody", tone="warning")
    assert "第 3 行：nobody 不是上面任何一行" in told
    foreign = NoteKey("another.example/log", ED25519, SecretKey(b"x" * 32).public).vkey()
    assert f"不含此账本：{ORIGIN}" in under(f"log {foreign}", *lines[1:], tone="warning")
    page.set_input_files("#policy", [])
    assert "未固定" in outcome(page, "warning")
