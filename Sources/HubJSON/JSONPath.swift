/// A place in a document, e.g. `spaces[2].nodes[0].position[1]`. Sharing its beginning with its parent's
/// path, so that taking a step costs one small allocation.
public struct JSONPath: Sendable, Hashable, CustomStringConvertible {
  public enum Step: Sendable, Hashable {
    case key(String)
    case index(Int)
  }
  private final class Link: Sendable {
    let parent: Link?
    let step: Step
    init(parent: Link?, step: Step) {
      self.parent = parent
      self.step = step
    }
  }
  private let last: Link?

  public static let root = JSONPath(last: nil)

  public func appending(_ step: Step) -> JSONPath { JSONPath(last: Link(parent: last, step: step)) }
  public func appending(key: String) -> JSONPath { appending(.key(key)) }
  public func appending(index: Int) -> JSONPath { appending(.index(index)) }

  /// From the root down.
  public var steps: [Step] {
    var steps: [Step] = []
    var link = last
    while let here = link {
      steps.append(here.step)
      link = here.parent
    }
    return steps.reversed()
  }

  /// Keys that are not plain words are quoted: `a["b c"]`.
  public var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .index(let index): text += "[\(index)]"
      case .key(let key):
        let plain =
          !key.isEmpty
          && key.utf8.allSatisfy { c in
            c == 0x24 || c == 0x2d || c == 0x5f || (0x30...0x39).contains(c) || (0x41...0x5a).contains(c)
              || (0x61...0x7a).contains(c)
          }
        if !plain { text += "[\"\(key)\"]" } else { text += text.isEmpty ? key : ".\(key)" }
      }
    }
    return text
  }

  public static func == (a: JSONPath, b: JSONPath) -> Bool { a.last === b.last || a.steps == b.steps }
  public func hash(into hasher: inout Hasher) { hasher.combine(steps) }
}
