"""The hub is started anew, or crashes, under an open page; and a page over TLS. The page goes on by itself."""

import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

from conftest import ROOT, WORLD


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder: pathlib.Path, port: int, *extra: str) -> subprocess.Popen:
    binary = os.environ.get("HUB_BINARY", ".build/release/hub")
    process = subprocess.Popen(
        [ROOT / binary, "serve", "--world", str(WORLD), "--port", str(port), "--admin", "127.0.0.1:0",
         "--ticket-key", str(folder / "ticket.key"), *extra],
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=open(folder / "hub.log", "a"))
    assert "hub ready" in process.stdout.readline()
    return process


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["deploy", "crash"])
def test_a_page_goes_on_as_the_same_person_without_a_reload(visit, tmp_path, how, capsys):
    port = free_port()
    process = start(tmp_path, port)
    try:
        aylin = visit("Aylin", url=f"http://127.0.0.1:{port}").enter()
        aylin.value("window.stayed = true")
        person = aylin.value("hub.store.me.person")
        aylin.page.fill("#chat-text", "Vorher")
        aylin.page.press("#chat-text", "Enter")
        aylin.until("hub.store.chat.some((entry) => entry.text === 'Vorher')")
        began = time.monotonic()
        process.send_signal(how)
        process.wait(30)
        process = start(tmp_path, port)
        aylin.until("hub.store.connection.state !== 'online'")
        aylin.until("hub.store.connection.state === 'online'")
        with capsys.disabled():
            print(f"\n{how.name}: the page was back after {time.monotonic() - began:.1f} s")
        assert aylin.value("window.stayed") is True and aylin.value("hub.store.me.person") == person
        aylin.page.fill("#chat-text", "Nachher")
        aylin.page.press("#chat-text", "Enter")
        aylin.until("hub.store.chat.some((entry) => entry.text === 'Nachher')")
    finally:
        process.kill()
        process.wait()


def test_a_page_over_tls_joins_and_is_served_by_wss(browser, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")], check=True, capture_output=True)
    port = free_port()
    process = start(tmp_path, port, "--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    context = browser.new_context(ignore_https_errors=True, locale="en-GB")
    try:
        page = context.new_page()
        page.set_default_timeout(120_000)
        sockets = []
        page.on("websocket", lambda line: sockets.append(line.url))
        page.goto(f"https://localhost:{port}/?debug=1&view=list&lang=en")
        page.locator("#join-spaces .choice").first.wait_for()
        page.fill("#join-name", "Aylin")
        page.get_by_role("button", name="Enter the hub").click()
        page.wait_for_function("() => hub.store.connection.state === 'online' && hub.store.space.id !== null")
        assert sockets == [f"wss://localhost:{port}/ws"]
        assert page.evaluate("window.isSecureContext") is True
        page.wait_for_function("() => hub.session.uplink.sentAcks > 10")
    finally:
        context.close()
        process.kill()
        process.wait()
