"""A real hub, a real Chromium: every test gets pages of a hub on a free port, with the tests' own small world."""

import json
import os
import pathlib
import re
import subprocess
import threading
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from link import Link

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORLD = pathlib.Path(__file__).parent / "world" / "small-hub.json"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# A shared machine draws slowly without a graphics card: waiting is generous, no assertion depends on a duration.
WAIT_MS = int(os.environ.get("HUB_BROWSER_WAIT_MS", "120000"))


MODERATOR_KEY = "browser-tests-moderate"
# Keeps every sentence that the live region has said: the region itself holds the newest ones only.
RECORD = """
window.heardLines = [];
new MutationObserver((records) => {
  for (const record of records) {
    if (record.target.id !== 'live') continue;
    for (const node of record.addedNodes) window.heardLines.push(node.textContent);
  }
}).observe(document, { childList: true, subtree: true });
"""


class Hub:
    """The hub as a process; its output is read to the end so that it never blocks."""

    def __init__(self, world: pathlib.Path, folder: pathlib.Path, *more: str):
        binary = os.environ.get("HUB_BINARY", ".build/release/hub")
        self.world = world
        self.key_file = folder / "keys.json"
        subprocess.run([ROOT / binary, "token", "key", "--out", self.key_file], check=True)
        arguments = ["serve", "--token-keys", str(self.key_file), "--world", str(world), "--port", "0", "--admin", "127.0.0.1:0", *more]
        if web := os.environ.get("HUB_WEB"):
            arguments += ["--web", web]
        self.process = subprocess.Popen(
            [ROOT / binary, *arguments], cwd=folder, text=True, env={**os.environ, "HUB_MODERATOR_KEY": MODERATOR_KEY},
            stdout=subprocess.PIPE, stderr=open(folder / "hub.log", "w"))
        ready = self.process.stdout.readline()
        found = re.search(r"http://[\d.]+:(\d+)", ready)
        assert found, f"no ready line but {ready!r}: {(folder / 'hub.log').read_text()}"
        self.url = found.group(0)
        self.port = int(found.group(1))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def people(self, space: str) -> int:
        """Head count of a space, as anybody can ask before entering."""
        with urllib.request.urlopen(f"{self.url}/api/hub", timeout=60) as answer:
            return next(entry["people"] for entry in json.load(answer)["spaces"] if entry["id"] == space)

    def invite(self, role: str) -> str:
        """The part of an invitation's link after the `#`."""
        binary = ROOT / os.environ.get("HUB_BINARY", ".build/release/hub")
        done = subprocess.run([binary, "token", "invite", "--keys", self.key_file, "--world", self.world, "--role", role, "--bare"],
                              check=True, capture_output=True, text=True)
        return f"invite={done.stdout.strip()}"

    def stop(self):
        self.process.terminate()
        try:
            assert self.process.wait(20) == 0, "the hub did not end cleanly"
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    running = Hub(WORLD, tmp_path_factory.mktemp("hub"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def demo_hub(tmp_path_factory):
    running = Hub(ROOT / "worlds" / "innovation-hub.json", tmp_path_factory.mktemp("demo"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright):
    launched = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--headless=new", "--no-sandbox", "--enable-unsafe-swiftshader"])
    yield launched
    launched.close()


@pytest.fixture
def link(hub):
    """The network between one page and the hub; can be cut."""
    cuttable = Link(hub.port)
    yield cuttable
    cuttable.close()


class Visitor:
    """A participant: one page in a browser profile of its own."""

    def __init__(self, browser: Browser, url: str, name: str, view: str, lang: str, size: tuple[int, int],
                 fragment: str = ""):
        self.name = name
        self.problems: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale={"de": "de-DE", "en": "en-GB"}[lang])
        self.context.add_init_script(RECORD)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"pageerror: {error}"))
        self.page.goto(f"{url}/?debug=1&view={view}&lang={lang}" + (f"#{fragment}" if fragment else ""))
        self.page.locator("#join-spaces .choice").first.wait_for()

    def _console(self, message):
        # A cut connection is reported by the browser itself; that is what those tests are about.
        if message.type == "error" and "WebSocket connection" not in message.text:
            if "net::ERR_" not in message.text:
                self.problems.append(f"console: {message.text}")

    def enter(self, space: str | None = None):
        self.page.fill("#join-name", self.name)
        if space:
            self.page.check(f"#join-space-{space}", force=True)
        self.page.get_by_role("button", name=re.compile("Hub betreten|Enter the hub")).click()
        self.page.wait_for_selector("body[data-view]")
        self.until("hub.store.connection.state === 'online' && hub.store.space.id !== null")
        return self

    def until(self, condition: str, argument=None):
        """Waits until a JavaScript condition holds; `hub` is the page's debug object."""
        self.page.wait_for_function(f"(argument) => {condition}", arg=argument, polling=100)

    def value(self, expression: str, argument=None):
        return self.page.evaluate(f"(argument) => {expression}", argument)

    def heard(self, text: str):
        """Waits until the live region has said `text`, since the page was opened."""
        self.until("heardLines.some((line) => line.includes(argument))", text)

    def at_rest(self):
        """Waits until nothing on the page moves: a colour measured halfway between two states is neither of them."""
        self.until("document.getAnimations().every((animation) => animation.playState !== 'running')")

    def open_group(self, name: str):
        """Opens a group of the places by keyboard; the groups come with the space."""
        summary = self.page.locator("#panel-places summary", has_text=name)
        summary.wait_for()
        summary.focus()
        self.page.keyboard.press("Enter")
        self.page.locator("#panel-places details[open]", has_text=name).wait_for()

    def pose_of(self, name: str):
        return self.value(POSE, name)


POSE = """(() => {
  const out = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };
  const person = [...hub.store.people.values()].find((entry) => entry.name === argument);
  const replica = hub.session.replica;
  return person && replica.poseOf(person.id, replica.serverNow(), out) ? { ...out, id: person.id } : null;
})()"""


@pytest.fixture
def visit(browser, hub):
    visitors: list[Visitor] = []

    def make(name, view="list", lang="de", url=None, size=(320, 240), fragment=""):
        visitor = Visitor(browser, url or hub.url, name, view, lang, size, fragment)
        visitors.append(visitor)
        return visitor

    yield make
    problems = [f"{visitor.name}: {problem}" for visitor in visitors for problem in visitor.problems]
    for visitor in visitors:
        # Says bye, so that the next test meets an empty hub.
        if not visitor.page.is_closed():
            visitor.page.evaluate("globalThis.hub?.session.leave()")
        visitor.context.close()
    assert problems == []
