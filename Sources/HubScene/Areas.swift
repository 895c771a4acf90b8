public import HubKernel

/// One area of a space.
public struct Area: Sendable {
  public var nodeID: String
  public var title: LocalizedText?
  public var alt: LocalizedText?
  public var purpose: AreaComponent.Purpose
  public var box: OrientedBox
  /// Barred to everybody from the start.
  public var locked: Bool
  public var capacity: Int?
  public var portal: Destination?
  /// How voice sounds inside, where the world says so.
  public var attenuation: Attenuation?
}

/// The areas of a space, by dense index, with a grid that answers "which contain this point".
public struct AreaTable: Sendable {
  public let areas: [Area]
  private let index: GroundIndex

  init(_ areas: [Area], boundsMin: Vector3, boundsMax: Vector3) {
    self.areas = areas
    index = GroundIndex(areas.map(\.box), margin: 0, boundsMin: boundsMin, boundsMax: boundsMax)
  }

  public var count: Int { areas.count }
  public subscript(_ index: Int) -> Area { areas[index] }
  public func index(of nodeID: String) -> Int? { areas.firstIndex { $0.nodeID == nodeID } }

  /// Those barred to everybody from the start.
  public var locked: AreaSet {
    var set = AreaSet(count: count)
    for (index, area) in areas.enumerated() where area.locked { set.insert(index) }
    return set
  }

  /// The areas containing a point of the space (their boxes are closed), lowest index first; at most
  /// ``AreaHits/capacity`` of them. Cost: the areas of one grid cell; no allocation.
  public func containing(_ point: Vector3) -> AreaHits {
    var hits = AreaHits()
    guard let cell = index.cell(x: point.x, z: point.z) else { return hits }
    for at in index.items(of: cell) {
      let area = Int(index.items[at])
      if areas[area].box.contains(point) { hits.append(area) }
    }
    return hits
  }

  /// The same for a pose's feet.
  public func containing(_ pose: Pose) -> AreaHits { containing(Vector3(pose)) }
}

/// Up to eight area indices, without allocation.
public struct AreaHits: Sendable, BitwiseCopyable {
  public static let capacity = 8
  var items: InlineArray<8, UInt16>
  public internal(set) var count: Int

  init() {
    items = InlineArray(repeating: 0)
    count = 0
  }

  public subscript(_ index: Int) -> Int {
    precondition(index >= 0 && index < count)
    return Int(items[index])
  }

  /// False when all places are taken: the hit is dropped.
  @discardableResult mutating func append(_ area: Int) -> Bool {
    guard count < Self.capacity else { return false }
    items[count] = UInt16(area)
    count += 1
    return true
  }
}

/// A set of areas of one space, e.g. those barred to one participant.
public struct AreaSet: Sendable, Equatable {
  private var words: [UInt64]

  /// Room for indices below `count`.
  public init(count: Int) {
    precondition(count >= 0)
    words = Array(repeating: 0, count: (count + 63) / 64)
  }

  /// Indices beyond the room are not in the set.
  public func contains(_ index: Int) -> Bool {
    index >= 0 && index >> 6 < words.count && words[index >> 6] & (1 << UInt64(index & 63)) != 0
  }
  public mutating func insert(_ index: Int) { words[index >> 6] |= 1 << UInt64(index & 63) }
  public mutating func remove(_ index: Int) { words[index >> 6] &= ~(1 << UInt64(index & 63)) }
  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// The indices, ascending.
  @inline(__always) func visit(_ each: (Int) -> Void) {
    for at in words.indices {
      var word = words[at]
      while word != 0 {
        each(at << 6 + word.trailingZeroBitCount)
        word &= word - 1
      }
    }
  }
}
