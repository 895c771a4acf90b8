import HubKernel
import HubWire

/// Avatars and moving nodes of a space, by dense index; indices are reused, ids resolved by a table.
struct EntityTable: ~Copyable {
  static let none = UInt16.max

  enum State: UInt8 { case free, live, leaving }

  let capacity: Int
  private(set) var liveCount = 0
  var unplaced = 0
  /// Indices `0 ..< high` have been in use.
  private(set) var high = 0
  private var freeCount = 0

  var state: Column<State>
  var id: Column<UInt16>
  var truth: Column<Pose>
  /// Counts in digests; moving nodes don't.
  var isPerson: Column<Bool>
  /// 0: none.
  var group: Column<UInt16>
  /// Page index and slot; ``none`` while not placed.
  var page: Column<UInt16>
  var slot: Column<UInt8>
  var predictor0: Column<Predictor>
  var predictor1: Column<Predictor>
  var predictor2: Column<Predictor>
  private var free: Column<UInt16>
  private var byID: Column<UInt16>

  init(capacity: Int) {
    precondition(capacity > 0 && capacity < Int(UInt16.max))
    self.capacity = capacity
    let zero = Predictor(
      x: 0, y: 0, z: 0, base: 0, velocityX: 0, velocityZ: 0, yaw: 0, animation: 0, flags: [])
    state = Column(repeating: .free, count: capacity)
    id = Column(repeating: 0, count: capacity)
    truth = Column(repeating: Pose(x: 0, y: 0, z: 0), count: capacity)
    isPerson = Column(repeating: true, count: capacity)
    group = Column(repeating: 0, count: capacity)
    page = Column(repeating: Self.none, count: capacity)
    slot = Column(repeating: 0, count: capacity)
    predictor0 = Column(repeating: zero, count: capacity)
    predictor1 = Column(repeating: zero, count: capacity)
    predictor2 = Column(repeating: zero, count: capacity)
    free = Column(repeating: 0, count: capacity)
    byID = Column(repeating: Self.none, count: 1 << 16)
  }

  /// Whether one more fits now. Who left keeps the place until the next step.
  var hasRoom: Bool { freeCount > 0 || high < capacity }

  func index(of id: EntityID) -> Int? {
    let index = byID[Int(id.rawValue)]
    return index == Self.none ? nil : Int(index)
  }

  mutating func insert(_ newID: EntityID, pose: Pose, isPerson counts: Bool) -> Bool {
    precondition(byID[Int(newID.rawValue)] == Self.none, "the id is already in this space")
    let index: Int
    if freeCount > 0 {
      freeCount -= 1
      index = Int(free[freeCount])
    } else if high < capacity {
      index = high
      high += 1
    } else {
      return false
    }
    state[index] = .live
    id[index] = newID.rawValue
    truth[index] = pose
    isPerson[index] = counts
    group[index] = 0
    page[index] = Self.none
    byID[Int(newID.rawValue)] = UInt16(index)
    liveCount += 1
    return true
  }

  /// The id is free at once; the body leaves its slot with the next step.
  mutating func remove(_ id: EntityID) -> Bool {
    guard let index = index(of: id) else { return false }
    state[index] = .leaving
    byID[Int(id.rawValue)] = Self.none
    liveCount -= 1
    return true
  }

  mutating func release(_ index: Int) {
    state[index] = .free
    page[index] = Self.none
    free[freeCount] = UInt16(index)
    freeCount += 1
  }

  mutating func setPose(_ id: EntityID, _ pose: Pose) -> Bool {
    guard let index = index(of: id) else { return false }
    truth[index] = pose
    return true
  }

  func pose(of id: EntityID) -> Pose? { index(of: id).map { truth[$0] } }

  func predictor(_ tier: Tier, _ index: Int) -> Predictor {
    switch tier {
    case .s0: predictor0[index]
    case .s1: predictor1[index]
    case .s2: predictor2[index]
    }
  }

  mutating func setPredictor(_ tier: Tier, _ index: Int, _ predictor: Predictor) {
    switch tier {
    case .s0: predictor0[index] = predictor
    case .s1: predictor1[index] = predictor
    case .s2: predictor2[index] = predictor
    }
  }
}
