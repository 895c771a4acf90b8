import HubJSON

/// What happened in each second of a measurement: enough to see when something went wrong, small enough to keep.
public struct Timeline: Sendable {
  public struct Second: Sendable {
    /// Bots that stood in a space at its end.
    public var here = 0
    public var framesPerSecond = 0.0
    /// Payload of all messages, mean over the bots here.
    public var bytesPerClientPerSecond: Double?
    public var nearErrorP99Meters: Double?
    public var midErrorP99Meters: Double?
    public var farErrorP99Meters: Double?
    public var stalenessP99Ms: Double?
    public var stepLatenessP99Ms: Double?
    public var loadtesterCPUCores: Double?
    public var serverCPUCores: Double?
    public var tickLatenessP99Ms: Double?
    public init() {}
  }
  public private(set) var seconds: [Second] = []

  /// The last second that is over; the server's figures are those of the one before while they are on their way.
  var newest: Second? {
    guard var second = seconds.last else { return nil }
    if second.serverCPUCores == nil, seconds.count > 1 {
      second.serverCPUCores = seconds[seconds.count - 2].serverCPUCores
      second.tickLatenessP99Ms = seconds[seconds.count - 2].tickLatenessP99Ms
    }
    return second
  }

  // As of the last second's end.
  private var before: Edge?
  private var metrics: (values: ServerMetrics, atMs: Double)?

  /// What only grows, at one instant.
  struct Edge {
    var atMs: Double
    var frames: Int
    var bytes: Int
    var checker: PoseChecker
    var staleness: Distribution
    var stepLatenessMs: Distribution
    var cpuSeconds: Double
  }

  public init() {}

  /// The measurement begins.
  mutating func begin(_ edge: Edge, _ metrics: ServerMetrics?) {
    before = edge
    self.metrics = metrics.map { ($0, edge.atMs) }
  }

  /// A second has passed.
  mutating func end(_ edge: Edge, here: Int) {
    guard let before, edge.atMs > before.atMs else { return }
    let length = (edge.atMs - before.atMs) / 1000
    var second = Second()
    second.here = here
    second.framesPerSecond = Double(edge.frames - before.frames) / length
    if here > 0 {
      second.bytesPerClientPerSecond = Double(edge.bytes - before.bytes) / length / Double(here)
    }
    second.nearErrorP99Meters = edge.checker.near.percentile(99, since: before.checker.near)
    second.midErrorP99Meters = edge.checker.mid.percentile(99, since: before.checker.mid)
    second.farErrorP99Meters = edge.checker.far.percentile(99, since: before.checker.far)
    second.stalenessP99Ms = edge.staleness.percentile(99, since: before.staleness)
    second.stepLatenessP99Ms = edge.stepLatenessMs.percentile(99, since: before.stepLatenessMs)
    second.loadtesterCPUCores = (edge.cpuSeconds - before.cpuSeconds) / length
    seconds.append(second)
    self.before = edge
  }

  /// The server's answer to what was asked when a second ended.
  mutating func note(_ values: ServerMetrics, askedMs: Double, second: Int) {
    defer { metrics = (values, askedMs) }
    guard let metrics, seconds.indices.contains(second), askedMs > metrics.atMs else { return }
    seconds[second].serverCPUCores = values.growth("process_cpu_seconds_total", since: metrics.values).map {
      $0 / ((askedMs - metrics.atMs) / 1000)
    }
    seconds[second].tickLatenessP99Ms =
      values.percentile(99, of: "hub_tick_lateness_seconds", since: metrics.values).map { $0 * 1000 }
  }

  /// One list a quantity, one item a second.
  var json: JSONValue {
    func column(_ name: String, _ value: (Second) -> Double?) -> JSONObject.Member {
      .init(name, .array(seconds.map { .number(value($0)) }))
    }
    return .object(
      JSONObject([
        .init("here", .array(seconds.map { .int(Int64($0.here)) })),
        column("framesPerSecond") { $0.framesPerSecond },
        column("bytesPerClientPerSecond") { $0.bytesPerClientPerSecond },
        column("nearErrorP99Meters") { $0.nearErrorP99Meters },
        column("midErrorP99Meters") { $0.midErrorP99Meters },
        column("farErrorP99Meters") { $0.farErrorP99Meters },
        column("stalenessP99Ms") { $0.stalenessP99Ms },
        column("stepLatenessP99Ms") { $0.stepLatenessP99Ms },
        column("loadtesterCpuCores") { $0.loadtesterCPUCores },
        column("serverCpuCores") { $0.serverCPUCores },
        column("tickLatenessP99Ms") { $0.tickLatenessP99Ms },
      ]))
  }
}
