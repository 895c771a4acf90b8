/// A fixed histogram for Prometheus: recording allocates nothing.
package struct FixedHistogram {
  let boundsSeconds: [Double]
  private(set) var counts: [Int]
  private(set) var sumSeconds = 0.0
  private(set) var count = 0

  package init(boundsSeconds: [Double]) {
    precondition(boundsSeconds == boundsSeconds.sorted() && !boundsSeconds.isEmpty)
    self.boundsSeconds = boundsSeconds
    counts = Array(repeating: 0, count: boundsSeconds.count + 1)
  }

  package mutating func record(microseconds: Int64) {
    let seconds = Double(max(0, microseconds)) / 1e6
    var bucket = 0
    while bucket < boundsSeconds.count, seconds > boundsSeconds[bucket] { bucket += 1 }
    counts[bucket] += 1
    count += 1
    sumSeconds += seconds
  }

  package func render(_ name: String, _ help: String, into text: inout String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
    var total = 0
    for (index, bound) in boundsSeconds.enumerated() {
      total += counts[index]
      text += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
    }
    text += "\(name)_bucket{le=\"+Inf\"} \(count)\n\(name)_sum \(sumSeconds)\n\(name)_count \(count)\n"
  }
}
