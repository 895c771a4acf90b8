public import HubKernel
import HubWire

/// One page a reader has been told about. 4 bytes.
struct ToldPage: BitwiseCopyable {
  /// Index of the page among the space's pages in use (not the page id).
  var page: UInt16
  var tier: UInt8
  /// Tick divided by 4, low 8 bits, at which the tier was chosen.
  var since: UInt8
}

/// One of a reader's chosen few. 8 bytes.
struct FocusSlot: BitwiseCopyable {
  static let absent: UInt32 = .max
  /// What the caller wants here, and what the reader has been told is here.
  var wanted: UInt16 = 0
  var told: UInt16 = 0
  var hasWanted = false
  var hasTold = false
  /// Tick divided by 2, low 8 bits, at which the wanted one was chosen.
  var since: UInt8 = 0
}

/// What the hub remembers of each reader: a fixed 2.2 kB, in columns, whatever the reader does (no queue, no history,
/// nothing per avatar). Indexed by the caller's own slot, so one of these serves all spaces of a hub.
public struct ClientViews: ~Copyable {
  public let capacity: Int
  let toldMax: Int
  let focusMax: Int
  let windowMax: Int
  let bucketMax: Int32
  let pressureDwell: Tick
  let overdue: Tick

  var told: Column<ToldPage>
  var toldCount: Column<UInt16>
  var focus: Column<FocusSlot>
  var window: Column<Tick>
  var windowCount: Column<UInt8>
  var lastFrame: Column<Tick>
  var opened: Column<Tick>
  var lastInterest: Column<Tick>
  var lastFocus: Column<Tick>
  var bucket: Column<Int32>
  var bucketTick: Column<Tick>
  var levelTick: Column<Tick>
  var level: Column<UInt8>
  var flags: Column<ViewFlags>

  struct ViewFlags: OptionSet, BitwiseCopyable {
    let rawValue: UInt8
    static let wantsNoPoses = ViewFlags(rawValue: 1)
    /// Pages wait to be told: look at the surroundings again with the next frame.
    static let interestPending = ViewFlags(rawValue: 2)
    static let hasFocus = ViewFlags(rawValue: 4)
    /// At the last frame the reader stood near a crowd.
    static let isCrowd = ViewFlags(rawValue: 8)
  }

  public init(capacity: Int, parameters: ReplicationParameters = ReplicationParameters()) {
    precondition(capacity > 0)
    parameters.validate()
    self.capacity = capacity
    toldMax = parameters.toldPagesMax
    focusMax = parameters.focusMax
    windowMax = parameters.framesUnackedMax
    // The baselines have no budget: what they would send is what they are there to show.
    bucketMax = parameters.mode == .tiers ? Int32(clamping: parameters.bytesPerSecond) : 1 << 30
    pressureDwell = parameters.pressureDwellTicks
    overdue = parameters.overdueTicks
    told = Column(repeating: ToldPage(page: 0, tier: 0, since: 0), count: capacity * toldMax)
    toldCount = Column(repeating: 0, count: capacity)
    focus = Column(repeating: FocusSlot(), count: capacity * focusMax)
    window = Column(repeating: 0, count: capacity * windowMax)
    windowCount = Column(repeating: 0, count: capacity)
    lastFrame = Column(repeating: 0, count: capacity)
    opened = Column(repeating: 0, count: capacity)
    lastInterest = Column(repeating: 0, count: capacity)
    lastFocus = Column(repeating: 0, count: capacity)
    bucket = Column(repeating: bucketMax, count: capacity)
    bucketTick = Column(repeating: 0, count: capacity)
    levelTick = Column(repeating: 0, count: capacity)
    level = Column(repeating: 0, count: capacity)
    flags = Column(repeating: [], count: capacity)
  }

  /// Bytes of state per reader.
  public var bytesPerView: Int {
    toldMax * MemoryLayout<ToldPage>.stride + focusMax * MemoryLayout<FocusSlot>.stride
      + windowMax * MemoryLayout<Tick>.stride + 2 + 1 + 4 * 7 + 1 + 1
  }

  /// The reader begins anew in a space: a connection, a resume, a change of space. Its replica must start empty too.
  /// The pressure level and the bucket survive a change of space, as the link does; `connected` says it is a new link.
  public mutating func reset(_ view: Int, now: Tick, connected: Bool = true) {
    check(view)
    toldCount[view] = 0
    windowCount[view] = 0
    lastFrame[view] = 0
    lastInterest[view] = 0
    lastFocus[view] = 0
    opened[view] = now
    flags[view] = flags[view].intersection(.wantsNoPoses)
    for slot in view * focusMax..<(view + 1) * focusMax { focus[slot] = FocusSlot() }
    guard connected else { return }
    flags[view] = []
    bucket[view] = bucketMax
    bucketTick[view] = now
    level[view] = 0
    levelTick[view] = now
  }

  /// The client has applied the frame of this tick (low 16 bits) and so all before it. False: no such frame is open,
  /// as when the same tick is acknowledged again.
  @discardableResult public mutating func ack(_ view: Int, tick16: UInt16) -> Bool {
    check(view)
    let count = Int(windowCount[view])
    let start = view * windowMax
    for index in 0..<count where UInt16(truncatingIfNeeded: window[start + index]) == tick16 {
      let rest = count - index - 1
      for moved in 0..<rest { window[start + moved] = window[start + index + 1 + moved] }
      windowCount[view] = UInt8(rest)
      return true
    }
    return false
  }

  /// Chooses whom the reader sees at S0 wherever they are; the first ``ReplicationParameters/focusMax`` count.
  /// Those who stay keep their slot. The reader is told with its next frame.
  /// ``SpaceReplicator/chooseFocus(_:contacts:_:)`` chooses anew, so use one of the two.
  public mutating func setFocus(_ view: Int, _ ids: Span<EntityID>) {
    assignFocus(view, ids, count: min(ids.count, focusMax), now: 0)
  }

  /// Focus is to be chosen anew before the next frame.
  public mutating func refreshFocus(_ view: Int) {
    check(view)
    lastFocus[view] = 0
  }

  mutating func assignFocus(_ view: Int, _ ids: Span<EntityID>, count: Int, now: Tick) {
    check(view)
    let slots = view * focusMax..<(view + 1) * focusMax
    for slot in slots where focus[slot].hasWanted {
      var stays = false
      for index in 0..<count where ids[index].rawValue == focus[slot].wanted { stays = true }
      focus[slot].hasWanted = stays
    }
    for index in 0..<count {
      let id = ids[index].rawValue
      var free = -1
      var present = false
      for slot in slots {
        if focus[slot].hasWanted {
          if focus[slot].wanted == id { present = true }
        } else if free < 0 || (focus[slot].hasTold && focus[slot].told == id) {
          free = slot
        }
      }
      if !present, free >= 0 {
        focus[free].wanted = id
        focus[free].hasWanted = true
        focus[free].since = UInt8(truncatingIfNeeded: now >> 1)
      }
    }
    flags[view].insert(.hasFocus)
  }

  /// A reader without a view of the space (hidden page, list view) gets empty frames only.
  public mutating func setWantsPoses(_ view: Int, _ wants: Bool) {
    check(view)
    if wants { flags[view].remove(.wantsNoPoses) } else { flags[view].insert(.wantsNoPoses) }
    flags[view].insert(.interestPending)
  }

  /// The caller skips this reader because its socket takes nothing: counts as pressure.
  public mutating func noteNotWritable(_ view: Int, now: Tick) {
    check(view)
    raisePressure(view, now: now)
  }

  /// 0 (none) to 7.
  public func pressureLevel(_ view: Int) -> Int { Int(level[view]) }
  /// Tick of the last frame written; 0 before the first.
  public func lastFrameTick(_ view: Int) -> Tick { lastFrame[view] }
  /// Frames written and not acknowledged.
  public func unackedFrames(_ view: Int) -> Int { Int(windowCount[view]) }
  /// Pages the reader has been told about.
  public func toldPages(_ view: Int) -> Int { Int(toldCount[view]) }
  /// Bytes the bucket holds; negative while in debt.
  public func bucketBytes(_ view: Int) -> Int { Int(bucket[view]) }

  /// Whether the connection is to be closed: the oldest unacknowledged frame, or the last frame, is over 10 s old.
  public func isOverdue(_ view: Int, now: Tick) -> Bool {
    if windowCount[view] > 0, now &- window[view * windowMax] > overdue { return true }
    return now &- (lastFrame[view] == 0 ? opened[view] : lastFrame[view]) > overdue
  }

  mutating func raisePressure(_ view: Int, now: Tick) {
    guard level[view] < 7, now &- levelTick[view] >= pressureDwell else { return }
    level[view] += 1
    levelTick[view] = now
    flags[view].insert(.interestPending)
  }

  mutating func refill(_ view: Int, now: Tick) {
    let ticks = Int64(now &- bucketTick[view])
    let refill = ticks * Int64(bucketMax) / Int64(Units.ticksPerSecond)
    bucket[view] = Int32(min(Int64(bucketMax), Int64(bucket[view]) + refill))
    bucketTick[view] = now
    let calm = bucket[view] > bucketMax / 4 * 3 && Int(windowCount[view]) * 4 <= windowMax
    if calm, level[view] > 0, now &- levelTick[view] >= pressureDwell {
      level[view] -= 1
      levelTick[view] = now
      flags[view].insert(.interestPending)
    }
  }

  private func check(_ view: Int) { precondition(view >= 0 && view < capacity) }
}
