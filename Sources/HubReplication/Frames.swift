import HubKernel
import HubWire

extension SpaceReplicator {
  /// Whether `buildFrame` would write a frame for this view now, the window and the bucket aside. Cheap: a scan of the
  /// view's told pages. It does not look at the surroundings, so it may say no where a look would find a new page; the
  /// look comes with `buildFrame`, every 4 ticks.
  public func isDue(_ view: Int, _ views: borrowing ClientViews) -> Bool {
    guard tick > views.lastFrame[view] else { return false }
    let gap = tick &- views.lastFrame[view]
    if views.lastFrame[view] == 0 || gap >= parameters.keepAliveTicks { return true }
    if views.flags[view].contains(.interestPending) { return true }
    // Near a crowd there is always something, so nobody looks through the pages to say so.
    if views.flags[view].contains(.isCrowd) { return gap >= parameters.crowdCadenceTicks * stretch }
    if interestIsDue(view, views) { return true }
    return isDue(news(view, views), gap)
  }

  /// Writes the view's frame of the last executed tick: dropped pages, then differences, then keyframes nearest first
  /// as far as the bucket allows, then focus, then digests. A skipped view loses nothing. The bytes count as sent: if sending fails,
  /// close the connection. `out` must hold ``ReplicationParameters/frameBytesMax`` bytes; nothing is allocated.
  public mutating func buildFrame(
    _ request: FrameRequest, _ views: inout ClientViews, into out: UnsafeMutableRawBufferPointer
  ) -> FrameResult {
    let view = request.view
    precondition(tick > 0, "no tick has been executed")
    precondition(out.count >= parameters.frameBytesMax && views.toldMax == parameters.toldPagesMax)
    let viewer = grid.clamped(request.viewer)
    views.refill(view, now: tick)
    guard Int(views.windowCount[view]) < views.windowMax else {
      return skip(.windowFull, view, viewer, &views)
    }
    guard views.bucket[view] > 0 else { return skip(.bucketEmpty, view, viewer, &views) }
    guard tick > views.lastFrame[view] else { return .skipped(.nothingDue) }

    let news = news(view, views)
    if isCrowd(news) { views.flags[view].insert(.isCrowd) } else { views.flags[view].remove(.isCrowd) }
    let gap = tick &- views.lastFrame[view]
    var due = views.lastFrame[view] == 0 || gap >= parameters.keepAliveTicks || isDue(news, gap)
    let looks =
      views.lastFrame[view] == 0 || views.flags[view].contains(.interestPending) || interestIsDue(view, views)
      || gap > parameters.stalledTicks
      || news.individuals > parameters.levels[Int(views.level[view])].individualsMax
    if looks {
      planInterest(view, viewer: viewer, views)
      views.lastInterest[view] = tick
      due = due || interest.plannedCount > 0 || interest.dropCount > 0
    }
    guard due else { return skip(.nothingDue, view, viewer, &views) }

    var stats = FrameStats()
    var offset = 0
    let header = FrameHeader(
      tick: UInt16(truncatingIfNeeded: tick), serverMs: request.serverMs, ackedInput: request.ackedInput,
      flags: views.level[view] > 0 ? .interestReduced : [])
    unsafe header.store(into: out, at: &offset)
    stats.framingBytes += offset
    if looks {
      unsafe writeDrops(view, &views, into: out, at: &offset, &stats)
      unsafe writePlanned(view, &views, into: out, at: &offset, &stats)
    } else {
      unsafe writeTold(view, views, into: out, at: &offset, &stats)
    }
    unsafe writeFocus(view, &views, into: out, at: &offset, &stats)
    unsafe writeDigests(since: views.lastFrame[view], into: out, at: &offset, &stats)
    stats.bytes = offset

    views.lastFrame[view] = tick
    views.bucket[view] -= Int32(offset)
    let count = Int(views.windowCount[view])
    views.window[view * views.windowMax + count] = tick
    views.windowCount[view] = UInt8(count + 1)
    return .written(stats)
  }

  /// What is new for a view: at S0 or in focus, at S1 or S2; how many individuals its pages hold, and how many of them at S0.
  private struct News {
    var near = false
    var far = false
    var individuals = 0
    var individualsNear = 0
  }

  private func isCrowd(_ news: News) -> Bool {
    parameters.mode == .tiers && news.individualsNear > parameters.crowdIndividuals
  }

  /// Under overload frames are twice as far apart.
  private var stretch: Tick { hasThinCadence ? 2 : 1 }

  /// Whether the news are worth a frame `gap` ticks after the last one.
  private func isDue(_ news: News, _ gap: Tick) -> Bool {
    (news.near && gap >= (isCrowd(news) ? parameters.crowdCadenceTicks : 1) * stretch)
      || (news.far && gap >= parameters.farCadenceTicks * stretch)
  }

  private func news(_ view: Int, _ views: borrowing ClientViews) -> News {
    let told = view * views.toldMax
    let since = views.lastFrame[view]
    var news = News()
    for index in told..<told + Int(views.toldCount[view]) {
      let entry = views.told[index]
      let occupants = Int(pages.occupants[Int(entry.page)])
      news.individuals += occupants
      if entry.tier == 0 { news.individualsNear += occupants }
      if pages.last[Int(entry.page) * Tier.count + Int(entry.tier)] > since {
        if entry.tier == 0 { news.near = true } else { news.far = true }
      }
    }
    if !news.near, views.flags[view].contains(.hasFocus) { news.near = focusHasNews(view, views) }
    return news
  }

  /// Every 4 ticks, staggered by view, and when a page has come into use.
  private func interestIsDue(_ view: Int, _ views: borrowing ClientViews) -> Bool {
    let period = parameters.interestPeriodTicks
    let last = views.lastInterest[view]
    return (tick &+ Tick(view)) / period != (last &+ Tick(view)) / period || pages.newestPageTick > last
  }

  private mutating func skip(
    _ reason: FrameSkip, _ view: Int, _ viewer: Pose, _ views: inout ClientViews
  ) -> FrameResult {
    if reason != .nothingDue { views.raisePressure(view, now: tick) }
    if parameters.mutation == .interestBookedWhileSkipped, views.lastFrame[view] != 0 {
      planInterest(view, viewer: viewer, views)
      removeDropped(view, &views)
    }
    return .skipped(reason)
  }

  private mutating func writeDrops(
    _ view: Int, _ views: inout ClientViews, into out: UnsafeMutableRawBufferPointer, at offset: inout Int,
    _ stats: inout FrameStats
  ) {
    let told = view * views.toldMax
    if parameters.mutation != .noDrop {
      for index in 0..<Int(views.toldCount[view]) where !interest.keeps[index] {
        unsafe out.store(pages.pageID[Int(views.told[told + index].page)], at: &offset)
        unsafe out.store(BlockHead.drop, at: &offset)
        stats.framingBytes += FrameLimits.dropBytes
      }
    }
    removeDropped(view, &views)
  }

  /// Closes the gaps that dropped pages leave in the told list; ``interest`` keeps in step with it.
  private mutating func removeDropped(_ view: Int, _ views: inout ClientViews) {
    let told = view * views.toldMax
    var kept = 0
    for index in 0..<Int(views.toldCount[view]) where interest.keeps[index] {
      views.told[told + kept] = views.told[told + index]
      interest.newTier[kept] = interest.newTier[index]
      kept += 1
    }
    views.toldCount[view] = UInt16(kept)
  }

  private mutating func writeTold(
    _ view: Int, _ views: borrowing ClientViews, into out: UnsafeMutableRawBufferPointer,
    at offset: inout Int,
    _ stats: inout FrameStats
  ) {
    let told = view * views.toldMax
    for index in told..<told + Int(views.toldCount[view]) {
      unsafe writeEntry(views.told[index], since: views.lastFrame[view], into: out, at: &offset, &stats)
    }
  }

  /// The differences of pages that stay as they are, then what is planned, nearest first. A page whose keyframe must
  /// wait goes on at its old tier: nothing told is ever left out.
  private mutating func writePlanned(
    _ view: Int, _ views: inout ClientViews, into out: UnsafeMutableRawBufferPointer, at offset: inout Int,
    _ stats: inout FrameStats
  ) {
    let told = view * views.toldMax
    let since = views.lastFrame[view]
    for index in 0..<Int(views.toldCount[view]) {
      let entry = views.told[told + index]
      if interest.newTier[index] == InterestScratch.nothing {
        unsafe writeEntry(entry, since: since, into: out, at: &offset, &stats)
      } else {
        interest.toldAt[Int(entry.page)] = UInt16(index + 1)
      }
    }
    let allowance = min(parameters.keyframeBytesPerFrameMax, Int(views.bucket[view]) - offset)
    var spent = 0
    var waits = tick &- since > parameters.stalledTicks && since != 0
    for plan in 0..<interest.plannedCount {
      let page = Int(interest.planned[plan])
      let entry = ToldPage(
        page: UInt16(page), tier: interest.plannedTier[plan], since: UInt8(truncatingIfNeeded: tick >> 2))
      let size = keyframeBytes(page: page, tier: Tier(rawValue: entry.tier) ?? .s2)
      let index = Int(interest.toldAt[page]) - 1
      interest.toldAt[page] = 0
      if parameters.mutation == .freeDowngrade, index >= 0, entry.tier > views.told[told + index].tier {
        views.told[told + index] = entry
        unsafe writeEntry(entry, since: since, into: out, at: &offset, &stats)
      } else if spent == 0 || spent + size <= allowance {
        if index >= 0 {
          views.told[told + index] = entry
        } else {
          views.told[told + Int(views.toldCount[view])] = entry
          views.toldCount[view] += 1
        }
        spent += size
        unsafe writeEntry(entry, since: 0, into: out, at: &offset, &stats)
      } else {
        waits = true
        if index >= 0 {
          unsafe writeEntry(views.told[told + index], since: since, into: out, at: &offset, &stats)
        }
      }
    }
    if waits {
      views.flags[view].insert(.interestPending)
    } else {
      views.flags[view].remove(.interestPending)
    }
  }

  private mutating func writeEntry(
    _ entry: ToldPage, since: Tick, into out: UnsafeMutableRawBufferPointer, at offset: inout Int,
    _ stats: inout FrameStats
  ) {
    let tier = Tier(rawValue: entry.tier) ?? .s2
    let block = unsafe writeDiff(page: Int(entry.page), tier: tier, since: since, into: out, at: &offset)
    guard block.bytes > 0 else { return }
    if block.isKeyframe {
      stats.keyframes += 1
      stats.keyframeBytes += Int(block.bytes)
      return
    }
    let updateBytes = Int(block.updates) * WordLayout.of(tier).byteCount
    stats.updates[tier] += Int(block.updates)
    stats.updateBytes[tier] += updateBytes
    stats.enterLeaveBytes += Int(block.enterLeaveBytes)
    stats.framingBytes += Int(block.bytes) - updateBytes - Int(block.enterLeaveBytes)
  }
}
