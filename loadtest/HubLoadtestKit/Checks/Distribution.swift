import Histogram
public import HubJSON

/// A distribution of one quantity, kept as an HDR histogram of whole units (Tene, HdrHistogram), so that results of
/// several machines can be added and no average hides a tail.
public struct Distribution: Sendable {
  private var histogram: Histogram<UInt64>
  private let unitsPerOne: Double
  private(set) var sum = 0.0
  public private(set) var largest = 0.0

  /// - Parameters:
  ///   - resolution: the smallest difference kept, in the quantity's unit.
  ///   - largest: values above it are counted as it.
  public init(resolution: Double, largest: Double) {
    unitsPerOne = 1 / resolution
    histogram = Histogram(
      highestTrackableValue: UInt64(largest / resolution), numberOfSignificantValueDigits: .three)
  }

  public static func meters() -> Distribution { Distribution(resolution: 0.0001, largest: 1000) }
  public static func milliseconds() -> Distribution { Distribution(resolution: 0.01, largest: 100_000) }
  public static func bytes() -> Distribution { Distribution(resolution: 1, largest: 100_000_000) }

  public mutating func record(_ value: Double) {
    precondition(value >= 0)
    let units = min(UInt64((value * unitsPerOne).rounded()), histogram.highestTrackableValue)
    let kept = histogram.record(units)
    precondition(kept)
    sum += value
    largest = max(largest, value)
  }

  public mutating func add(_ other: Distribution) {
    precondition(other.unitsPerOne == unitsPerOne)
    histogram.add(other.histogram)
    sum += other.sum
    largest = max(largest, other.largest)
  }

  public var count: Int { Int(histogram.totalCount) }
  public var mean: Double? { count == 0 ? nil : sum / Double(count) }
  /// Nil when nothing was recorded.
  public func percentile(_ percent: Double) -> Double? {
    count == 0 ? nil : min(Double(histogram.valueAtPercentile(percent)) / unitsPerOne, largest)
  }

  /// `count`, `mean`, `p50`, `p95`, `p99`, `max`; null where nothing was recorded.
  public var json: JSONValue {
    .object(
      JSONObject([
        .init("count", .int(Int64(count))), .init("mean", .number(mean)),
        .init("p50", .number(percentile(50))),
        .init("p95", .number(percentile(95))), .init("p99", .number(percentile(99))),
        .init("max", .number(count == 0 ? nil : largest)),
      ]))
  }
}

extension JSONValue {
  /// A number rounded to six significant places behind the point, or null.
  static func number(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .real((value * 1_000_000).rounded() / 1_000_000)
  }
  static func count(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }
}
