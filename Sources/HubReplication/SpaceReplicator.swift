public import HubKernel
import HubWire

/// Replication of one space: everything that moves in it, its grid and pages, and the frames of its readers.
///
/// One tick is: `insert`, `remove`, `setPose` as inputs come, then `step(tick:)` once, then `buildFrame` for each reader
/// that can take one. Frames are written from one finished tick, whatever has been set since.
/// Memory: about 120 bytes per entity, and 4.6 kB per page once somebody has stood on it.
public struct SpaceReplicator: ~Copyable {
  public let grid: SpaceGrid
  public let parameters: ReplicationParameters
  /// The last executed tick; 0 before the first.
  public internal(set) var tick: Tick = 0
  /// The one executed before it.
  var previousTick: Tick = 0
  /// Scale of all error bounds in 1/16: overload makes the whole space coarser.
  public var errorScale16: UInt16 = 16
  /// Overload: frames go out at half the rate, news nearby included.
  public var hasThinCadence = false

  var entities: EntityTable
  var pages: PageTable
  var live: LiveBlocks
  var interest: InterestScratch
  var digests: DigestTable
  var focus = FocusScratch()
  var emission: EmissionScratch
  /// Emissions put off by a tick, because their page had too many at once.
  public internal(set) var postponedEmissions: UInt64 = 0
  /// Coarse cell by cell.
  let coarseOfCell: [UInt16]

  /// - Parameter entityCapacity: avatars and moving nodes of this space at once.
  public init(
    grid: SpaceGrid, entityCapacity: Int, parameters: ReplicationParameters = ReplicationParameters()
  ) {
    parameters.validate()
    self.grid = grid
    self.parameters = parameters
    entities = EntityTable(capacity: entityCapacity)
    pages = PageTable(grid: grid, parameters: parameters, initialPages: min(grid.cells, 64))
    live = LiveBlocks(pageCapacity: pages.capacity)
    interest = InterestScratch(pageCapacity: pages.capacity, toldMax: parameters.toldPagesMax)
    digests = DigestTable(grid: grid)
    emission = EmissionScratch(entityCapacity: entityCapacity, pageCapacity: pages.capacity)
    coarseOfCell = (0..<grid.cells).map { UInt16(grid.coarse(ofCell: $0)) }
  }

  /// Entities in the space, those not placed included.
  public var count: Int { entities.liveCount }
  /// Whether one more can be inserted now. Who was removed keeps the place until the next step.
  public var hasRoom: Bool { entities.hasRoom }
  /// Entities that stand nowhere, because all pages of their cell are full; they are placed as soon as one has room.
  public var unplacedCount: Int { entities.unplaced }
  /// Pages in use so far.
  public var pageCount: Int { pages.count }

  /// Adds an entity; readers learn of it with the tick that follows. False: the space is full.
  /// Traps on an id that is already here.
  /// - Parameter isPerson: counts in digests; false for a moving node.
  public mutating func insert(_ id: EntityID, pose: Pose, isPerson: Bool = true) -> Bool {
    entities.insert(id, pose: grid.clamped(pose), isPerson: isPerson)
  }

  /// Takes an entity out; readers learn of it with the tick that follows. False: it is not here.
  @discardableResult public mutating func remove(_ id: EntityID) -> Bool { entities.remove(id) }

  /// Sets the true pose; positions outside the grid's volume are clamped into it. False: it is not here.
  @discardableResult public mutating func setPose(_ id: EntityID, _ pose: Pose) -> Bool {
    entities.setPose(id, grid.clamped(pose))
  }

  /// The true pose, or nil when the entity is not here.
  public func pose(of id: EntityID) -> Pose? { entities.pose(of: id) }
  /// Whether the entity is here.
  public func contains(_ id: EntityID) -> Bool { entities.index(of: id) != nil }
}
