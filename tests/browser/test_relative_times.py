"""Times in words: what lies ahead of the page's clock is a plain date, never "in 2 days"."""

_SHOW = """async (seconds) => {
  const list = document.querySelector("main");
  const time = document.createElement("time");
  time.dateTime = new Date(Date.now() + seconds * 1000).toISOString();
  time.dataset.relative = "";
  time.textContent = "2026-03-02 09:30";
  list.append(time);
  list.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  return time.textContent;
}"""


def test_the_future_is_a_plain_date(site, open_page):
    page = open_page()
    page.goto(site.url("anda", "/design/"))
    page.locator("time[data-relative][title]").first.wait_for()
    assert page.evaluate(_SHOW, -7260) == "2 hours ago"
    assert page.evaluate(_SHOW, 2 * 86400) == "2026-03-02 09:30"
    assert page.evaluate(_SHOW, 20) == "now"  # two clocks never agree quite
