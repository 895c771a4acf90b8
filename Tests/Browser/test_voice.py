"""Voice between real browsers: each has a tone as its microphone, and a spectrum at the listener says who is heard.

Media goes between the browsers, over loopback or through a relay that the test starts; the hub carries words only."""

import base64
import hashlib
import hmac
import math
import pathlib
import shutil
import socket
import struct
import subprocess
import time
import wave

import pytest

from conftest import CHROMIUM, MODERATOR_KEY, ROOT, WORLD, Hub, Visitor
from test_deploy import free_port, start

FLAGS = [
    "--headless=new", "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--mute-audio",
]
TONES = {"Aylin": 440, "Jonas": 880}
SECRET = "the-secret-of-these-tests"

# The strongest bin of what comes from somebody, in Hz; null where there is silence or nobody.
HEARD = """(() => {
  const person = [...hub.store.people.values()].find((entry) => entry.name === argument);
  const output = person && hub.voice.mixer.outputOf(person.id);
  if (!output) return null;
  globalThis.ears ??= new Map();
  if (ears.get(person.id)?.output !== output) {
    const analyser = output.context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    output.connect(analyser);
    ears.set(person.id, { output, analyser });
  }
  const { analyser } = ears.get(person.id);
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const best = bins.indexOf(Math.max(...bins));
  return bins[best] > -70 ? best * output.context.sampleRate / analyser.fftSize : null;
})()"""


def tone(path: pathlib.Path, hertz: int):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(b"".join(
            struct.pack("<h", int(9000 * math.sin(2 * math.pi * hertz * n / 48000))) for n in range(48000)))
    return path


@pytest.fixture(scope="module")
def browsers(playwright, tmp_path_factory):
    """One process a tone: the file is the process's."""
    folder = tmp_path_factory.mktemp("tones")
    launched = {
        name: playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={tone(folder / f'{name}.wav', hertz)}"])
        for name, hertz in TONES.items()}
    yield launched
    for browser in launched.values():
        browser.close()


@pytest.fixture
def talk(browsers, hub):
    visitors = []

    def make(name, url=None, area="info"):
        visitor = Visitor(browsers[name], url or hub.url, name, "list", "de", (900, 700))
        visitors.append(visitor)
        visitor.enter()
        if area:
            visitor.value("hub.session.goTo({ area: argument })", area)
            visitor.until("hub.store.me.area === argument", area)
        # By keyboard: voice, then the microphone. The tone is no voice: nothing shall take it for noise.
        press(visitor, "Sprache einschalten")
        visitor.until("hub.voice.room !== null")
        visitor.page.evaluate("hub.voice.setProcessing(false)")
        return visitor

    yield make
    problems = [problem for visitor in visitors for problem in visitor.problems]
    for visitor in visitors:
        visitor.page.evaluate("hub.session.leave()")
        visitor.context.close()
    assert problems == []


def press(visitor, name):
    button = visitor.page.get_by_role("button", name=name, exact=True)
    button.focus()
    visitor.page.keyboard.press("Enter")


def hears(listener, speaker, hertz):
    listener.until(f"(() => {{ const hertz = {HEARD}; return hertz !== null && Math.abs(hertz - {hertz}) < 12; }})()", speaker)


def hears_nothing(listener, speaker):
    listener.until(f"{HEARD} === null", speaker)


def test_two_people_in_an_area_hear_each_other_and_mute_is_silence(talk):
    aylin, jonas = talk("Aylin"), talk("Jonas")
    aylin.until("[...hub.voice.peers.values()].some(({ state }) => state === 'connected')")
    # Nobody is heard on entering.
    assert not aylin.value("hub.voice.micOn") and aylin.value(HEARD, "Jonas") is None
    press(aylin, "Mikrofon einschalten")
    press(jonas, "Mikrofon einschalten")
    hears(jonas, "Aylin", 440)
    hears(aylin, "Jonas", 880)
    # In words, in the panel and in the list of people.
    jonas.page.locator(".voices .person", has_text="Aylin").filter(has_text="spricht").wait_for()
    jonas.page.locator("#panel-people .person", has_text="Aylin").filter(has_text="spricht gerade").wait_for()
    press(aylin, "Mikrofon stumm schalten")
    hears_nothing(jonas, "Aylin")
    hears(aylin, "Jonas", 880)
    # Push-to-talk by keyboard.
    aylin.page.evaluate("hub.voice.setMode('push')")
    press(aylin, "Mikrofon einschalten")
    assert aylin.value("hub.voice.isMicLive") is False
    aylin.page.locator("#voice-push").wait_for()
    aylin.page.locator("#voice-push").focus()
    aylin.page.keyboard.down(" ")
    hears(jonas, "Aylin", 440)
    aylin.page.keyboard.up(" ")
    hears_nothing(jonas, "Aylin")
    # A line of text beside the voice.
    aylin.page.fill("#voice-caption", "Ich zeige jetzt den Plan")
    aylin.page.keyboard.press("Enter")
    jonas.heard("Aylin schreibt: Ich zeige jetzt den Plan")
    # Out of the area: no connection at all.
    jonas.value("hub.session.goTo({ space: 'hall' })")
    aylin.until("hub.voice.peers.size === 0 && hub.voice.mesh.ids.length === 0")
    jonas.until("hub.voice.mesh.ids.length === 0")


def test_both_restarting_at_once_keep_hearing_each_other(talk):
    aylin, jonas = talk("Aylin"), talk("Jonas")
    for visitor in (aylin, jonas):
        press(visitor, "Mikrofon einschalten")
    hears(jonas, "Aylin", 440)
    for _ in range(4):
        for visitor in (aylin, jonas):
            visitor.value("hub.voice.mesh.ids.forEach((id) => hub.voice.mesh.connectionOf(id).restartIce())")
    for visitor in (aylin, jonas):
        visitor.until("hub.voice.mesh.ids.every((id) => hub.voice.mesh.connectionOf(id).signalingState === 'stable')")
    hears(jonas, "Aylin", 440)
    hears(aylin, "Jonas", 880)


def test_a_moderator_asks_for_silence_and_then_sees_to_it(talk, visit):
    aylin, jonas = talk("Aylin"), talk("Jonas")
    press(jonas, "Mikrofon einschalten")
    hears(aylin, "Jonas", 880)
    moderator = visit("Mod")
    moderator.page.locator("details.more summary").click()
    moderator.page.fill("#join-key", MODERATOR_KEY)
    moderator.enter()
    person = jonas.value("hub.store.me.person")
    moderator.value("hub.session.moderate('ask-mute', { person: argument })", person)
    hears_nothing(aylin, "Jonas")
    press(jonas, "Mikrofon einschalten")
    hears(aylin, "Jonas", 880)
    moderator.value("hub.session.moderate('mute', { person: argument })", person)
    hears_nothing(aylin, "Jonas")
    jonas.page.locator(".voice-status", has_text="Sie hören, werden aber nicht gehört").wait_for()


def wait_for_port(process, port, log):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"no answer on port {port}: {log.read_text()}")


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """A real coturn on loopback, with the shipped rules but for the addresses that loopback needs."""
    folder = tmp_path_factory.mktemp("turn")
    port = free_port()
    process = subprocess.Popen(
        [shutil.which("turnserver") or "/usr/bin/turnserver", "-n", "--use-auth-secret", "--static-auth-secret=an-older-secret-of-these-tests",
         f"--static-auth-secret={SECRET}", "--realm=hub.test", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
         f"--listening-port={port}", "--min-port=49200", "--max-port=49299", "--no-tls", "--no-dtls", "--no-cli",
         "--fingerprint", "--allow-loopback-peers", "--no-multicast-peers", "--user-quota=12", "--total-quota=120",
         "--log-file=stdout", "--simple-log", f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'turndb'}"],
        cwd=folder, stdout=open(folder / "turn.log", "w"), stderr=subprocess.STDOUT)
    wait_for_port(process, port, folder / "turn.log")
    yield port
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def relay_hub(relay, tmp_path_factory):
    folder = tmp_path_factory.mktemp("relay-hub")
    (folder / "secret").write_text(SECRET + "\n")
    running = Hub(WORLD, folder, "--turn-url", f"turn:127.0.0.1:{relay}", "--turn-secret-file", str(folder / "secret"))
    yield running
    running.stop()


def test_guests_hear_each_other_through_the_relay_only(talk, relay_hub):
    aylin, jonas = talk("Aylin", relay_hub.url), talk("Jonas", relay_hub.url)
    for visitor in (aylin, jonas):
        press(visitor, "Mikrofon einschalten")
    hears(jonas, "Aylin", 440)
    hears(aylin, "Jonas", 880)
    kinds = """(async () => {
      const [id] = hub.voice.mesh.ids;
      const report = [...(await hub.voice.mesh.connectionOf(id).getStats()).values()];
      const pair = report.find((entry) => entry.type === 'candidate-pair' && entry.nominated);
      return [pair.localCandidateId, pair.remoteCandidateId].map((key) => report.find((entry) => entry.id === key).candidateType);
    })()"""
    assert jonas.value(kinds) == ["relay", "relay"]
    # No candidate that tells an address of the other's own has come here.
    theirs = jonas.value("hub.voice.mesh.ids.map((id) => hub.voice.mesh.connectionOf(id).remoteDescription.sdp).join()")
    assert "typ host" not in theirs and "typ srflx" not in theirs


def uclient(port, secret, life=600, peer="127.0.0.1", session=1):
    """An allocation and a few packets to a peer by coturn's own client: its exit and what it said."""
    user = f"{int(time.time()) + life}:{session}"
    password = base64.b64encode(hmac.new(secret.encode(), user.encode(), hashlib.sha1).digest()).decode()
    done = subprocess.run(
        ["turnutils_uclient", "-y", "-n", "2", "-c", "-u", user, "-w", password, "-e", peer, "-r", "3480", "-p", str(port), "127.0.0.1"],
        capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def test_the_relay_takes_both_secrets_and_no_name_that_has_ended(relay):
    assert "error" not in uclient(relay, SECRET).lower()
    assert "error" not in uclient(relay, "an-older-secret-of-these-tests").lower()
    assert "error" in uclient(relay, "some-other-secret").lower()
    assert "error" in uclient(relay, SECRET, life=-10).lower()


def test_the_shipped_relay_reaches_nobody_in_private_networks(tmp_path):
    shipped = (ROOT / "docs" / "coturn.conf").read_text()
    # What a machine without a name and a certificate can't have; the rules stay.
    ours = [line for line in shipped.splitlines()
            if not line.startswith(("cert=", "pkey=", "tls-listening-port", "listening-port", "static-auth-secret", "min-port", "max-port"))]
    port = free_port()
    (tmp_path / "coturn.conf").write_text("\n".join([
        *ours, f"static-auth-secret={SECRET}", f"listening-port={port}", "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "min-port=49300",
        "max-port=49599", "no-tls", "no-dtls", "log-file=stdout", f"pidfile={tmp_path / 'pid'}", f"userdb={tmp_path / 'turndb'}"]))
    log = open(tmp_path / "turn.log", "w")
    process = subprocess.Popen(["turnserver", "-c", str(tmp_path / "coturn.conf")], cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for_port(process, port, tmp_path / "turn.log")
        for session, peer in enumerate(("10.1.2.3", "192.168.1.1", "172.20.0.1", "169.254.169.254", "100.64.0.1", "127.0.0.1")):
            assert "403" in uclient(port, SECRET, peer=peer, session=session), f"{peer} can be reached through the relay"
        # And nobody takes all of it: one session has so many allocations.
        answers = [uclient(port, SECRET, peer="10.1.2.3", session=99) for _ in range(8)]
        assert "486" in answers[-1], answers
        said = (tmp_path / "turn.log").read_text()
        assert "Bad configuration" not in said and "Unknown" not in said, said
    finally:
        process.terminate()
        process.wait(20)


def test_a_cut_line_to_the_hub_does_not_stop_the_sound(talk, link):
    aylin, jonas = talk("Aylin", link.url), talk("Jonas")
    press(aylin, "Mikrofon einschalten")
    hears(jonas, "Aylin", 440)
    before = jonas.value("hub.voice.mesh.ids.map((id) => hub.voice.mesh.connectionOf(id))[0].connectionState")
    jonas.value("globalThis.kept = hub.voice.mesh.connectionOf(hub.voice.mesh.ids[0])")
    link.cut()
    aylin.until("hub.store.connection.state !== 'online'")
    for _ in range(5):
        hears(jonas, "Aylin", 440)
    link.mend()
    aylin.until("hub.store.connection.state === 'online'")
    hears(jonas, "Aylin", 440)
    # The same connection, not a new one.
    assert before == "connected" and jonas.value("kept === hub.voice.mesh.connectionOf(hub.voice.mesh.ids[0])")
    assert jonas.value("kept.connectionState") == "connected"


def test_after_a_crash_of_the_hub_people_hear_those_they_should_and_nobody_else(talk, tmp_path):
    port = free_port()
    process = start(tmp_path, port)
    try:
        url = f"http://127.0.0.1:{port}"
        aylin, jonas = talk("Aylin", url=url), talk("Jonas", url=url)
        press(aylin, "Mikrofon einschalten")
        hears(jonas, "Aylin", 440)
        process.kill()
        process.wait(30)
        for visitor in (aylin, jonas):
            visitor.until("hub.store.connection.state !== 'online'")
        process = start(tmp_path, port)
        for visitor in (aylin, jonas):
            visitor.until("hub.store.connection.state === 'online'")
            # A ticket is up to five seconds old: it may be from before they went there.
            visitor.value("hub.session.goTo({ area: 'info' })")
            visitor.until("hub.store.me.area === 'info'")
        hears(jonas, "Aylin", 440)
        # The hub decides again: who leaves the room is not heard any more.
        aylin.value("hub.session.goTo({ space: argument })", "hall")
        aylin.until("hub.store.space.id === 'hall'")
        jonas.until("hub.voice.mesh.ids.length === 0")
    finally:
        process.kill()
        process.wait()
