import Foundation
import HubKernel
import HubReplication
import HubWire
import Testing

/// The committed vectors are what this build writes, and reading them back gives what they say.
@Suite struct VectorTests {
  @Test(arguments: ["words.json", "client-messages.json", "replica.json"])
  func theCommittedVectorsAreWhatThisBuildWrites(_ name: String) throws {
    let text =
      switch name {
      case "words.json": WordVectors.text()
      case "client-messages.json": ClientMessageVectors.text()
      default: ReplicaVectors.text()
      }
    let same = try VectorFiles.committed(name, text) == text
    #expect(same, "\(name) differs; HUB_WRITE_VECTORS=1 writes it anew if the protocol was meant to change")
  }

  @Test func wordsReadAsTheyWereWritten() throws {
    let cases = try #require(try VectorFiles.parse("words.json")["cases"] as? [[String: Any]])
    #expect(cases.count > 30)
    for (index, item) in cases.enumerated() {
      let tier = try #require((item["tier"] as? Int).flatMap { Tier(rawValue: UInt8($0)) })
      let corner = try #require(item["origin"] as? [Int])
      let origin = CodedOrigin(x: Int32(corner[0]), y: Int32(corner[1]), z: Int32(corner[2]))
      let fields = try #require(item["word"] as? [String: Int])
      let raw = bytes(hex: try #require(item["hex"] as? String))
      let layout = WordLayout.of(tier)
      #expect(raw.count == layout.byteCount)
      // Through a frame, as a reader meets it.
      var frame = FrameBuilder(tick: 1)
      frame.bytes += FrameBuilder.u16(0) + [tier.rawValue, 1] + raw
      var reader = try FrameReader(frame.bytes.span.bytes)
      let block = try #require(try reader.next())
      let word = reader.update(block, 0)
      let read = [
        "slot": Int(word.slot), "x": Int(word.x), "z": Int(word.z), "y": Int(word.y),
        "vx": Int(word.velocityX),
        "vz": Int(word.velocityZ), "yaw": Int(word.yaw), "animation": Int(word.animation),
        "flags": Int(word.flags),
      ]
      #expect(read == fields, "case \(index)")
      let pose = layout.predictor(word, origin: origin, base: 5).pose(at: 5)
      let decoded = try #require(item["decoded"] as? [String: Int])
      #expect(decoded["x"] == Int(pose.x) && decoded["y"] == Int(pose.y) && decoded["z"] == Int(pose.z))
      #expect(decoded["vx"] == Int(pose.velocityX) && decoded["yaw"] == Int(pose.yaw), "case \(index)")
      // The hub's writer puts the same bytes.
      var stored = [UInt8](repeating: 0, count: layout.byteCount)
      stored.withUnsafeMutableBytes { buffer in
        var offset = 0
        layout.store(word, into: buffer, at: &offset)
      }
      #expect(stored == raw, "case \(index)")
    }
  }

  @Test func clientMessagesReadAsTheyWereWritten() throws {
    let file = try VectorFiles.parse("client-messages.json")
    for item in try #require(file["valid"] as? [[String: Any]]) {
      let raw = bytes(hex: try #require(item["hex"] as? String))
      switch try ClientPoseMessage.read(raw.span.bytes) {
      case .ack(let ack): #expect(item["ackTick"] as? Int == Int(ack.ackTick))
      case .move(let move):
        let pose = try #require(item["pose"] as? [String: Int])
        #expect(item["seq"] as? Int == Int(move.sequence) && item["epoch"] as? Int == Int(move.epoch))
        #expect(pose["x"] == Int(move.x) && pose["vz"] == Int(move.velocityZ) && pose["yaw"] == Int(move.yaw))
        #expect(move.bytes() == raw)
      }
    }
    for item in try #require(file["invalid"] as? [[String: String]]) {
      let raw = bytes(hex: try #require(item["hex"]))
      do throws(WireError) {
        _ = try ClientPoseMessage.read(raw.span.bytes)
        Issue.record("\(item) was read")
      } catch {
        #expect("\(error)".hasPrefix(try #require(item["error"])), "\(item): \(error)")
      }
    }
  }

  @Test func theDocumentsExamplesAreTheVectorsBytes() throws {
    let file = VectorFiles.directory.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/protocol-binary.md")
    // Indented lines of nothing but hexadecimal; a blank line ends an example.
    var examples = [""]
    for line in try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      let digits = line.filter { $0 != " " }
      if line.hasPrefix("    "), digits.allSatisfy({ "0123456789abcdef".contains($0) }) {
        examples[examples.count - 1] += digits
      } else if !examples[examples.count - 1].isEmpty {
        examples.append("")
      }
    }
    let scenarios = try #require(try VectorFiles.parse("replica.json")["scenarios"] as? [[String: Any]])
    let steps = try #require(scenarios[0]["steps"] as? [[String: Any]])
    let messages = try #require(try VectorFiles.parse("client-messages.json")["valid"] as? [[String: Any]])
    #expect(examples.filter { $0.hasPrefix("01") } == steps[..<3].map { $0["hex"] as? String ?? "" })
    #expect(examples.filter { $0.hasPrefix("02") } == [messages[1]["hex"] as? String ?? ""])
  }
}
