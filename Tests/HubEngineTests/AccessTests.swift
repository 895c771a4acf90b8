import Foundation
import HubEngine
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

/// Walks the whole table of rights: what the document promises, the engine does, verb by verb and role by role.
@Suite struct AccessTests {
  /// Somebody who acts: a role, and whether it holds where they are.
  struct Actor: Sendable, CustomStringConvertible {
    let role: Role
    let isElsewhere: Bool
    /// The column of the table that counts.
    var column: Role { isElsewhere ? .participant : role }
    var grant: Grant { Grant(role, spaces: isElsewhere ? ["yard"] : nil) }
    var description: String { isElsewhere ? "host of another space" : role.rawValue }
    static let all =
      Role.allCases.map { Actor(role: $0, isElsewhere: false) } + [Actor(role: .host, isElsewhere: true)]
  }

  @Test(arguments: Verb.allCases) func everyVerbIsAllowedOrRefusedAsTheDocumentSays(verb: Verb) throws {
    let row = try #require(Self.document()[verb.rawValue], "docs/PROTOCOL.md has no row for \(verb.rawValue)")
    for actor in Actor.all {
      let column = try #require(Role.allCases.firstIndex(of: actor.column))
      let outcome = try AccessTrial(actor.grant).attempt(verb)
      switch row[column] {
      case "yes":
        #expect(outcome == .done, "\(actor) should be able to \(verb.rawValue)")
      case "no":
        let least = Role.allCases[try #require(row.firstIndex(of: "yes"))]
        // What is locked says so: the lock may go, the role does not come.
        let isLock = verb == .passLocks || verb == .openLockedDoors
        let refusal: AccessTrial.Outcome =
          isLock
          ? .refused(code: "locked")
          : .refused(code: "not-allowed", verb: verb.rawValue, needs: least.rawValue)
        #expect(outcome == refusal, "\(actor) should be refused \(verb.rawValue)")
      default: Issue.record("\(verb.rawValue): a cell that is neither yes nor no")
      }
    }
  }

  @Test func theDocumentHasNoRowWithoutAVerb() throws {
    let verbs = Set(Verb.allCases.map(\.rawValue))
    for name in try Self.document().keys { #expect(verbs.contains(name), "\(name) is no verb") }
  }

  @Test func aHigherRoleMayWhateverALowerOneMay() {
    for verb in Verb.allCases {
      let rights = Role.allCases.map { verb.right(of: $0) == .yes }
      #expect(rights == rights.sorted { !$0 && $1 }, "\(verb.rawValue)")
    }
  }

  /// Rows of the table under "Rights": verb to its five cells.
  static func document() throws -> [String: [String]] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/PROTOCOL.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let section = try #require(text.components(separatedBy: "### Rights").dropFirst().first)
    let chapter = section.components(separatedBy: "\n## ")[0]
    var rows: [String: [String]] = [:]
    for line in chapter.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      try #require(cells.count == 7, "\(line)")
      rows[cells[0].trimmingCharacters(in: ["`"])] = Array(cells[2...])
    }
    return rows
  }
}
