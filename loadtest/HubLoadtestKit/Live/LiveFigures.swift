/// What a run shows while it runs: figures of the last second, nil where there are none yet.
public struct LiveFigures: Sendable, Equatable, Codable {
  /// `arriving`, `settling`, `measuring`, `leaving`, `over`.
  public var stage = ""
  public var here = 0
  public var bots = 0
  /// Of the present stage; nil for its length where it is not known.
  public var secondsPassed = 0.0
  public var secondsLong: Double?
  public var framesPerSecond: Double?
  public var bytesPerClientPerSecond: Double?
  public var nearErrorP99Meters: Double?
  public var midErrorP99Meters: Double?
  public var farErrorP99Meters: Double?
  public var stalenessP99Ms: Double?
  public var serverCPUCores: Double?
  public var testersCPUCores: Double?
  public var tickLatenessP99Ms: Double?
  public var stepLatenessP99Ms: Double?
  /// Connections not made, or ended against a bot's will.
  public var failedConnections = 0

  public init() {}

  public var secondsLeft: Double? { secondsLong.map { max($0 - secondsPassed, 0) } }

  /// Of several testers: sums of counts and rates, a mean over the bots, the worst of errors and delays.
  public static func merged(_ all: [LiveFigures]) -> LiveFigures {
    guard var sum = all.first else { return LiveFigures() }
    for next in all.dropFirst() {
      func add(_ a: Double?, _ b: Double?) -> Double? { a.map { $0 + (b ?? 0) } ?? b }
      func worst(_ a: Double?, _ b: Double?) -> Double? { a.map { max($0, b ?? $0) } ?? b }
      let bytes = add(
        sum.bytesPerClientPerSecond.map { $0 * Double(sum.here) },
        next.bytesPerClientPerSecond.map { $0 * Double(next.here) })
      sum.here += next.here
      sum.bots += next.bots
      sum.bytesPerClientPerSecond = sum.here > 0 ? bytes.map { $0 / Double(sum.here) } : nil
      sum.failedConnections += next.failedConnections
      sum.framesPerSecond = add(sum.framesPerSecond, next.framesPerSecond)
      sum.testersCPUCores = add(sum.testersCPUCores, next.testersCPUCores)
      sum.nearErrorP99Meters = worst(sum.nearErrorP99Meters, next.nearErrorP99Meters)
      sum.midErrorP99Meters = worst(sum.midErrorP99Meters, next.midErrorP99Meters)
      sum.farErrorP99Meters = worst(sum.farErrorP99Meters, next.farErrorP99Meters)
      sum.stalenessP99Ms = worst(sum.stalenessP99Ms, next.stalenessP99Ms)
      sum.tickLatenessP99Ms = worst(sum.tickLatenessP99Ms, next.tickLatenessP99Ms)
      sum.stepLatenessP99Ms = worst(sum.stepLatenessP99Ms, next.stepLatenessP99Ms)
      sum.serverCPUCores = worst(sum.serverCPUCores, next.serverCPUCores)
      // The run is where the slowest is.
      if next.secondsPassed < sum.secondsPassed {
        (sum.stage, sum.secondsPassed, sum.secondsLong) = (next.stage, next.secondsPassed, next.secondsLong)
      }
    }
    return sum
  }

  /// One line, for logs and pipes.
  public var line: String {
    func text(_ value: Double?, _ digits: Int) -> String { ReportDocument.fixed(value, digits) }
    var line = "\(stage): \(here)/\(bots) here"
    if let secondsLeft { line += ", \(text(secondsLeft, 0)) s left" }
    if framesPerSecond != nil {
      line += ", \(text(framesPerSecond, 0)) frames/s"
      line += ", \(text(bytesPerClientPerSecond.map { $0 / 1000 }, 2)) kB/s each"
    }
    if nearErrorP99Meters != nil { line += ", near p99 \(text(nearErrorP99Meters.map { $0 * 100 }, 1)) cm" }
    if stalenessP99Ms != nil { line += ", stale p99 \(text(stalenessP99Ms, 0)) ms" }
    if failedConnections > 0 { line += ", \(failedConnections) connections failed" }
    return line
  }
}

extension LiveFigures {
  /// The newest second of a time line.
  mutating func take(_ second: Timeline.Second) {
    framesPerSecond = second.framesPerSecond
    bytesPerClientPerSecond = second.bytesPerClientPerSecond
    nearErrorP99Meters = second.nearErrorP99Meters
    midErrorP99Meters = second.midErrorP99Meters
    farErrorP99Meters = second.farErrorP99Meters
    stalenessP99Ms = second.stalenessP99Ms
    testersCPUCores = second.loadtesterCPUCores
    stepLatenessP99Ms = second.stepLatenessP99Ms
    serverCPUCores = second.serverCPUCores
    tickLatenessP99Ms = second.tickLatenessP99Ms
  }
}
