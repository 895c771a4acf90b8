import HubKernel
import HubReplication
import HubWire

extension Simulation {
  /// Applies a frame and compares everything the replica holds with what the frame promised.
  mutating func apply(_ index: Int, _ frame: InFlight, _ replica: inout Replica) {
    func fail(_ what: String, _ counts: inout SimulationCounts) {
      if counts.violation == nil { counts.violation = "tick \(frame.tick), reader \(index): \(what)" }
    }
    do {
      try replica.apply(frame.bytes.span.bytes)
    } catch {
      return fail("the frame was refused: \(error)", &counts)
    }
    if counts.frames % 16 == 0, parameters.mutation == .none { replica.verify() }
    guard replica.tick == frame.tick else { return fail("tick \(String(describing: replica.tick))", &counts) }
    guard replica.header.serverMs == 7, replica.header.ackedInput == 9 else { return fail("header", &counts) }

    var toldAt = 0
    var toldEqual = replica.toldPageCount == frame.told.count
    replica.forEachToldPage { page, tier, _ in
      if toldAt < frame.told.count, frame.told[toldAt] != (page, tier) { toldEqual = false }
      toldAt += 1
    }
    guard toldEqual else { return fail("told pages differ", &counts) }
    guard replica.slotCount == frame.expected.filter({ !$0.isFocus }).count else {
      return fail("\(replica.slotCount) slots taken, ghosts or holes", &counts)
    }
    guard replica.shownCount == frame.shown else {
      return fail("\(replica.shownCount) shown, \(frame.shown) should be", &counts)
    }
    if let wrong = compareDigests(replica, frame) { return fail(wrong, &counts) }
    for expected in frame.expected {
      let predictor: Predictor
      if expected.isFocus {
        guard let held = replica.focusOccupant(slot: expected.slot), held.id == expected.id,
          held.page == expected.page
        else { return fail("focus slot \(expected.slot) isn't \(expected.id) on \(expected.page)", &counts) }
        predictor = held.predictor
        guard replica.entity(expected.id)?.isFocus == true else { return fail("focus isn't shown", &counts) }
      } else {
        guard let held = replica.occupant(page: expected.page, slot: expected.slot), held.id == expected.id
        else {
          return fail("page \(expected.page) slot \(expected.slot) isn't \(expected.id)", &counts)
        }
        predictor = held.predictor
        guard let shown = replica.entity(expected.id) else {
          return fail("\(expected.id) isn't shown", &counts)
        }
        guard shown.isFocus || (shown.page == expected.page && shown.tier == expected.tier) else {
          return fail("\(expected.id) is at home on \(shown.page), not on \(expected.page)", &counts)
        }
      }
      if let wrong = compare(predictor, expected, frame) { return fail(wrong, &counts) }
    }
  }

  private func compareDigests(_ replica: borrowing Replica, _ frame: InFlight) -> String? {
    for digest in frame.digests {
      let held = replica.digest(coarse: Int(digest.coarse))
      guard held == (digest.count > 0 ? digest : nil) else {
        return "digest \(String(describing: held)), not \(digest)"
      }
    }
    // With every cell due in each tick, the counts add up in each frame.
    if parameters.digestPeriodTicks == 1, replica.digestTotal != frame.people {
      return "the digests count \(replica.digestTotal) of \(frame.people) people"
    }
    return nil
  }

  private mutating func compare(_ predictor: Predictor, _ expected: Expected, _ frame: InFlight) -> String? {
    let pose = predictor.pose(at: frame.tick)
    // Half a coded step, and one step of 2.5 mm because both sides round their prediction down from different bases.
    let half: Int32 = [0, 2, 4][Int(expected.tier.rawValue)] + 1
    counts.stateChecks += 1
    // The server's predictor, moved by no more.
    guard abs(pose.x - expected.predicted.x) <= half, abs(pose.z - expected.predicted.z) <= half,
      pose.y == expected.predicted.y
    else {
      return "\(expected.id) at \(expected.tier) is off the server's predictor: \(pose) \(expected.predicted)"
    }
    guard pose.velocityX == expected.predicted.velocityX, pose.velocityZ == expected.predicted.velocityZ,
      pose.yaw == expected.predicted.yaw, pose.animation == expected.predicted.animation,
      pose.flags == expected.predicted.flags
    else { return "\(expected.id) at \(expected.tier) differs from the server's predictor" }
    guard expected.wasEvaluated else { return nil }
    // The truth, within the published bound.
    counts.boundChecks += 1
    let tier = Int(expected.tier.rawValue)
    let bound =
      Double([10, 40, 120][tier]) * Double(frame.errorScale16) / 16 + Double(half) * 2.0.squareRoot()
    let dx = Double(pose.x - expected.truth.x)
    let dy = Double(pose.y - expected.truth.y)
    let dz = Double(pose.z - expected.truth.z)
    let error = (dx * dx + dy * dy + dz * dz).squareRoot()
    guard error <= bound else {
      return "\(expected.id) at \(expected.tier) is \(error) steps off, \(bound) allowed"
    }
    let yaw = abs(Int32(Int16(bitPattern: pose.yaw &- expected.truth.yaw)))
    guard !expected.yawWasEvaluated || yaw <= [1274, 2731, 5461][tier] else {
      return "\(expected.id) looks \(yaw)/65536 turn elsewhere"
    }
    let animations: [UInt8] = [64, 32, 16]
    let animation = expected.truth.animation < animations[tier] ? expected.truth.animation : 0
    guard pose.animation == animation else {
      return "\(expected.id) moves as \(pose.animation), not \(animation)"
    }
    let flags = expected.truth.flags.rawValue & [0b11_1101, 1, 1][tier]
    guard pose.flags.rawValue == flags else {
      return "\(expected.id) has flags \(pose.flags.rawValue), not \(flags)"
    }
    return nil
  }
}
