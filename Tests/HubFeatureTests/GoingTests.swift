import HubClient
import HubWire
import Testing

/// Portals, go to, follow.
@Suite struct GoingTests {
  @Test func aPortalLeadsIntoTheOtherSpace() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.on { _ in
        var goto = Goto()
        goto.space = "yard"
        jonas.send(ClientRequest.goto(goto))
      }
      await crowd.until("he is in the yard") { jonas.space == "yard" }
      await crowd.on { _ in aylin.walk(toX: 0, z: -19) }
      await crowd.until("she is through the portal") { aylin.space == "yard" }
      #expect(await crowd.on { _ in aylin.arrivals.last?.reason } == "portal")
      await crowd.until("he sees her in the yard") { jonas.error(of: aylin).map { $0 < 0.1 } == true }
    }
  }

  @Test func whoGoesToAPersonStandsBesideThem() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.on { _ in
        var goto = Goto()
        goto.space = "yard"
        aylin.send(ClientRequest.goto(goto))
      }
      await crowd.until("she is in the yard") { aylin.space == "yard" }
      await crowd.on { _ in
        var goto = Goto()
        goto.person = aylin.person
        jonas.send(ClientRequest.goto(goto))
      }
      await crowd.until("he stands near her") {
        guard jonas.space == "yard" else { return false }
        let (a, b) = (aylin.position(0), jonas.position(0))
        return ((a.x - b.x) * (a.x - b.x) + (a.z - b.z) * (a.z - b.z)).squareRoot() < 2.5
      }
    }
  }

  @Test func aSeatHoldsOnePerson() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      func sit(_ visitor: Visitor) async {
        await crowd.on { _ in
          var goto = Goto()
          goto.area = "chair"
          goto.ref = 5
          visitor.send(ClientRequest.goto(goto))
        }
      }
      await sit(aylin)
      await crowd.until("she sits") { jonas.entry(of: aylin)?.area == "chair" || !aylin.corrections.isEmpty }
      await sit(jonas)
      await crowd.until("he is told it is taken") {
        jonas.errors.contains { $0.code == "occupied" && $0.ref == 5 }
      }
    }
  }

  @Test func followingLeadsThroughAPortal() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.on { _ in jonas.send(ClientRequest.follow(person: aylin.person ?? "")) }
      await crowd.until("he follows") {
        jonas.messages.contains {
          if case .following(let person, _) = $0 { person == aylin.person } else { false }
        }
      }
      await crowd.on { _ in aylin.walk(toX: 0, z: -19) }
      await crowd.until("she is in the yard") { aylin.space == "yard" }
      await crowd.until("he came along") { jonas.space == "yard" }
    }
  }
}
