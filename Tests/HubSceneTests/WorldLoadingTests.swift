import Foundation
import HubJSON
import HubKernel
import HubScene
import HubServer
import Testing

/// A folder of its own, gone with the test.
private final class Scratch {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hub-scene-\(UUID().uuidString)")
  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: folder) }

  func write(_ text: [UInt8], as name: String = "world.json") throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data(text).write(to: file)
    return file.path
  }
}

private let small = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Worlds/good/small.json")

/// A world of one space with so many nodes: rows of five, each below the one before, every tenth with a wall.
func largeWorld(nodes: Int) -> String {
  let text = #"{"de":"a","en":"b"}"#
  var items: [String] = [#"{"id":"in","position":[0,0,90],"components":{"spawn":{"radius":2}}}"#]
  for index in 1..<nodes {
    let isRoot = index % 5 == 1
    let position =
      isRoot
      ? "[\(Double(index * 7919 % 18000) / 100 - 90),0,\(Double(index * 104_729 % 17000) / 100 - 90)]"
      : "[0.5,0.1,0]"
    let parent = isRoot ? "" : #""parent":"n\#(index - 1)","#
    let collider = index % 10 == 1 ? #","collider":{"kind":"solid"}"# : ""
    items.append(
      #"{"id":"n\#(index)",\#(parent)"position":\#(position),"yawDegrees":\#(index % 360),"title":\#(text),"#
        + ##""components":{"shape":{"kind":"box","size":[1,2,0.5],"color":"#aabbcc","material":"wood"}\##(collider)}}"##
    )
  }
  return
    #"{"format":1,"id":"large","title":\#(text),"description":\#(text),"start":{"space":"s","spawn":"in"},"#
    + #""spaces":[{"id":"s","title":\#(text),"description":\#(text),"bounds":{"min":[-100,-1,-100],"max":[100,7,100]},"#
    + "\"nodes\":[\n\(items.joined(separator: ",\n"))\n]}]}\n"
}

@Suite struct WorldLoadingTests {
  @Test func aWorldIsLoadedWithItsSpacesAreasPortalsAndAssets() throws {
    let loaded = try WorldLoader.load(path: small.path)
    let world = loaded.world
    #expect(world.spaces.map(\.id) == ["hall", "yard"])
    #expect(world.start == World.Arrival(space: 0, spawn: 0))
    let hall = world.spaces[0]
    #expect(hall.areas.areas.map(\.nodeID) == ["stage", "chair", "to-yard"])
    #expect(hall.areas[2].portal == Destination(space: "yard", spawn: "gate"))
    #expect(hall.areas[1].capacity == 1 && hall.areas[0].capacity == 20)
    #expect(
      hall.areas[0].attenuation
        == Attenuation(model: .linear, referenceMeters: 2, rolloff: 0.25, maxMeters: 20))
    #expect(hall.areas[1].attenuation == nil)
    #expect(world.arrival(at: hall.areas[2].portal!) == World.Arrival(space: 1, spawn: 0))
    #expect(world.spaces[1].spawns[0].yaw == 32768)
    #expect(world.spaces[1].dynamics.items.map(\.nodeID) == ["table", "tram"])
    #expect(loaded.manifest.assets.map(\.id) == ["pixel", "triangle"])
    #expect(loaded.assetsFolder?.hasSuffix("Worlds/good/") == true)
    #expect(loaded.text == Array(try Data(contentsOf: small)))
    // The lamp hangs under the podium, given by "parent".
    let graph = hall.graph
    let lamp = try #require(graph.node(named: "lamp"))
    #expect(graph.parent(of: lamp) == graph.node(named: "podium"))
    #expect(graph.worldTransform(of: lamp).origin == Vector3(0, 4, -10))
  }

  @Test func twentyThousandNodesCostOneTransformEach() throws {
    let path = try scratch.write(Array(largeWorld(nodes: 20_000).utf8))
    let graph = try WorldLoader.load(path: path).world.spaces[0].graph
    #expect(graph.count == 20_000)
    #expect(graph.transformsComputed == 20_000)
  }

  @Test func manyFaultsInALargeWorldAreAllTold() throws {
    let text = largeWorld(nodes: 5000).replacingOccurrences(of: "#aabbcc", with: "blue")
    let path = try scratch.write(Array(text.utf8))
    do {
      _ = try WorldLoader.load(path: path)
      Issue.record("blue is no colour")
    } catch {
      #expect(error.findings.count == 4999)
      #expect(error.findings.map(\.line) == Array(3...5001))
    }
  }

  @Test func sixtyFourLevelsLoadAndOneMoreIsTold() throws {
    func nested(_ depth: Int) -> String {
      let open = (1...depth).map { "{\"id\":\"n\($0)\",\"children\":[" }.joined()
      let close = String(repeating: "]}", count: depth)
      return largeWorld(nodes: 1).replacingOccurrences(of: "\n]}]}", with: ",\n\(open)\(close)]}]}")
    }
    let fine = try scratch.write(Array(nested(64).utf8))
    #expect(try WorldLoader.load(path: fine).world.spaces[0].graph.count == 65)
    let deep = try scratch.write(Array(nested(65).utf8))
    #expect(throws: FileInvalid.self) { try WorldLoader.load(path: deep) }
    let abyss = try scratch.write(Array(nested(5000).utf8))
    #expect(throws: FileInvalid.self) { try WorldLoader.load(path: abyss) }
  }

  /// Values of a sound world replaced by others, wild ones among them: loaded or refused, never a crash.
  @Test(arguments: [41, 42])
  func mutatedWorldsAreLoadedOrRefusedButNeverCrash(_ seed: UInt64) throws {
    let document = try JSON.parse(Array(try Data(contentsOf: small)))
    var random = SeededRandom(seed: seed)
    var (loaded, refused) = (0, 0)
    for _ in 0..<600 {
      var mutant = document
      if case .object(var object) = mutant {
        object["assets"] = nil
        mutant = .object(object)
      }
      for _ in 0..<(1 + random.below(2)) { mutate(&mutant, &random) }
      let path = try scratch.write(try JSON.write(mutant))
      do {
        var world = try WorldLoader.load(path: path).world
        loaded += 1
        let nobody: [Pose] = [Pose(x: 0, y: 0, z: 0)]
        for index in world.spaces.indices {
          for tick: Tick in [1, 2, 77, 5000, .max] {
            world.spaces[index].stepDynamics(tick: tick, bodies: nobody.span)
          }
          for at in 0..<world.spaces[index].dynamics.count { _ = world.spaces[index].dynamics.pose(at) }
          for at in world.spaces[index].spawns.indices {
            _ = world.spaces[index].arrival(spawn: at, random: &random)
          }
        }
      } catch {
        refused += 1
        #expect(!error.findings.isEmpty && error.findings.allSatisfy { $0.line >= 1 && $0.column >= 1 })
      }
    }
    #expect(loaded + refused == 600 && refused > 150)
  }

  private let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func mutate(_ value: inout JSONValue, _ random: inout SeededRandom) {
    let isDeep: Bool =
      switch value {
      case .array(let items): !items.isEmpty
      case .object(let object): !object.members.isEmpty
      default: false
      }
    if isDeep, random.below(10) > 0 {
      switch value {
      case .array(var items):
        let at = random.below(items.count)
        mutate(&items[at], &random)
        value = .array(items)
      case .object(var object):
        let member = object.members[random.below(object.members.count)]
        var inner = member.value
        mutate(&inner, &random)
        object[member.key] = random.below(12) == 0 ? nil : inner
        value = .object(object)
      default: break
      }
      return
    }
    let others: [JSONValue] = [
      .null, .bool(true), .int(0), .int(-1), .int(.max), .int(.min), .int(7), .real(1e308), .real(-1e-308),
      .real(0.5), .real(1e9), .string(""), .string("wall"), .string("\u{202e}x"), .array([]),
      .object(JSONObject()),
      .array([.real(1), .real(2), .real(3)]), .string("hall"), .real(4e9),
    ]
    if case .int(let number) = value, random.below(2) == 0 {
      value = .real(Double(number) * random.double(in: -3...3))
    } else if case .real(let number) = value, random.below(2) == 0 {
      value = .real(max(-1e308, min(1e308, number * random.double(in: -3...3))))
    } else {
      value = others[random.below(others.count)]
    }
  }
}
