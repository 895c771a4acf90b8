import HubClient
import HubKernel

/// One bot's part in voice: what a browser would say to each other browser, by perfect negotiation (W3C WebRTC 1.0,
/// section 10.7), with nobody listening.
struct VoiceBot {
  private struct Link {
    var epoch: Int
    var isPolite: Bool
    var sinceMs: Double
    /// An offer of ours is unanswered since.
    var offeredMs: Double?
    var isSettled = false
    var nextRestartMs = Double.infinity
  }

  static let patienceMs = 5000.0

  private let settings: Scenario.Voice
  private let tester: Int
  private var random: SeededRandom
  private var links: [UInt16: Link] = [:]
  /// When it begins to speak; people do not while they are still looking for their place.
  var joinMs = Double.infinity

  init(_ settings: Scenario.Voice, tester: Int, seed: UInt64) {
    self.settings = settings
    self.tester = tester
    random = SeededRandom(seed: seed)
  }

  var linkCount: Int { links.count }
  func unsettledCount(_ nowMs: Double) -> Int {
    links.values.count { link in
      let since = link.isSettled ? link.offeredMs : link.sinceMs
      return since.map { nowMs - $0 > Self.patienceMs } ?? false
    }
  }

  /// The person is a new one.
  mutating func forget() { links.removeAll(keepingCapacity: true) }

  /// Takes what the hub says about voice.
  /// - Returns: what to send.
  mutating func heard(_ news: VoiceNews, nowMs: Double, _ traffic: inout VoiceTraffic) -> [[UInt8]] {
    switch news.op {
    case "peer+": return link(news, nowMs, &traffic)
    case "peer-":
      guard let id = news.id, links[id]?.epoch == news.epoch else { return [] }
      links[id] = nil
      traffic.unlinked += 1
      return []
    case "links":
      let held = news.epochs ?? []
      links = links.filter { held.contains($0.value.epoch) }
      return []
    case "desc":
      guard let id = holder(news, &traffic) else { return [] }
      note(news.sdp.flatMap { VoiceText.Mark(description: $0) }, nowMs, &traffic)
      return news.type == "offer" ? takeOffer(id, nowMs, &traffic) : takeAnswer(id, nowMs, &traffic)
    case "cand":
      guard holder(news, &traffic) != nil else { return [] }
      traffic.candidates += 1
      note(news.cand.flatMap { VoiceText.Mark(candidate: $0) }, nowMs, &traffic)
      return []
    default: return []
    }
  }

  /// What is due by itself: now and then a link is negotiated anew, as browsers do when their network changes.
  mutating func due(_ nowMs: Double, _ traffic: inout VoiceTraffic) -> [[UInt8]] {
    if nowMs >= joinMs {
      joinMs = .infinity
      return [ClientRequest.voiceJoin()]
    }
    guard settings.restartsPerMinute > 0, !links.isEmpty else { return [] }
    var out: [[UInt8]] = []
    for (id, link) in links where link.nextRestartMs <= nowMs {
      let next = nextRestart(nowMs)
      links[id]?.nextRestartMs = next
      guard link.isSettled, link.offeredMs == nil else { continue }
      traffic.restarts += 1
      out += offer(id, nowMs)
    }
    return out
  }

  private mutating func link(_ news: VoiceNews, _ nowMs: Double, _ traffic: inout VoiceTraffic) -> [[UInt8]] {
    guard let id = news.id, let epoch = news.epoch, let isPolite = news.polite else { return [] }
    // Told again after resuming: the same connection.
    if links[id]?.epoch == epoch { return [] }
    traffic.linked += 1
    links[id] = Link(epoch: epoch, isPolite: isPolite, sinceMs: nowMs)
    // One of the two always begins; where the other does as well, their offers meet.
    return !isPolite || random.unit() < settings.glareShare ? offer(id, nowMs) : []
  }

  private mutating func offer(_ id: UInt16, _ nowMs: Double) -> [[UInt8]] {
    links[id]?.offeredMs = nowMs
    return describe("offer", to: id, nowMs)
  }

  private mutating func takeOffer(_ id: UInt16, _ nowMs: Double, _ traffic: inout VoiceTraffic) -> [[UInt8]] {
    traffic.offers += 1
    guard let link = links[id] else { return [] }
    if link.offeredMs != nil {
      traffic.glares += 1
      // The impolite one goes on with its own; the polite one takes its own back.
      if !link.isPolite { return [] }
      links[id]?.offeredMs = nil
    }
    settle(id, nowMs, &traffic)
    return describe("answer", to: id, nowMs)
  }

  private mutating func takeAnswer(_ id: UInt16, _ nowMs: Double, _ traffic: inout VoiceTraffic) -> [[UInt8]]
  {
    traffic.answers += 1
    links[id]?.offeredMs = nil
    settle(id, nowMs, &traffic)
    return []
  }

  private mutating func settle(_ id: UInt16, _ nowMs: Double, _ traffic: inout VoiceTraffic) {
    guard let link = links[id], !link.isSettled else { return }
    links[id]?.isSettled = true
    traffic.setupMs.record(max(nowMs - link.sinceMs, 0))
    guard !link.isPolite else { return }
    let next = nextRestart(nowMs)
    links[id]?.nextRestartMs = next
  }

  private mutating func nextRestart(_ nowMs: Double) -> Double {
    guard settings.restartsPerMinute > 0 else { return .infinity }
    return nowMs - logarithm(1 - random.unit()) * 60_000 / settings.restartsPerMinute
  }

  private func describe(_ type: String, to id: UInt16, _ nowMs: Double) -> [[UInt8]] {
    guard let epoch = links[id]?.epoch else { return [] }
    let mark = VoiceText.Mark(tester: tester, atMs: nowMs)
    var out = [ClientRequest.voice(to: id, epoch: epoch, type: type, sdp: VoiceText.description(mark))]
    for number in 0..<settings.candidates {
      out.append(
        ClientRequest.voice(to: id, epoch: epoch, candidate: VoiceText.candidate(number, mark)))
    }
    out.append(ClientRequest.voice(to: id, epoch: epoch, candidate: nil))
    return out
  }

  /// The sender, if one is linked with them in that epoch.
  private func holder(_ news: VoiceNews, _ traffic: inout VoiceTraffic) -> UInt16? {
    guard let from = news.from, let link = links[from], link.epoch == news.epoch else {
      traffic.misdirected += 1
      return nil
    }
    return from
  }

  private func note(_ mark: VoiceText.Mark?, _ nowMs: Double, _ traffic: inout VoiceTraffic) {
    guard let mark, mark.tester == tester else { return }
    traffic.relayMs.record(max(nowMs - mark.atMs, 0))
  }
}
