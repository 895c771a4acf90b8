import HubJSON
public import HubScene

extension WorldLoader {
  /// A world from its text alone, as a client fetches it: content is checked, assets are not.
  /// - Parameter name: what findings call the text.
  /// - Throws: ``FileInvalid``; findings of meaning carry a path, no line.
  public static func world(fromText text: [UInt8], name: String) throws(FileInvalid) -> World {
    let document: JSONValue
    do {
      document = try JSON.parse(text, limits: .file)
    } catch {
      throw FileInvalid(findings: [
        FileFinding(
          file: name, line: error.line ?? 0, column: error.column ?? 0, path: error.path.description,
          message: error.message)
      ])
    }
    var reader = WorldReader()
    let definition = reader.read(document)
    var findings = reader.findings.items.map {
      FileFinding(file: name, line: 0, column: 0, path: $0.path.description, message: $0.message)
    }
    guard findings.isEmpty else { throw FileInvalid(findings: findings) }
    do {
      return try World(definition)
    } catch {
      findings = error.findings.map {
        FileFinding(file: name, line: 0, column: 0, path: $0.field, message: $0.message)
      }
      throw FileInvalid(findings: findings)
    }
  }
}
