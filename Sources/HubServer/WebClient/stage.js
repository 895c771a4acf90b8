import { el, setText, translateTree } from './ui/dom.js';
import { personColor } from './state/color.js';
import { describeRoom } from './state/room-text.js';
import { createMinimap } from './ui/minimap.js';

/** So far from where one arrived, one knows how to walk. */
const firstMeters = 1.5;

/**
 * The three-dimensional view within the page: loads it when it is wanted, feeds it, and keeps what it needs to know
 * while it is not there. Everything works without it.
 */
export function createStage({ root, store, session, t, world, reducedMotion, onKey, onPick, onExhibit }) {
  const canvas = el('canvas', { class: 'scene', id: 'scene', tabindex: '0', role: 'application', label: 'stage.label', 'aria-describedby': 'stage-hint' });
  const hint = el('p', { id: 'stage-hint', class: 'visually-hidden', t: 'stage.hint' });
  const touch = el('button', { type: 'button', class: 'button small touch-toggle', 'aria-pressed': 'false', t: 'stage.touch', on: { click: toggleTouch } });
  // What to do first, for those who see the picture; it goes with the first steps. Others have `hint`.
  const steps = el('p', { class: 'first-steps', 'aria-hidden': 'true' });
  root.append(canvas, hint, touch, steps);
  let createSceneView = null;
  let assets = null;
  let assetsUrl = '';
  let view = null;
  let running = false;
  let arrival = null;
  let touching = matchMedia('(pointer: coarse)').matches;
  const scratch = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };
  const minimap = createMinimap({ root, store, t, world, session, ownPose });
  const stage = { onMoved: () => {} };
  let movedAtMs = 0;

  function ownPose() {
    if (store.me.following && session.replica.ownPose(session.replica.serverNow(), scratch)) return scratch;
    return view && running ? view.getPose() : session.ownPose;
  }

  function onLocalPose(pose) {
    session.localPose(pose);
    const nowMs = performance.now();
    if (nowMs - movedAtMs < 200) return;
    if (!steps.hidden && arrival && Math.hypot(pose.x - arrival.x, pose.z - arrival.z) > firstMeters) steps.hidden = true;
    movedAtMs = nowMs;
    stage.onMoved(pose);
  }

  function onInteract(nodeId) {
    const node = world().get(store.space.id)?.nodes.get(nodeId);
    if (!node) return;
    if (node.text) onExhibit(node);
    else if (node.purpose === 'seat') session.goTo({ area: nodeId });
    else if (node.motion === 'door') session.interact(nodeId, doorState(nodeId) === 'open' ? 'close' : 'open');
  }

  function doorState(nodeId) {
    for (const entry of store.nodes.values()) if (entry.node === nodeId) return entry.state;
    return null;
  }

  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (onKey(event.key)) event.preventDefault();
  });

  function renderSteps() {
    steps.dataset.t = touching ? 'stage.firstStepsTouch' : 'stage.firstSteps';
    setText(steps, t(steps.dataset.t));
  }

  function toggleTouch() {
    touching = !touching;
    renderSteps();
    touch.setAttribute('aria-pressed', String(touching));
    view?.setTouch(touching);
  }

  return Object.assign(stage, {
    /** Fetches the view's code and the manifest of assets; without them the list view still works. */
    async load() {
      if (createSceneView) return;
      try {
        ({ createSceneView } = await import('./scene/scene-view.js'));
        const response = store.world.assets ? await fetch('assets/manifest.json') : null;
        if (response?.ok) assets = await response.json();
        assetsUrl = new URL('assets/', location.href).href;
      } catch (error) {
        console.error(`hub: no three-dimensional view: ${error.message}`);
      }
    },

    /** Shows the view; false where it cannot be made. */
    start() {
      if (!createSceneView) return false;
      try {
        view ??= createSceneView({ canvas, world: store.world, assets, assetsUrl, lang: t.lang(), reducedMotion, onLocalPose,
          onInteract, onPick, onFollowEnd: () => session.unfollow(), t });
      } catch (error) {
        console.error(`hub: no three-dimensional view: ${error.message}`);
        return false;
      }
      view.setReplica(session.replica);
      view.setTouch(touching);
      touch.setAttribute('aria-pressed', String(touching));
      if (arrival && !running) view.enterSpace(arrival.space, { ...session.ownPose }, arrival.epoch);
      running = true;
      this.refreshPeople();
      this.refreshRooms();
      this.refresh();
      view.resume();
      minimap.run(true);
      return true;
    },

    pause() {
      running = false;
      view?.pause();
      minimap.run(false);
    },

    stop() {
      this.pause();
      view?.dispose();
      view = null;
      arrival = null;
    },

    enterSpace(space, pose, epoch) {
      arrival = { space, epoch, x: pose.x, z: pose.z };
      if (view && running) view.enterSpace(space, pose, epoch);
      this.refreshPeople();
      this.refreshRooms();
      this.refresh();
    },

    correct(pose, reason) {
      if (view && running) view.correct(pose, reason);
    },

    /** Hands on who is there. */
    refreshPeople() {
      if (!view || !running) return;
      const people = new Map();
      for (const [id, entry] of store.people) {
        people.set(id, entry.anonymous ? null : {
          name: entry.name, status: entry.status ?? 'available', color: personColor(entry.person), lost: entry.lost === true,
          handRaised: false,
        });
      }
      view.setPeople(people);
    },

    /** Hands on what the doors say. */
    refreshRooms() {
      if (!view || !running) return;
      const nodes = world().get(store.space.id)?.nodes;
      const now = Date.now() / 1000;
      view.setRoomSigns((store.rooms.get(store.space.id) ?? []).flatMap((room) => {
        const area = nodes?.get(room.area);
        if (!area) return [];
        const words = describeRoom(room, now, t);
        const height = area.area?.size?.[1] ?? 2.4;
        return [{ id: room.room, x: area.x, y: area.y + height + 0.4, z: area.z, name: t.of(room.title), kind: words.kind,
          lines: [words.state, words.title || words.minutes] }];
      }));
    },

    /** Hands on what is there, and how the own body is. */
    refresh() {
      if (!view || !running) return;
      view.setOwnLook({ name: store.me.name, status: store.me.status, color: personColor(store.me.person), lost: false,
        handRaised: store.me.hand });
      view.setNodeEntities(new Map([...store.nodes].map(([id, entry]) => [id, entry.node])));
      const areas = store.places.get(store.space.id)?.areas ?? new Map();
      view.setLockedAreas(new Set([...areas].filter(([, area]) => area.locked).map(([id]) => id)));
      view.setFollowing(store.me.following !== null);
      view.setNotes(store.notes.shown());
      view.setExhibits(store.exhibits.shown().map((exhibit) => ({ ...exhibit, title: t.of(exhibit.title), image: exhibit.waits ? undefined : exhibit.image?.sha256 })));
    },

    /** Metres from the own body to `id`; null in the list view, where poses are not told. */
    distanceTo(id) {
      if (!running || id === store.me.id) return null;
      const me = ownPose();
      const x = me?.x;
      const z = me?.z;
      if (!me || !session.replica.poseOf(id, session.replica.serverNow(), scratch)) return null;
      return Math.hypot(scratch.x - x, scratch.z - z);
    },

    focus: () => canvas.focus(),
    stats: () => view?.stats() ?? null,
    ownPose,
    translate() {
      renderSteps();
      translateTree(root, t);
      view?.setLang(t.lang());
      this.refreshRooms();
      minimap.translate();
    },
  });
}
