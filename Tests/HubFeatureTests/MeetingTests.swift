import HubClient
import HubWire
import Testing

/// Two people meet: what one does the other sees.
@Suite struct MeetingTests {
  @Test func twoPeopleSeeEachOtherWalk() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.until("both see each other") {
        jonas.sight(of: aylin) != nil && aylin.sight(of: jonas) != nil
      }
      await crowd.on { _ in aylin.walk(toX: 5, z: 5) }
      await crowd.until("she arrives and he sees her there") {
        let at = aylin.position(0 + .infinity)
        return (at.x - 5).magnitude < 0.01 && jonas.error(of: aylin).map { $0 < 0.05 } == true
      }
      #expect(await crowd.on { _ in aylin.corrections.isEmpty })
      await crowd.until("her name") { jonas.entry(of: aylin)?.name == "Aylin" }
    }
  }

  @Test func theServerKeepsTheTruthAboutCheats() async throws {
    try await story { crowd in
      let cheat = await crowd.join("Cheat")
      let witness = await crowd.join("Witness")
      await crowd.on { _ in cheat.jump(toX: -15, z: -15) }
      await crowd.until("corrected") { !cheat.corrections.isEmpty }
      // What a body can run in the time since its last MOVE is granted, the rest is not.
      await crowd.until("the witness sees the corrected place") {
        guard let seen = witness.sight(of: cheat), let error = witness.error(of: cheat) else { return false }
        return error < 0.1 && seen.x > -10 && seen.z > -10
      }
    }
  }

  @Test func whoLeavesIsGoneForTheOthers() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.until("seen and named") { jonas.sight(of: aylin) != nil && jonas.entry(of: aylin) != nil }
      await crowd.on { pool in pool.leave(aylin.client) }
      await crowd.until("closed with 1000") { aylin.closeCode == 1000 }
      await crowd.until("no body, no name") { jonas.sight(of: aylin) == nil && jonas.entry(of: aylin) == nil }
    }
  }

  @Test func whoVanishesIsMarkedLostAndComesBackWithTheSameId() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.until("named") { jonas.entry(of: aylin) != nil }
      let id = await crowd.on { _ in aylin.id }
      await crowd.on { pool in
        aylin.comesBack = false
        pool.vanish(aylin.client)
      }
      await crowd.until("marked lost") { jonas.entry(of: aylin)?.lost == true }
      #expect(await crowd.on { _ in jonas.sight(of: aylin) != nil }, "the body stays meanwhile")
      await crowd.on { pool in pool.start(aylin.client, atMs: 0) }
      await crowd.until("back") { aylin.isIn && aylin.client.session.welcome?.resumed == true }
      #expect(await crowd.on { _ in aylin.id } == id)
      await crowd.until("no longer marked") { jonas.entry(of: aylin).map { $0.lost != true } == true }
      await crowd.until("she sees him again") { aylin.sight(of: jonas) != nil }
    }
  }

  @Test func aPageThatStopsAcknowledgingIsMarkedLostThoughConnected() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.until("named") { jonas.entry(of: aylin) != nil }
      await crowd.on { _ in
        jonas.witness = { jonas.entry(of: aylin)?.lost == true && aylin.ends.isEmpty }
        aylin.client.isResponsive = false
      }
      await crowd.until("marked lost while connected") { jonas.hasWitnessed }
    }
  }
}
