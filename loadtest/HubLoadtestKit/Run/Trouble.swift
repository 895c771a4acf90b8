import HubClient
import HubKernel
import HubNet
import HubWire

/// What goes wrong on purpose: storms, bad readers, attackers; and what the others notice.
final class Trouble {
  unowned let test: LoadTest
  private var random: SeededRandom

  // Storm.
  private(set) var cut = 0
  private(set) var backMs = Distribution.milliseconds()
  private(set) var backWithin5s = 0
  private(set) var lost = 0
  private var stormMs = Double.infinity

  // Bad readers.
  private(set) var badReaders = 0
  private(set) var recoveryMs = Distribution.milliseconds()
  private(set) var notRecovered = 0
  private(set) var closedReaders = 0
  /// Staleness and age of the newest frame at the others, before anybody read badly and since.
  var staleBefore = Distribution.milliseconds()
  var staleSince = Distribution.milliseconds()
  var frameAgeBefore = Distribution.milliseconds()
  var frameAgeSince = Distribution.milliseconds()
  private var badFromMs = Double.infinity
  private var pendingStalls: [(atMs: Double, bot: Int, reads: Bool)] = []
  /// By bot: when it began to read again, infinite when nothing is waited for.
  private var resumedMs: [Int: Double] = [:]

  // Attackers.
  private(set) var attacks = 0
  private(set) var attackersClosed: [String: Int] = [:]
  private var nextAttackMs: [Double] = []
  private var attackers: [Int] = []

  init(_ test: LoadTest) {
    self.test = test
    random = SeededRandom(seed: test.options.seed &+ 4711)
    let scenario = test.options.scenario
    // Viewers stay well-behaved: they are the ones who must not notice.
    var candidates = test.bots.filter { !$0.isViewer }.map(\.number)
    func take(_ share: Double, _ part: Bot.Part) -> [Int] {
      var taken: [Int] = []
      for _ in 0..<Int((share * Double(test.bots.count)).rounded(.up)) where !candidates.isEmpty {
        let number = candidates.remove(at: random.below(candidates.count))
        test.bots[number].part = part
        taken.append(number)
      }
      return taken
    }
    if let readers = scenario.readers {
      badReaders += take(readers.slowShare, .slowReader).count
      badReaders += take(readers.stalledShare, .staller).count
    }
    if let hostile = scenario.hostile {
      attackers = take(hostile.share, .hostile)
      nextAttackMs = attackers.map { _ in .infinity }
    }
  }

  /// The measurement begins.
  func begin(_ now: Double) {
    let scenario = test.options.scenario
    if let storm = scenario.storm { stormMs = now + storm.atSeconds * 1000 }
    if let readers = scenario.readers {
      badFromMs = now + Double(test.options.seconds) * 500
      for bot in test.bots where bot.part == .staller {
        let at = badFromMs + random.unit() * 1000
        pendingStalls.append((at, bot.number, false))
        pendingStalls.append((at + readers.stallSeconds * 1000, bot.number, true))
      }
      for bot in test.bots where bot.part == .slowReader {
        pendingStalls.append((badFromMs, bot.number, false))
        // The last seconds are for catching up.
        let end = now + Double(test.options.seconds) * 1000
        pendingStalls.append((max(badFromMs, end - 5000), bot.number, true))
      }
      pendingStalls.sort { $0.atMs > $1.atMs }
    }
    if let hostile = scenario.hostile {
      nextAttackMs = attackers.map { _ in now + random.unit() * 1000 / hostile.perSecond }
    }
  }

  func step(_ now: Double) {
    guard test.stage == .measuring else { return }
    if now >= stormMs { strike(now) }
    while let next = pendingStalls.last, next.atMs <= now {
      pendingStalls.removeLast()
      setReading(test.bots[next.bot], next.reads, now)
    }
    if let hostile = test.options.scenario.hostile { attackDue(hostile, now) }
    if test.options.faults.delayMs > 0 {
      for bot in test.bots where bot.isViewer { applyDelayed(bot, now) }
    }
  }

  private func applyDelayed(_ bot: Bot, _ now: Double) {
    while let first = bot.delayed.first, first.dueMs <= now {
      bot.delayed.removeFirst()
      test.pool.apply(first.frame, bot.client)
    }
  }

  // MARK: Storm

  /// Whether nobody being there is the storm's doing.
  func isStormy(_ now: Double) -> Bool {
    guard let storm = test.options.scenario.storm, stormMs == .infinity, cut > 0 else { return false }
    let began = test.stageSinceMs + storm.atSeconds * 1000
    return now - began < storm.jitterSeconds * 1000 + 15_000
  }

  private func strike(_ now: Double) {
    guard let storm = test.options.scenario.storm else { return }
    stormMs = .infinity
    for bot in test.bots where bot.presence == .here && bot.part == .ordinary {
      guard storm.share >= 1 || random.unit() < storm.share else { continue }
      bot.presence = .resuming
      bot.cutMs = now
      bot.resumeDelayMs = random.unit() * storm.jitterSeconds * 1000
      cut += 1
      test.pool.vanish(bot.client)
    }
  }

  /// The first frame after the storm: it sees again.
  func noteBack(_ bot: Bot, _ now: Double) {
    let waited = now - bot.cutMs
    bot.cutMs = .infinity
    backMs.record(max(waited, 0))
    if waited <= 5000 { backWithin5s += 1 }
  }

  // MARK: Bad readers

  private func setReading(_ bot: Bot, _ reads: Bool, _ now: Double) {
    let rate = bot.part == .slowReader ? test.options.scenario.readers?.slowBytesPerSecond ?? 0 : 0
    test.pool.setReading(bot.client, bytesPerSecond: reads ? nil : rate)
    if reads, bot.client.isConnected { resumedMs[bot.number] = now }
    if reads, !bot.client.isConnected { closedReaders += 1 }
  }

  /// Recovered: the newest frame is at most a quarter of a second old, as the protocol promises.
  func noteFrame(of bot: Bot, _ now: Double) {
    guard let since = resumedMs[bot.number], let tick = bot.client.session.frameTick else { return }
    guard now - bot.client.session.clock.localMs(ofTick: Double(tick)) <= 250 else { return }
    resumedMs[bot.number] = nil
    recoveryMs.record(max(now - since, 0))
  }

  func noteStaleness(_ ms: Double, _ now: Double) {
    guard test.options.scenario.readers != nil, test.stage == .measuring else { return }
    if now < badFromMs { staleBefore.record(ms) } else { staleSince.record(ms) }
  }

  func noteFrameAge(_ ms: Double, _ now: Double) {
    guard test.options.scenario.readers != nil else { return }
    if now < badFromMs { frameAgeBefore.record(ms) } else { frameAgeSince.record(ms) }
  }

  // MARK: Attackers

  private func attackDue(_ hostile: Scenario.Hostile, _ now: Double) {
    for (index, number) in attackers.enumerated() where nextAttackMs[index] <= now {
      let bot = test.bots[number]
      // Planned instants stay: what a stall of ours has delayed is sent then, not left out.
      nextAttackMs[index] += 1000 / hostile.perSecond
      if now - nextAttackMs[index] > 1000 { nextAttackMs[index] = now }
      guard bot.client.isConnected, bot.presence == .here else { continue }
      attacks += 1
      attack(bot, hostile.kinds[index % hostile.kinds.count])
    }
  }

  private func attack(_ bot: Bot, _ kind: Scenario.Hostility) {
    switch kind {
    case .malformed:
      switch random.below(4) {
      case 0: test.pool.send(Array("{\"t\":\"chat\",\"to\":".utf8), bot.client)
      case 1: test.pool.send(Array("{\"t\":\"fireworks\",\"n\":\(random.below(1000))}".utf8), bot.client)
      case 2: test.pool.sendRaw(binary: junk(1 + random.below(64)), bot.client)
      default: test.pool.sendRaw(binary: [1] + junk(28), bot.client)
      }
    case .frames:
      switch random.below(4) {
      case 0: test.pool.sendWire([0x81, 0x02, 0x7B, 0x7D], bot.client)  // not masked
      case 1: test.pool.sendWire([0xF2, 0x81, 1, 2, 3, 4, 9], bot.client)  // reserved bits
      case 2:
        test.pool.sendWire([0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0], bot.client)
      default: test.pool.sendWire([0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], bot.client)  // not UTF-8
      }
    case .flood:
      for _ in 0..<20 {
        test.pool.send(ClientRequest.chat(SendChat(to: "space", text: "flood")), bot.client)
        test.pool.sendRaw(binary: junk(22), bot.client)
      }
    case .oversize:
      test.pool.send(
        Array("{\"t\":\"chat\",\"to\":\"space\",\"text\":\"\(String(repeating: "x", count: 60_000))\"}".utf8),
        bot.client)
    }
  }

  private func junk(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(random.below(256)) } }

  func noteEnd(ofHostile bot: Bot, _ end: ConnectionEnd) {
    switch end {
    case .closedByPeer(let code, let reason): attackersClosed["\(code) \(reason)", default: 0] += 1
    case .lost: attackersClosed["cut", default: 0] += 1
    case .connectFailed: attackersClosed["not let in", default: 0] += 1
    case .closedHere, .loopStopped: break
    }
  }

  // MARK: End

  func end(_ now: Double) {
    lost = test.bots.count { $0.cutMs < .infinity }
    notRecovered = resumedMs.count
    for bot in test.bots where bot.part == .staller || bot.part == .slowReader {
      test.pool.setReading(bot.client, bytesPerSecond: nil)
    }
  }
}
