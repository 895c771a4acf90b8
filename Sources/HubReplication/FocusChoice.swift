public import HubKernel
import HubWire

/// For whom focus is chosen, beyond what the space knows of everybody.
public struct FocusRequest: Sendable {
  /// Index of the reader in its ``ClientViews``.
  public var view: Int
  /// The reader's own avatar: never in its focus.
  public var own: EntityID?
  /// Where it looks from and to.
  public var viewer: Pose
  /// Whom the reader follows: in its focus whatever the score.
  public var followed: EntityID?

  public init(view: Int, own: EntityID?, viewer: Pose, followed: EntityID? = nil) {
    self.view = view
    self.own = own
    self.viewer = viewer
    self.followed = followed
  }
}

/// What makes somebody interesting. A score is 1/d² (d in metres) plus bonuses that are each the score of somebody at a
/// certain distance; the idea is Donnybrook's focus set (Bharambe et al., SIGCOMM 2008).
enum FocusScore {
  /// Factor for people within 60 degrees of the line of sight.
  static let inFront: Float = 2
  /// As somebody at 4 m.
  static let talking: Float = 1.0 / 16
  /// As somebody at 5 m.
  static let sameGroup: Float = 1.0 / 25
  /// As somebody at 2.5 m.
  static let contact: Float = 1.0 / 6.25
  /// Whoever is in focus stays until somebody is a fifth better …
  static let incumbent: Float = 1.2
  /// … and for half a second in any case.
  static let dwelling: Float = 1e6
  /// Presenters and the one followed.
  static let pinned: Float = 1e9
  static let dwellTicks: Tick = 10
  /// Presenters in everybody's focus.
  static let presentersMax = 8
}

/// The best so far; nothing of it outlives a choice, but for the presenters.
struct FocusScratch: ~Copyable {
  var entity = Column<UInt16>(repeating: 0, count: FrameLimits.focusSlots)
  var score = Column<Float>(repeating: 0, count: FrameLimits.focusSlots)
  var ids = Column<EntityID>(repeating: EntityID(rawValue: 0), count: FrameLimits.focusSlots)
  var count = 0
  var room = 0
  /// Lowest score in a full list, else a score that everybody beats; and its place.
  var least: Float = -1
  var leastAt = 0
  /// Squared steps on the floor beyond which nobody without a bonus beats ``least``.
  var farthest: Float = .infinity
  var presenters = Column<EntityID>(repeating: EntityID(rawValue: 0), count: FocusScore.presentersMax)
  var presenterCount = 0

  mutating func begin(room: Int) {
    self.room = room
    count = 0
    least = room > 0 ? -1 : .infinity
    farthest = .infinity
  }

  func holds(_ index: Int) -> Bool {
    for at in 0..<count where Int(entity[at]) == index { return true }
    return false
  }

  /// Keeps the entity if it is among the best.
  mutating func offer(_ index: Int, _ value: Float) {
    guard value > least, !holds(index) else { return }
    var at = leastAt
    if count < room {
      at = count
      count += 1
    }
    entity[at] = UInt16(index)
    score[at] = value
    guard count == room else { return }
    leastAt = 0
    for other in 1..<max(room, 1) where score[other] < score[leastAt] { leastAt = other }
    least = score[leastAt]
    farthest = FocusScore.inFront * Gaze.oneAtSteps / least
  }
}

extension SpaceReplicator {
  /// People in one group (an area, 1...65535; 0: none) are more interesting to each other.
  public mutating func setGroup(_ id: EntityID, _ group: UInt16) {
    if let index = entities.index(of: id) { entities.group[index] = group }
  }

  /// Who stands on a stage: in everybody's focus, wherever they are. The first 8 count.
  public mutating func setPresenters(_ ids: Span<EntityID>) {
    focus.presenterCount = min(ids.count, FocusScore.presentersMax)
    for index in 0..<focus.presenterCount { focus.presenters[index] = ids[index] }
  }

  /// Whether a view's focus should be chosen anew: every 16 ticks, staggered by view; at once after a reset or
  /// ``ClientViews/refreshFocus(_:)``.
  public func focusIsDue(_ view: Int, _ views: borrowing ClientViews) -> Bool {
    guard parameters.mode == .tiers, !views.flags[view].contains(.wantsNoPoses) else { return false }
    let (last, period) = (views.lastFocus[view], parameters.focusPeriodTicks)
    return last == 0 || (tick &+ Tick(view)) / period != (last &+ Tick(view)) / period
  }

  /// Chooses whom a reader sees at S0 although their page is told more coarsely: presenters and the one followed, then by
  /// score (``FocusScore``) whoever is near, in front, talking, of the same group, or a recent contact. People on pages
  /// told at S0 need no focus. Under pressure fewer are chosen. The reader is told with its next frame.
  ///
  /// Cost: some microseconds with 2,000 in 40 x 40 m; allocates nothing.
  /// - Parameter contacts: whom the reader has just dealt with; looked up wherever they are.
  public mutating func chooseFocus(
    _ request: FocusRequest, contacts: Span<EntityID>, _ views: inout ClientViews
  ) {
    let view = request.view
    views.lastFocus[view] = tick
    focus.begin(room: views.focusMax >> (Int(views.level[view]) / 2))
    let own = request.own.flatMap { entities.index(of: $0) } ?? Int(EntityTable.none)
    if let followed = request.followed { pin(followed, own) }
    for index in 0..<focus.presenterCount { pin(focus.presenters[index], own) }
    let told = view * views.toldMax
    for index in told..<told + Int(views.toldCount[view]) where views.told[index].tier == 0 {
      interest.toldAt[Int(views.told[index].page)] = 1
    }
    let gaze = Gaze(grid.clamped(request.viewer), own, own < entities.capacity ? entities.group[own] : 0)
    // First those who may be anywhere, with what they have beyond their place; the crowd around then finds them there.
    for slot in view * views.focusMax..<(view + 1) * views.focusMax where views.focus[slot].hasWanted {
      offer(EntityID(rawValue: views.focus[slot].wanted), gaze, contacts, incumbent: views.focus[slot])
    }
    for index in 0..<contacts.count { offer(contacts[index], gaze, contacts, incumbent: nil) }
    offerCrowd(gaze)
    for index in told..<told + Int(views.toldCount[view]) {
      interest.toldAt[Int(views.told[index].page)] = 0
    }
    for index in 0..<focus.count {
      focus.ids[index] = EntityID(rawValue: entities.id[Int(focus.entity[index])])
    }
    views.assignFocus(view, focus.ids.span, count: focus.count, now: tick)
  }

  private mutating func pin(_ id: EntityID, _ own: Int) {
    guard let index = entities.index(of: id), index != own else { return }
    focus.offer(index, FocusScore.pinned)
  }

  private mutating func offer(
    _ id: EntityID, _ gaze: Gaze, _ contacts: Span<EntityID>, incumbent: FocusSlot?
  ) {
    guard let index = entities.index(of: id), index != gaze.own, entities.isPerson[index] else { return }
    let page = entities.page[index]
    guard page != EntityTable.none, interest.toldAt[Int(page)] == 0 else { return }
    var score = gaze.score(entities.truth[index], entities.group[index])
    for at in 0..<contacts.count where contacts[at] == id {
      score += FocusScore.contact
      break
    }
    if let incumbent {
      let age = Tick(UInt8(truncatingIfNeeded: tick >> 1) &- incumbent.since) << 1
      score = age < FocusScore.dwellTicks ? FocusScore.dwelling : score * FocusScore.incumbent
    }
    focus.offer(index, score)
  }

  /// Everybody in the cells within reach whose page isn't told at S0.
  private mutating func offerCrowd(_ gaze: Gaze) {
    let reach = Units.steps(meters: parameters.focusMeters)
    let low = boxCoordinates(gaze.viewer, -Int64(reach))
    let high = boxCoordinates(gaze.viewer, Int64(reach))
    for band in low.band...high.band {
      for z in low.z...high.z {
        for x in low.x...high.x {
          let cell = grid.cell(x: x, band: band, z: z)
          for number in 0..<parameters.pagesPerCellMax {
            guard let page = pages.find(cell: cell, number: number) else { break }
            guard pages.occupants[page] > 0, interest.toldAt[page] == 0,
              squaredDistance(gaze.viewer, page) <= Int64(reach) * Int64(reach)
            else { continue }
            let slots = page * pages.slots..<page * pages.slots + Int(pages.slotsUsed[page])
            Self.offer(
              slots, pages.entity, entities.truth, entities.group, entities.isPerson, gaze, &focus)
          }
        }
      }
    }
  }

  /// From a place to the box of a page's cell, on x and z.
  private func squaredDistance(_ from: Pose, _ page: Int) -> Int64 {
    func gap(_ at: Int32, _ low: Int32) -> Int64 { Int64(max(low - at, 0, at - (low + grid.cellSteps))) }
    let dx = gap(from.x, pages.origin[page].x + CodedVolume.marginSteps)
    let dz = gap(from.z, pages.origin[page].z + CodedVolume.marginSteps)
    return dx * dx + dz * dz
  }

  private static func offer(
    _ slots: Range<Int>, _ entity: borrowing Column<UInt16>, _ truth: borrowing Column<Pose>,
    _ group: borrowing Column<UInt16>, _ isPerson: borrowing Column<Bool>, _ gaze: Gaze,
    _ focus: inout FocusScratch
  ) {
    for at in slots where entity[at] != EntityTable.none {
      let index = Int(entity[at])
      // Most are too far to matter: told apart before anything is divided.
      let dx = Float(truth[index].x &- gaze.viewer.x)
      let dz = Float(truth[index].z &- gaze.viewer.z)
      if dx * dx + dz * dz > focus.farthest, !truth[index].flags.contains(.talking),
        gaze.group == 0 || group[index] != gaze.group
      {
        continue
      }
      let score = gaze.score(truth[index], group[index])
      if score > focus.least, index != gaze.own, isPerson[index] { focus.offer(index, score) }
    }
  }
}

/// A reader's place and line of sight.
struct Gaze {
  let viewer: Pose
  let own: Int
  let group: UInt16
  /// Squared steps in a square metre.
  static let oneAtSteps: Float = 160_000
  private let forwardX: Float
  private let forwardZ: Float

  init(_ viewer: Pose, _ own: Int, _ group: UInt16) {
    self.viewer = viewer
    self.own = own
    self.group = group
    let (sin, cos) = Trigonometry.sinCos(yaw: viewer.yaw)
    (forwardX, forwardZ) = (Float(-sin), Float(-cos))
  }

  /// What somebody's place, voice and group are worth.
  func score(_ pose: Pose, _ group: UInt16) -> Float {
    let dx = Float(pose.x &- viewer.x)
    let dy = Float(pose.y &- viewer.y)
    let dz = Float(pose.z &- viewer.z)
    let flat = dx * dx + dz * dz
    // Nearer than half a metre counts as that.
    var score = Self.oneAtSteps / max(flat + dy * dy, 40_000)
    let ahead = dx * forwardX + dz * forwardZ
    // Within 60 degrees: the cosine is over a half.
    if ahead > 0, ahead * ahead * 4 > flat { score *= FocusScore.inFront }
    if pose.flags.contains(.talking) { score += FocusScore.talking }
    if group != 0, group == self.group { score += FocusScore.sameGroup }
    return score
  }
}
