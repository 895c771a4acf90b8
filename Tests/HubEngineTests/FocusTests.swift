import HubEngine
import HubKernel
import HubReplication
import HubTestKit
import HubWire
import Testing

/// What the engine knows of people and tells replication for the choice of focus.
@Suite struct FocusTests {
  /// Applies the reader's frames for some ticks, and gives who is in focus then.
  static func focus(
    _ hub: EngineDriver, _ reader: ConnectionKey, _ replica: inout Replica, ticks: Int = 20
  ) throws -> Set<UInt16> {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: hub.engine.config.limits.frameBytesMax, alignment: 16)
    defer { buffer.deallocate() }
    let session = try #require(hub.sessions[reader])
    for _ in 0..<ticks {
      hub.step()
      let result = hub.engine.writeFrame(session: session, serverMs: UInt64(hub.tick) * 50, into: buffer)
      guard case .written(let stats) = result else { continue }
      try replica.apply(UnsafeRawBufferPointer(rebasing: buffer[..<stats.bytes]).bytes)
    }
    var ids = Set<UInt16>()
    for slot in UInt8(0)..<16 {
      if let held = replica.focusOccupant(slot: slot) { ids.insert(held.id.rawValue) }
    }
    return ids
  }

  static func replica(_ hub: EngineDriver, _ reader: ConnectionKey) throws -> Replica {
    let grid = try #require(hub.messages(reader, "space").last?["grid"])
    func numbers(_ key: String) -> [Int32] {
      (grid[key]?.items ?? []).compactMap { $0.number.map { Int32($0) } }
    }
    let (origin, cells) = (numbers("origin"), numbers("cells"))
    let made = try SpaceGrid(
      origin: (origin[0], origin[1], origin[2]), cellSteps: Int32(grid["cell"]?.number ?? 0),
      counts: (cells[0], cells[1], cells[2]))
    #expect(grid["digest"]?.number == Int(made.coarseEdge))
    return Replica(grid: made, tickHint: hub.tick)
  }

  static func id(_ hub: EngineDriver, _ connection: ConnectionKey) throws -> UInt16 {
    UInt16(try #require(hub.messages(connection, "welcome").first?["id"]?.number))
  }

  static func go(_ hub: EngineDriver, _ connection: ConnectionKey, area: String) {
    var target = Goto()
    target.area = area
    hub.send(connection, .goto(target))
  }

  @Test func whoeverStandsOnTheStageIsInEverybodysFocusUntilTheyLeaveIt() throws {
    let hub = EngineDriver(Engine(world: try TestWorld.make()))
    let presenter = hub.join("Presenter")
    let reader = hub.join("Reader")
    Self.go(hub, reader, area: "corner")
    hub.step(2)
    var replica = try Self.replica(hub, reader)
    let id = try Self.id(hub, presenter)
    Self.go(hub, presenter, area: "stage")
    #expect(try Self.focus(hub, reader, &replica).contains(id))
    var away = Goto()
    away.space = "yard"
    hub.send(presenter, .goto(away))
    #expect(try !Self.focus(hub, reader, &replica).contains(id))
    hub.send(presenter, .bye)
    hub.step(2)
  }

  @Test func thePartnerOfADirectMessageIsInFocus() throws {
    let hub = EngineDriver(Engine(world: try TestWorld.make()))
    let partner = hub.join("Partner")
    let reader = hub.join("Reader")
    let person = try #require(hub.messages(partner, "welcome").first?["person"]?.text)
    var there = Goto()
    there.area = "corner"
    hub.send(reader, .goto(there))
    hub.step(2)
    Self.go(hub, partner, area: "stage")
    hub.step(2)
    var replica = try Self.replica(hub, reader)
    // From the stage to a place without one: no presenter any more, and far from the reader.
    hub.walk(partner, toX: 0, z: -8)
    #expect(hub.pose(partner).z > Units.steps(meters: -12))
    #expect(try !Self.focus(hub, reader, &replica).contains(try Self.id(hub, partner)))
    var message = SendChat(to: "person", text: "Hello")
    message.person = person
    hub.send(reader, .chat(message))
    #expect(try Self.focus(hub, reader, &replica).contains(try Self.id(hub, partner)))
  }
}
