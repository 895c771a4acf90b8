"""Voice through the media server: real Janus, real browsers, and tones that say who is heard."""

import pytest

from conftest import MODERATOR_KEY, WORLD, Hub
from janus import Janus
from test_voice import HEARD, browsers, hears, hears_nothing, press, talk  # noqa: F401 (fixtures)

# The strongest bin of what comes from the server, in Hz.
SERVED = HEARD.replace("[...hub.store.people.values()].find((entry) => entry.name === argument)", "({ id: 'sfu-up' })")


@pytest.fixture(scope="module")
def janus(tmp_path_factory):
    running = Janus(tmp_path_factory.mktemp("janus")).start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def served_hub(janus, tmp_path_factory):
    running = Hub(WORLD, tmp_path_factory.mktemp("served-hub"), "--janus", janus.url, "--janus-secrets", str(janus.secrets))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def small_mesh_hub(janus, tmp_path_factory):
    """Two are too many for its mesh: every room goes to the server."""
    running = Hub(WORLD, tmp_path_factory.mktemp("small-mesh-hub"), "--janus", janus.url, "--janus-secrets", str(janus.secrets),
                  "--voice-mesh-max", "1")
    yield running
    running.stop()


def served(listener, hertz):
    listener.until(f"(() => {{ const hertz = {SERVED}; return hertz !== null && Math.abs(hertz - {hertz}) < 12; }})()")


def test_a_stage_is_heard_through_the_server_which_holds_people_to_their_mute(talk, visit, served_hub, janus):
    jonas = talk("Jonas", served_hub.url, area=None)
    aylin = talk("Aylin", served_hub.url, area=None)
    jonas.value("hub.session.goTo({ space: 'hall' })")
    jonas.until("hub.store.space.id === 'hall'")
    aylin.value("hub.session.goTo({ space: 'hall', area: 'stage' })")
    for visitor in (aylin, jonas):
        press(visitor, "Mikrofon einschalten")
    jonas.until("hub.voice.room.mode === 'both' && hub.voice.mesh.ids.join() === 'sfu-up'")
    aylin.until("hub.voice.room.mode === 'sfu' && hub.voice.mesh.ids.join() === 'sfu-up'")
    served(jonas, 440)
    # In words; and the floor is not heard on the stage.
    jonas.page.get_by_text("Verbunden über den Medienserver des Hubs.").wait_for()
    assert aylin.value(SERVED) is None
    # A moderator's mute: the microphone is still open, and nobody hears it.
    moderator = visit("Mod", url=served_hub.url)
    moderator.page.locator("details.more summary").click()
    moderator.page.fill("#join-key", MODERATOR_KEY)
    moderator.enter("hall")
    person = aylin.value("hub.store.me.person")
    moderator.value("hub.session.moderate('mute', { person: argument })", person)
    jonas.until(f"{SERVED} === null")
    assert aylin.value("hub.voice.isMicLive")
    moderator.value("hub.session.moderate('unmute', { person: argument })", person)
    served(jonas, 440)
    # On the stage together, both speak.
    jonas.value("hub.session.goTo({ area: 'stage' })")
    served(aylin, 880)
    served(jonas, 440)
    # The server is gone: said so, and heard directly.
    janus.kill()
    jonas.until("hub.voice.room.mode === 'mesh' && hub.voice.room.why === 'sfu'")
    hears(jonas, "Aylin", 440)
    hears(aylin, "Jonas", 880)
    jonas.page.get_by_text("Der Medienserver des Hubs ist nicht erreichbar").wait_for()
    # Back again: so is its sound.
    janus.start()
    served(jonas, 440)
    served(aylin, 880)
    # Out of the hall nothing is heard of it.
    jonas.value("hub.session.goTo({ space: 'foyer' })")
    jonas.until("hub.voice.mesh.ids.length === 0")


def test_in_a_room_the_server_brings_each_voice_from_where_its_speaker_stands(talk, small_mesh_hub):
    aylin, jonas = talk("Aylin", small_mesh_hub.url), talk("Jonas", small_mesh_hub.url)
    for visitor in (aylin, jonas):
        press(visitor, "Mikrofon einschalten")
    for visitor in (aylin, jonas):
        visitor.until("hub.voice.room.mode === 'sfu' && hub.voice.mesh.ids.sort().join() === 'sfu-down,sfu-up'")
    hears(jonas, "Aylin", 440)
    hears(aylin, "Jonas", 880)
    # As somebody, in the list and in the room.
    jonas.page.locator(".voices .person", has_text="Aylin").filter(has_text="spricht").wait_for()
    aylins = aylin.value("hub.store.me.id")
    jonas.value("{ hub.voice.mixer.placeOf = (id) => (id === argument ? { x: 3, z: 4 } : null); }", aylins)
    jonas.until("(({ positionX, positionZ }) => positionX.value === 3 && positionZ.value === 4)(hub.voice.mixer.outputOf(argument))", aylins)
    press(aylin, "Mikrofon stumm schalten")
    hears_nothing(jonas, "Aylin")
    hears(aylin, "Jonas", 880)
    # Out of the room nothing of it is left.
    jonas.value("hub.session.goTo({ space: 'hall' })")
    jonas.until("hub.voice.mesh.ids.length === 0 && hub.voice.served.size === 0")
    aylin.until("hub.voice.served.size === 0")
