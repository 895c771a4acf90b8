public import HubEngine
public import HubJSON

extension EngineDriver {
  /// The people a client knows after all that it was told, by entity id (docs/PROTOCOL.md, section 3).
  public func people(_ connection: ConnectionKey) -> [Int: JSONObject] {
    var people: [Int: JSONObject] = [:]
    for message in sent[connection] ?? [] {
      switch message["t"]?.text {
      case "space": people.removeAll()
      case "people":
        for case .object(let entry)? in message["list"]?.items ?? [] {
          if let id = entry["id"], case .int(let number) = id { people[Int(number)] = entry }
        }
      case "changed":
        for case .object(let change)? in message["list"]?.items ?? [] {
          for id in change["ids"]?.items ?? [] {
            guard let number = id.number, var entry = people[number] else { continue }
            for member in change.members where member.key != "ids" {
              entry[member.key] = member.value == .null || member.value == .bool(false) ? nil : member.value
            }
            people[number] = entry
          }
        }
      case "gone": for id in message["ids"]?.items ?? [] { people[id.number ?? -1] = nil }
      default: break
      }
    }
    return people
  }
}
