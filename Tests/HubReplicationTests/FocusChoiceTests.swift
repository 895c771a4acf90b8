import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct FocusChoiceTests {
  /// A reader at (4, 4) of a hall of 40 m: pages within 3 m are S0, so people from x = 8 on are told more coarsely
  /// once the viewer stands at (1, 1): the cells from 8 m on are 7 m away.
  static let viewer = Scene.at(1, 4)

  static func chosen(_ scene: borrowing Scene) -> Set<Int> {
    var ids = Set<Int>()
    scene.views.forEachFocus(0) { ids.insert(Int($1.rawValue)) }
    return ids
  }

  static func choose(
    _ scene: inout Scene, _ viewer: Pose = viewer, own: Int? = nil, followed: Int? = nil, contacts: [Int] = []
  ) {
    let ids = contacts.map { EntityID(rawValue: UInt16($0)) }
    func id(_ number: Int?) -> EntityID? { number.map { EntityID(rawValue: UInt16($0)) } }
    scene.views.refreshFocus(0)
    let request = FocusRequest(view: 0, own: id(own), viewer: viewer, followed: id(followed))
    scene.space.chooseFocus(request, contacts: ids.span, &scene.views)
  }

  /// People at given places; the first frames told, so that pages have their tiers.
  static func scene(_ places: [(Double, Double)], looking viewer: Pose = viewer) throws -> Scene {
    var scene = try Scene(entities: 256, views: 1)
    for (index, place) in places.enumerated() { #expect(holds(scene.add(index, Scene.at(place.0, place.1)))) }
    for _ in 0..<3 {
      scene.step()
      _ = scene.frame(from: viewer)
    }
    return scene
  }

  static func told(_ scene: inout Scene, _ viewer: Pose = viewer, ticks: Tick = 1) -> Set<Int> {
    scene.step(ticks)
    _ = scene.frame(from: viewer)
    return chosen(scene)
  }

  @Test func theNearestBeyondTheNearPagesAreChosenAndNobodyOnThem() throws {
    var places = [(2.0, 4.0), (3.0, 4.0)]
    for index in 0..<40 { places.append((8.1 + Double(index) * 0.04, 4)) }
    var scene = try Self.scene(places)
    Self.choose(&scene)
    #expect(Self.told(&scene) == Set(2..<18))
  }

  @Test func whoIsInFrontCountsTwice() throws {
    // Two beyond the border, one ahead of a reader who looks along -x, one farther but behind.
    var viewer = Scene.at(20, 20)
    viewer.yaw = 16384
    var places: [(Double, Double)] = []
    for _ in 0..<16 { places.append((13, 20)) }
    for _ in 0..<16 { places.append((26, 20)) }
    var scene = try Self.scene(places, looking: viewer)
    Self.choose(&scene, viewer)
    // 7 m ahead (score 2/49) against 6 m behind (1/36).
    #expect(Self.told(&scene, viewer) == Set(0..<16))
  }

  @Test func voiceGroupAndContactOutweighAFewMetres() throws {
    var places: [(Double, Double)] = []
    for index in 0..<20 { places.append((8.2 + Double(index) * 0.01, 4)) }
    places += [(12, 7), (12, 6), (30, 30)]
    var scene = try Self.scene(places)
    var talking = Scene.at(12, 7)
    talking.flags = .talking
    scene.space.setPose(EntityID(rawValue: 20), talking)
    let isPlaced = scene.add(50, Self.viewer)
    #expect(isPlaced)
    scene.space.setGroup(EntityID(rawValue: 21), 3)
    scene.space.setGroup(EntityID(rawValue: 50), 3)
    _ = Self.told(&scene)
    Self.choose(&scene, own: 50, contacts: [22])
    let chosen = Self.told(&scene)
    #expect(chosen.isSuperset(of: [20, 21, 22]) && chosen.count == 16)
  }

  @Test func presentersAndTheOneFollowedAreChosenWhereverTheyAreButNeverOneself() throws {
    var places: [(Double, Double)] = []
    for index in 0..<30 { places.append((8.2 + Double(index) * 0.01, 4)) }
    for index in 0..<12 { places.append((36, 20 + Double(index))) }
    var scene = try Self.scene(places)
    let presenters = (30..<42).map { EntityID(rawValue: UInt16($0)) }
    scene.space.setPresenters(presenters.span)
    Self.choose(&scene, own: 31, followed: 41)
    let chosen = Self.told(&scene)
    // The first eight present; the reader itself is one of them; the one followed; the rest by score.
    #expect(chosen.intersection(30..<42) == [30, 32, 33, 34, 35, 36, 37, 41])
    #expect(chosen.count == 16)
    // Gone is gone.
    let isGone = scene.space.remove(EntityID(rawValue: 33))
    #expect(isGone)
    Self.choose(&scene, own: 31, followed: 41)
    #expect(!Self.told(&scene).contains(33))
  }

  @Test func whoIsInFocusStaysUntilSomebodyIsAFifthBetter() throws {
    var places: [(Double, Double)] = []
    for _ in 0..<16 { places.append((11, 4)) }
    places.append((14, 4))
    var scene = try Self.scene(places)
    Self.choose(&scene)
    #expect(Self.told(&scene) == Set(0..<16))
    // 10 m away scores 1/100; 9.5 m is 11 % better, 8.5 m is 38 % better.
    scene.space.setPose(EntityID(rawValue: 16), Scene.at(10.5, 4))
    _ = Self.told(&scene, ticks: 20)
    Self.choose(&scene)
    #expect(Self.told(&scene) == Set(0..<16))
    scene.space.setPose(EntityID(rawValue: 16), Scene.at(9.5, 4))
    _ = Self.told(&scene)
    Self.choose(&scene)
    #expect(Self.told(&scene).contains(16))
    // Newly chosen, it stays for half a second, however far it jumps.
    scene.space.setPose(EntityID(rawValue: 16), Scene.at(30, 30))
    _ = Self.told(&scene)
    Self.choose(&scene)
    #expect(Self.told(&scene).contains(16))
    _ = Self.told(&scene, ticks: 14)
    Self.choose(&scene)
    #expect(!Self.told(&scene).contains(16))
  }

  @Test func aReaderWithoutPosesAndTheBaselinesChooseNobody() throws {
    var scene = try Self.scene([(10, 4)])
    #expect(holds(scene.space.focusIsDue(0, scene.views)))
    scene.views.setWantsPoses(0, false)
    #expect(!holds(scene.space.focusIsDue(0, scene.views)))
    var parameters = ReplicationParameters()
    parameters.mode = .broadcast
    let broadcast = try Scene(parameters: parameters)
    #expect(!holds(broadcast.space.focusIsDue(0, broadcast.views)))
  }
}
