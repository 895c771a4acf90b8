/**
 * What the page's shell and the three-dimensional view promise each other. Types only: nothing here runs.
 *
 * The shell (main.js) owns the connection, the replica and everything made of text; the view owns the canvas,
 * the camera, the input devices and the own body. Metres, radians and seconds throughout; y up, right-handed;
 * yaw 0 looks along -z and grows to the left (three.js `rotation.y`).
 *
 * @typedef {object} LocalPose The own body, as the view walks it.
 * @property {number} x @property {number} y @property {number} z Metres in the space's coordinates.
 * @property {number} yaw Radians.
 * @property {number} vx @property {number} vz Metres per second.
 * @property {number} animation 0 idle, 1 walk, 2 run, 3 sit, 4 wave, 5 clap, 6 dance, 7 nod.
 * @property {number} flags Bits: 1 snap, 4 talking, 8 hand raised, 16 seated, 32 airborne.
 *
 * @callback ShownAvatar Called for everything that is to be drawn: people and moving nodes, never the own body.
 * @param {number} id Entity id, 0-65535: ask `setNodeEntities` whether it is a node, else it is a person.
 * @param {number} x @param {number} y @param {number} z Metres, smoothed for drawing.
 * @param {number} yaw Radians.
 * @param {number} animation @param {number} flags @param {number} tier 0 near, 1 mid, 2 far.
 * @param {number} speed Metres per second on the ground.
 *
 * @typedef {object} Replica
 * @property {(serverMs: number, callback: ShownAvatar) => void} forEachShown Allocates nothing; pass one kept
 *   function, not a new closure per frame.
 * @property {(serverMs: number, out: LocalPose) => boolean} ownPose Fills `out` with the hub's truth about the own
 *   body; false while it is unknown. This drives the own body while following.
 * @property {() => number} serverNow The instant to draw, in the hub's milliseconds (the shell's clock).
 *
 * @typedef {object} PersonLook
 * @property {string} name @property {'available'|'busy'|'away'|'dnd'|string} status
 * @property {string} color `#rrggbb`, stable for the person.
 * @property {boolean} lost Connection lost. @property {boolean} handRaised
 *
 * @typedef {object} SceneOptions
 * @property {HTMLCanvasElement} canvas Its CSS size rules; it holds the keyboard focus while walking.
 * @property {object} world The world file, parsed (`worlds/world.schema.json`).
 * @property {object|null} assets The assets manifest, parsed, or null; paths are relative to `assetsUrl`.
 * @property {string} assetsUrl Folder of the manifest's paths, ending in `/`.
 * @property {'de'|'en'} lang
 * @property {boolean} reducedMotion
 * @property {(pose: LocalPose) => void} onLocalPose Once per drawn frame and whenever the body changes; the object
 *   may be reused by the view. Never while following.
 * @property {() => void} onFollowEnd The participant steps while following: the body is the participant's again.
 * @property {(nodeId: string) => void} onInteract The participant worked a node (a door, an exhibit, a seat).
 * @property {(entityId: number) => void} onPick The participant chose a person.
 * @property {(key: string, values?: object) => string} t Texts of the shell in the participant's language.
 *
 * @typedef {object} SceneStats @property {number} drawCalls @property {number} fps @property {number} avatarsInView
 * @property {number} impostors Of far crowds, wherever they stand. @property {number} impostorsInView
 *
 * @typedef {object} SceneView
 * @property {(spaceId: string, pose: LocalPose, epoch: number) => void} enterSpace Shows that space, body at `pose`.
 * @property {(pose: LocalPose, reason: string) => void} correct The hub refused a step or moved the body.
 * @property {(replica: Replica) => void} setReplica
 * @property {(people: Map<number, PersonLook|null>) => void} setPeople By entity id; null: a body without a name.
 *   The map is replaced whenever it changed.
 * @property {(look: PersonLook) => void} setOwnLook The own body as seen over the shoulder; may be left out.
 * @property {(nodes: Map<number, string>) => void} setNodeEntities Moving nodes: entity id to node id.
 * @property {(areas: Set<string>) => void} setLockedAreas Area ids of the current space that refuse entry.
 * @property {(signs: {id: string, x: number, y: number, z: number, name: string, lines: string[], kind: string}[]) => void} setRoomSigns
 *   Door signs of the current space.
 * @property {(following: boolean) => void} setFollowing True: the own body goes where `replica.ownPose` says.
 * @property {(lang: 'de'|'en') => void} setLang
 * @property {() => LocalPose} getPose
 * @property {(touch: boolean) => void} setTouch Shows or hides the controls for fingers.
 * @property {() => void} pause Stops drawing (hidden page, list view). @property {() => void} resume
 * @property {() => SceneStats} stats
 * @property {() => void} dispose
 *
 * `export function createSceneView(options: SceneOptions): SceneView` in `scene-view.js`. It throws when the
 * browser has no WebGL; the shell then offers the list view.
 */
export {};
