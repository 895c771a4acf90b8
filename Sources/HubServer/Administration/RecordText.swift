import HubEngine
import HubJSON

/// Administrative records as lines of JSON, one object a line, and back.
enum RecordText {
  static func line(_ record: AdministrativeRecord) throws -> [UInt8] {
    try JSON.write(.object(JSONObject(members(record)))) + [0x0A]
  }

  static func line(secret: [UInt8]) throws -> [UInt8] {
    try JSON.write(
      .object(JSONObject([.init("t", .string("secret")), .init("value", .string(Base64URL.encode(secret)))]))
    ) + [0x0A]
  }

  static func secret(_ line: [UInt8]) -> [UInt8]? {
    guard case .object(let object)? = try? JSON.parse(line), object["t"] == .string("secret"),
      case .string(let text)? = object["value"], let secret = Base64URL.decode(text.utf8), secret.count == 32
    else { return nil }
    return secret
  }

  private static func members(_ record: AdministrativeRecord) -> [JSONObject.Member] {
    func text(_ name: String, _ value: String?) -> [JSONObject.Member] {
      value.map { [.init(name, .string($0))] } ?? []
    }
    switch record {
    case .banned(let ban):
      var members: [JSONObject.Member] = [.init("t", .string("ban")), .init("id", .int(Int64(ban.id)))]
      switch ban.subject {
      case .account(let account): members.append(.init("account", .string(account)))
      case .invitation(let invitation): members.append(.init("invitation", .string(invitation)))
      case .address(let range, let prefix):
        members.append(.init("address", .string(range.hexText)))
        members.append(.init("prefix", .int(Int64(prefix))))
      }
      members += text("reason", ban.reason)
      members.append(.init("at", .int(ban.at)))
      if let until = ban.until { members.append(.init("until", .int(until))) }
      return members + text("by", ban.by)
    case .unbanned(let id): return [.init("t", .string("unban")), .init("id", .int(Int64(id)))]
    case .revoked(let invitation, let at):
      return [.init("t", .string("revoke")), .init("invitation", .string(invitation)), .init("at", .int(at))]
    case .used(let invitation): return [.init("t", .string("use")), .init("invitation", .string(invitation))]
    case .audit(let act):
      return [
        .init("t", .string("act")), .init("at", .int(act.at)), .init("actor", .string(act.actor)),
        .init("role", .string(act.role.rawValue)), .init("verb", .string(act.verb.rawValue)),
      ] + text("target", act.target) + text("space", act.space) + text("detail", act.detail)
    }
  }

  /// Nil: the line is none of ours.
  static func record(_ line: [UInt8]) -> AdministrativeRecord? {
    guard case .object(let object)? = try? JSON.parse(line) else { return nil }
    func text(_ name: String) -> String? { if case .string(let text)? = object[name] { text } else { nil } }
    func int(_ name: String) -> Int64? { if case .int(let number)? = object[name] { number } else { nil } }
    switch text("t") {
    case "ban":
      guard let id = int("id").flatMap(UInt64.init(exactly:)), let at = int("at"), let by = text("by"),
        let subject = subject(text("account"), text("invitation"), text("address"), int("prefix"))
      else { return nil }
      return .banned(
        Ban(id: id, subject: subject, reason: text("reason"), at: at, until: int("until"), by: by))
    case "unban": return int("id").flatMap(UInt64.init(exactly:)).map { .unbanned($0) }
    case "revoke":
      guard let invitation = text("invitation"), let at = int("at") else { return nil }
      return .revoked(invitation: invitation, at: at)
    case "use": return text("invitation").map { .used(invitation: $0) }
    case "act":
      guard let at = int("at"), let actor = text("actor"), let role = text("role").flatMap(Role.init),
        let verb = text("verb").flatMap(Verb.init)
      else { return nil }
      return .audit(
        AuditRecord(
          at: at, actor: actor, role: role, verb: verb, target: text("target"), space: text("space"),
          detail: text("detail")))
    default: return nil
    }
  }

  private static func subject(_ account: String?, _ invitation: String?, _ address: String?, _ prefix: Int64?)
    -> Ban.Subject?
  {
    if let account { return .account(account) }
    if let invitation { return .invitation(invitation) }
    guard let range = address.flatMap(NetworkAddress.init(hexText:)), let prefix, (0...128).contains(prefix)
    else { return nil }
    return .address(range, prefix: Int(prefix))
  }
}
