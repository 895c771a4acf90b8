public import HubJSON
import HubServer

extension Scenario {
  /// As a scenario file has it.
  public var document: JSONValue {
    let title = JSONObject([.init("de", .string(name)), .init("en", .string(name))])
    return .object(
      JSONObject(
        [.init("format", .int(1)), .init("name", .string(name)), .init("title", .object(title))]
          + settings.members))
  }

  /// - Throws: ``LoadtestError`` when it is no scenario.
  public init(document: JSONValue) throws(LoadtestError) {
    let reader = ScenarioReader()
    self = reader.read(document)
    let faults = reader.findings.items.map { "\($0.message)" }
    guard faults.isEmpty else { throw LoadtestError("no scenario: " + faults.joined(separator: "; ")) }
  }
}
