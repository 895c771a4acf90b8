import ArgumentParser
import Foundation
import HubEngine
import HubScene
import HubServer

/// `hub token`
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Make keys and invitations.",
    subcommands: [Key.self, Invite.self, Show.self])

  /// `hub token key`
  struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the key file that invitations are signed with.",
      discussion:
        "The file is for the hub and its operator only: who has it invites whom they like, in any role.")

    @Option(help: "The file to make; it must not exist.", completion: .file()) var out: String

    func run() throws {
      let document = Data(try SigningKey.generate().document.utf8)
      // Never with other rights than these, and never over an old key: invitations would die with it.
      let descriptor = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw ValidationError("can't make \(out): \(String(cString: strerror(errno)))")
      }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try file.write(contentsOf: document)
      try file.synchronize()
    }
  }

  /// `hub token invite`
  struct Invite: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an invitation: a link, or with --bare the token alone.",
      discussion: """
        The token stands behind the # of the link, which browsers send to no server and proxies don't log. Whoever has the link \
        has the role: give it to whom it is for.
        """)

    @Option(help: "The hub's key file.", completion: .file()) var keys: String
    @Option(help: "The hub's world file.", completion: .file()) var world = "worlds/innovation-hub.json"
    @Option(help: "guest, participant, host, moderator or operator.") var role = "participant"
    @Option(help: "A space the host leads; may be repeated (default: all).") var hosts: [String] = []
    @Option(help: "The space the link leads to (default: the world's start).") var space: String?
    @Option(help: "Hours until it ends.") var hours = 24
    @Option(help: "How many sessions may begin by it (default: any number).") var uses: Int?
    @Option(help: "Whose it is: bans and the audit log then know the account by a pseudonym.") var account:
      String?
    @Flag(help: "For the load tester: limits per address do not count.") var loadtest = false
    @Option(help: "Where the hub is.") var url = "http://127.0.0.1:8080"
    @Flag(help: "Print the token alone.") var bare = false

    func run() throws {
      guard let role = Role(rawValue: role) else {
        throw ValidationError("a role is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      guard (1...24 * 366).contains(hours) else { throw ValidationError("--hours is 1 to \(24 * 366)") }
      let world = try WorldLoader.load(path: world).world.definition
      let known = Set(world.spaces.map(\.id))
      for id in hosts + [space].compactMap({ $0 }) where !known.contains(id) {
        throw ValidationError("\(world.id) has no space \(id)")
      }
      guard hosts.isEmpty || role == .host else { throw ValidationError("--hosts goes with --role host") }
      let set = try KeySet(document: [UInt8](try Data(contentsOf: URL(fileURLWithPath: keys))))
      let now = Int(Date().timeIntervalSince1970)
      var claims = InvitationClaims(
        role: role, id: try InvitationTokens.newID(), issuedAt: now, expiresAt: now + hours * 3600)
      claims.spaces = hosts.isEmpty ? nil : hosts
      claims.space = space
      claims.uses = uses
      claims.account = account
      claims.isLoadtest = loadtest
      let tokens = InvitationTokens(keys: set, audience: world.id)
      let token = try tokens.sign(claims)
      // What the hub would refuse is not handed out.
      _ = try tokens.check(token, unixSeconds: now)
      print(bare ? token : link(token))
    }

    private func link(_ token: String) -> String {
      let base = url.hasSuffix("/") ? url : url + "/"
      return base + (space.map { "?space=\($0)" } ?? "") + "#invite=" + token
    }
  }

  /// `hub token show`
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check an invitation and say what it allows and what its id is, for revoking it.")

    @Option(help: "The hub's key file.", completion: .file()) var keys: String
    @Option(help: "The hub's world file.", completion: .file()) var world = "worlds/innovation-hub.json"
    @Argument(help: "The token, or the whole link.") var token: String

    func run() throws {
      let set = try KeySet(document: [UInt8](try Data(contentsOf: URL(fileURLWithPath: keys))))
      let audience = try WorldLoader.load(path: world).world.definition.id
      let text = token.components(separatedBy: "#invite=").last ?? token
      do throws(TokenRefusal) {
        let claims = try InvitationTokens(keys: set, audience: audience)
          .check(text, unixSeconds: Int(Date().timeIntervalSince1970))
        print("id        \(claims.id)")
        print("role      \(claims.role.rawValue)")
        if let spaces = claims.spaces { print("hosts     \(spaces.joined(separator: ", "))") }
        if let uses = claims.uses { print("uses      \(uses)") }
        print("until     \(Date(timeIntervalSince1970: Double(claims.expiresAt)).formatted(.iso8601))")
        if claims.isLoadtest { print("loadtest  yes") }
      } catch {
        print("refused: \(error.rawValue)")
        throw ExitCode(1)
      }
    }
  }
}
