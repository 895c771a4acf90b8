import Histogram

/// A distribution of one quantity, kept as an HDR histogram of whole units (Tene, HdrHistogram), so that results of
/// several machines can be added and no average hides a tail.
public struct Distribution: Sendable {
  private(set) var histogram: Histogram<UInt64>
  let unitsPerOne: Double
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
}
