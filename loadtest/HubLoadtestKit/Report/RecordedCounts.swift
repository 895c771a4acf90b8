import Histogram
public import HubJSON

/// A distribution as a report holds it: how often each value was recorded, so that reports of several testers can be
/// added without loss. Values are the upper edges of HDR buckets (three significant figures), in whole units.
public struct RecordedCounts: Sendable, Equatable {
  public struct Bucket: Sendable, Equatable {
    public var value: Int
    public var count: Int
    public init(value: Int, count: Int) {
      self.value = value
      self.count = count
    }
  }
  /// One unit in the quantity's own unit, e.g. 0.0001 m.
  public private(set) var unit: Double
  /// Ascending by value, none of them empty.
  public private(set) var buckets: [Bucket]
  public private(set) var sum: Double
  /// Exact, where buckets are rounded.
  public private(set) var largest: Double

  public init(unit: Double, buckets: [Bucket], sum: Double, largest: Double) {
    self.unit = unit
    self.buckets = buckets
    self.sum = sum
    self.largest = largest
  }

  public var count: Int { buckets.reduce(0) { $0 + $1.count } }
  public var mean: Double? {
    let count = count
    return count == 0 ? nil : sum / Double(count)
  }

  /// The smallest recorded value that `percent` of all values are at or below; nil when nothing was recorded.
  public func percentile(_ percent: Double) -> Double? {
    let total = count
    guard total > 0 else { return nil }
    let rank = max(1, Int((percent.nextDown / 100 * Double(total)).rounded(.up)))
    var below = 0
    for bucket in buckets {
      below += bucket.count
      if below >= rank { return min(Double(bucket.value) * unit, largest) }
    }
    return largest
  }

  /// Share of values at or below one; nil when nothing was recorded.
  public func share(atMost value: Double) -> Double? {
    let total = count
    guard total > 0 else { return nil }
    let below = buckets.reduce(0) { Double($1.value) * unit <= value ? $0 + $1.count : $0 }
    return Double(below) / Double(total)
  }

  /// - Precondition: the same unit.
  public func adding(_ other: RecordedCounts) -> RecordedCounts {
    precondition(unit == other.unit, "distributions of different units")
    var merged: [Bucket] = []
    merged.reserveCapacity(max(buckets.count, other.buckets.count))
    var (left, right) = (0, 0)
    while left < buckets.count || right < other.buckets.count {
      if right == other.buckets.count
        || (left < buckets.count && buckets[left].value < other.buckets[right].value)
      {
        merged.append(buckets[left])
        left += 1
      } else if left == buckets.count || other.buckets[right].value < buckets[left].value {
        merged.append(other.buckets[right])
        right += 1
      } else {
        merged.append(
          Bucket(value: buckets[left].value, count: buckets[left].count + other.buckets[right].count))
        left += 1
        right += 1
      }
    }
    return RecordedCounts(
      unit: unit, buckets: merged, sum: sum + other.sum, largest: max(largest, other.largest))
  }

  // MARK: JSON

  /// `count`, `mean`, `p50`, `p95`, `p99`, `max` (null where nothing was recorded), `histogram`.
  public var json: JSONValue {
    let counts = buckets.map { JSONValue.array([.int(Int64($0.value)), .int(Int64($0.count))]) }
    return .object(
      JSONObject([
        .init("count", .int(Int64(count))), .init("mean", .number(mean)),
        .init("p50", .number(percentile(50))), .init("p95", .number(percentile(95))),
        .init("p99", .number(percentile(99))), .init("max", .number(count == 0 ? nil : largest)),
        .init(
          "histogram",
          .object(JSONObject([.init("unit", .real(unit)), .init("counts", .array(counts))]))),
      ]))
  }

  /// Nil where the value is no distribution with its histogram.
  public init?(_ json: JSONValue) {
    guard case .object(let object) = json, case .object(let histogram)? = object["histogram"],
      let unit = histogram["unit"]?.double, unit > 0, case .array(let pairs)? = histogram["counts"]
    else { return nil }
    var buckets: [Bucket] = []
    buckets.reserveCapacity(pairs.count)
    for pair in pairs {
      guard case .array(let items) = pair, items.count == 2, case .int(let value) = items[0],
        case .int(let count) = items[1], value >= 0, value <= 1 << 40, count > 0, count <= 1 << 40,
        buckets.count < 1 << 20,
        value > buckets.last?.value ?? -1
      else { return nil }
      buckets.append(Bucket(value: Int(value), count: Int(count)))
    }
    self.init(unit: unit, buckets: buckets, sum: 0, largest: object["max"]?.double ?? 0)
    guard let mean = object["mean"]?.double else {
      if buckets.isEmpty { return }
      return nil
    }
    sum = mean * Double(count)
  }
}

extension Distribution {
  /// All that was recorded.
  public var recorded: RecordedCounts {
    var buckets: [RecordedCounts.Bucket] = []
    for item in histogram.recordedValues() {
      buckets.append(.init(value: Int(item.value), count: Int(item.count)))
    }
    return RecordedCounts(unit: 1 / unitsPerOne, buckets: buckets, sum: sum, largest: largest)
  }

  /// A percentile of what was recorded after an earlier copy of this distribution; nil when nothing was.
  func percentile(_ percent: Double, since earlier: Distribution) -> Double? {
    let grown = count - earlier.count
    guard grown > 0 else { return nil }
    let rank = max(1, Int((percent.nextDown / 100 * Double(grown)).rounded(.up)))
    var below = 0
    for item in histogram.recordedValues() {
      below += Int(item.count) - Int(earlier.histogram.countForValue(item.value))
      if below >= rank { return min(Double(item.value) / unitsPerOne, largest) }
    }
    return largest
  }

  public var json: JSONValue { recorded.json }
}

extension JSONValue {
  /// Integers and reals alike; nil for everything else.
  var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }
  /// A number rounded to six significant places behind the point, or null.
  static func number(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .real((value * 1_000_000).rounded() / 1_000_000)
  }
  static func count(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }
}
