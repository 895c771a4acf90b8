package import HubJSON

/// A file read as JSON, able to say where in it something is.
package struct SourceDocument {
  static let bytesMax = JSONLimits.file.bytesMax

  package let file: String
  package let text: [UInt8]
  package let value: JSONValue

  /// - Throws: ``FileInvalid`` with the one finding: unreadable, or its first error of syntax.
  package init(path: String) throws(FileInvalid) {
    file = path
    do {
      text = try LocalFile.read(path, bytesMax: Self.bytesMax)
    } catch {
      throw FileInvalid(findings: [
        FileFinding(
          file: path, line: 0, column: 0, path: "", message: "\(error.reason), expected a file to read")
      ])
    }
    do {
      value = try JSON.parse(text, limits: .file)
    } catch {
      throw FileInvalid(findings: [
        FileFinding(
          file: path, line: error.line ?? 0, column: error.column ?? 0, path: "", message: error.message)
      ])
    }
  }

  /// Puts findings in their places, in the order of the text. Scans the text once.
  package func located(_ items: [DocumentFindings.Item]) -> [FileFinding] {
    guard !items.isEmpty else { return [] }
    let map = JSONSourceMap(text.span.bytes)
    let placed = items.enumerated().map {
      (
        order: $0.offset, item: $0.element,
        place: map.place(of: $0.element.path, in: value, atKey: $0.element.atKey)
      )
    }
    return placed.sorted { ($0.place, $0.order) < ($1.place, $1.order) }.map {
      FileFinding(
        file: file, line: $0.place.line, column: $0.place.column, path: $0.item.path.description,
        message: $0.item.message)
    }
  }
}

extension JSONPath {
  /// This path with a field in the file's own words below it, e.g. `components.area.size[1]`.
  func appending(field: String) -> JSONPath {
    var path = self
    for word in field.split(separator: ".") {
      let parts = word.split(separator: "[")
      for (index, part) in parts.enumerated() {
        if index == 0, !word.hasPrefix("[") {
          path = path.appending(key: String(part))
        } else {
          guard let number = Int(part.dropLast()) else { preconditionFailure("a field of ours: \(field)") }
          path = path.appending(index: number)
        }
      }
    }
    return path
  }
}
