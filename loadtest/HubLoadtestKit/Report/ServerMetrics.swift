/// What the server says about itself at `/metrics`, in Prometheus' text format 0.0.4.
public struct ServerMetrics: Sendable, Equatable {
  /// By name with labels as written, e.g. `hub_ticks_skipped_total{cause="own_work"}`.
  public private(set) var values: [String: Double] = [:]

  /// Lines that are no sample are left out; a text without any sample is refused.
  public init?(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      // A label's value may hold blanks, so the name ends at the brace or else at the first blank.
      let nameEnd: Substring.Index
      if let brace = line.firstIndex(of: "}") {
        nameEnd = line.index(after: brace)
      } else if let blank = line.firstIndex(of: " ") {
        nameEnd = blank
      } else {
        continue
      }
      let fields = line[nameEnd...].split(separator: " ")
      guard let first = fields.first, let value = Self.number(first) else { continue }
      values[String(line[..<nameEnd])] = value
    }
    guard !values.isEmpty else { return nil }
  }

  private static func number(_ text: Substring) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    default: Double(text)
    }
  }

  public subscript(_ name: String) -> Double? { values[name] }

  /// Growth of a counter since an earlier reading; nil where it is missing or the server began anew.
  public func growth(_ name: String, since earlier: ServerMetrics) -> Double? {
    guard let now = values[name], let before = earlier.values[name], now >= before else { return nil }
    return now - before
  }

  /// A percentile of a histogram's growth since an earlier reading, linear inside its bucket as Prometheus'
  /// `histogram_quantile` does. Values beyond the last finite bound are told as that bound.
  public func percentile(_ percent: Double, of name: String, since earlier: ServerMetrics) -> Double? {
    var buckets: [(bound: Double, count: Double)] = []
    let prefix = "\(name)_bucket{le=\""
    for (key, value) in values where key.hasPrefix(prefix) {
      guard let bound = Self.number(key.dropFirst(prefix.count).prefix { $0 != "\"" }),
        let before = earlier.values[key]
      else { continue }
      buckets.append((bound, value - before))
    }
    buckets.sort { $0.bound < $1.bound }
    guard let total = buckets.last?.count, total > 0 else { return nil }
    let rank = percent / 100 * total
    var (low, below) = (0.0, 0.0)
    for bucket in buckets {
      if bucket.count >= rank {
        guard bucket.bound.isFinite else { return low }
        let inside = bucket.count - below
        return inside > 0 ? low + (bucket.bound - low) * (rank - below) / inside : bucket.bound
      }
      (low, below) = (bucket.bound, bucket.count)
    }
    return low
  }
}
