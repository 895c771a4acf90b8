"""The load tester's HTML report: one file that needs nothing else, is told without eyes, and has nothing serious for axe."""

import base64
import hashlib
import json
import os
import re
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import ROOT

LOADTEST = (ROOT / os.environ.get("HUB_BINARY", ".build/release/hub")).with_name("hub-loadtest")
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}


@pytest.fixture(scope="module")
def report(demo_hub, tmp_path_factory):
    """A short run; what only a quiet hub with metrics would tell is filled in."""
    folder = tmp_path_factory.mktemp("page")
    path = folder / "report.json"
    subprocess.run(
        [LOADTEST, "--url", f"ws://127.0.0.1:{demo_hub.port}/ws", "--metrics", "none", "--avatars", "6", "--seconds", "3",
         "--json", path], check=True, capture_output=True, timeout=120)
    document = json.loads(path.read_text())
    seconds = len(document["timeline"]["here"])
    document["timeline"]["serverCpuCores"] = [0.2 + 0.01 * second for second in range(seconds)]
    document["timeline"]["tickLatenessP99Ms"] = [1.5 for _ in range(seconds)]
    document["problems"] = {"<script>alert('no')</script>": 1}
    path.write_text(json.dumps(document))
    page = folder / "report.html"
    subprocess.run(
        [LOADTEST, "show", path, "--html", page, "--compare", path, "--bar", ROOT / "loadtest" / "bars" / "hall.json"],
        capture_output=True, timeout=60)
    return page


@pytest.fixture
def opened(browser, report):
    pages = []

    def open_page(scheme="light", width=1100, bypass=False):
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True, bypass_csp=bypass)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("request", lambda request: page.problems.append(request.url) if request.url != report.as_uri() else None)
        page.goto(report.as_uri())
        pages.append(context)
        return page

    yield open_page
    for context in pages:
        context.close()


def test_it_opens_offline_and_asks_for_nothing(opened):
    page = opened()
    assert page.problems == []
    assert page.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "grid", "the style is in force"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("script, link, img, iframe, [style]").count() == 0


def test_the_policy_allows_this_style_alone(report):
    text = report.read_text()
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text


def test_text_of_the_run_cannot_become_markup(opened):
    page = opened()
    assert "<script>alert" in " ".join(page.locator(".notice").all_inner_texts())


def test_every_plot_has_words_and_a_table(opened):
    page = opened()
    plots = page.evaluate("""() => [...document.querySelectorAll('svg')].map((svg) => ({
      words: svg.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id).textContent),
      table: svg.closest('figure').nextElementSibling?.querySelector('tbody tr') !== null,
      shapes: svg.querySelectorAll('polyline, rect').length,
    }))""")
    assert len(plots) >= 9
    for plot in plots:
        assert all(plot["words"]) and len(plot["words"]) == 2 and plot["table"] and plot["shapes"] > 0, plot
    assert {"errors", "staleness", "bytes", "ticks", "cpu", "run", "limits"} <= set(
        page.evaluate("[...document.querySelectorAll('section')].map((section) => section.id)"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 380])
def test_axe_finds_nothing_serious(opened, scheme, width):
    page = opened(scheme, width, bypass=True)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    found = Axe().run(page, options=WCAG)
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == [], json.dumps(serious, indent=1)[:3000]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "only tables and plots scroll sideways"
