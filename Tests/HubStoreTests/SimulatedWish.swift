import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire

/// A note or an exhibit as the log has it.
enum SimulatedThing {
  case note(Note)
  case exhibit(Exhibit)

  /// Nil: the op takes something down.
  init?(_ op: StoredNoteOp) {
    if let note = op.note {
      self = .note(note)
    } else if let exhibit = op.exhibit {
      self = .exhibit(exhibit)
    } else {
      return nil
    }
  }

  var id: UInt64 {
    switch self {
    case .note(let note): note.id
    case .exhibit(let exhibit): exhibit.id
    }
  }

  var rev: Int {
    switch self {
    case .note(let note): note.rev
    case .exhibit(let exhibit): exhibit.rev
    }
  }

  var text: String {
    switch self {
    case .note(let note): note.text
    case .exhibit(let exhibit): exhibit.text.de ?? ""
    }
  }

  /// As people know it.
  var name: String {
    switch self {
    case .note(let note): "n\(note.id)"
    case .exhibit(let exhibit): "x\(exhibit.id)"
    }
  }

  var shown: String {
    switch self {
    case .note(let note):
      "\(note.rev) \(note.text) \(note.x) \(note.author) \(note.board) \(note.color) \(note.y) \(note.voters.count)"
    case .exhibit(let exhibit):
      "\(exhibit.rev) \(exhibit.text.de ?? "-") \(exhibit.x) \(exhibit.author) \(exhibit.z) \(exhibit.alt.de ?? "-") \(exhibit.link ?? "-")"
    }
  }

  /// The same of what somebody was told.
  static func shown(_ item: JSONValue) -> String {
    let isExhibit = item["id"]?.text?.first == "x"
    let paths =
      [["rev"], isExhibit ? ["text", "de"] : ["text"], ["x"], ["author"]]
      + (isExhibit ? [["z"], ["alt", "de"], ["link"]] : [["board"], ["color"], ["y"], ["votes"]])
    return paths.map { path in
      let value = path.dropFirst().reduce(item[path[0]]) { $0?[$1] }
      return value?.text ?? value?.number.map { "\($0)" } ?? "-"
    }.joined(separator: " ")
  }
}

/// What somebody wants of a note or an exhibit.
enum SimulatedWish {
  case note(NoteRequest)
  case exhibit(ExhibitRequest)

  /// - Parameter thing: what is there; nil: something new.
  static func any(about thing: SimulatedThing?, _ random: inout SeededRandom) -> SimulatedWish {
    switch thing {
    case .note(let note)?:
      var wish = NoteRequest(op: ["move", "change", "vote", "delete", "change"][random.below(5)])
      (wish.note, wish.rev) = ("n\(note.id)", note.rev)
      if wish.op == "vote" { wish.on = random.below(3) > 0 }
      if wish.op == "change" { wish.text = "" }
      if wish.op == "move" { (wish.x, wish.y) = (random.below(1001), random.below(1001)) }
      return .note(wish)
    case .exhibit(let exhibit)?:
      var wish = ExhibitRequest(op: ["move", "change", "delete", "change"][random.below(4)])
      (wish.exhibit, wish.rev) = ("x\(exhibit.id)", exhibit.rev)
      if wish.op == "change" { wish.text = Wording() }
      if wish.op == "move" { (wish.x, wish.z) = (random.below(1001), random.below(1001)) }
      return .exhibit(wish)
    case nil where random.below(3) > 0:
      var wish = NoteRequest(op: "create")
      (wish.board, wish.text) = ("pinboard", "")
      return .note(wish)
    case nil:
      var wish = ExhibitRequest(op: "create")
      wish.title = Wording(de: "Ein Modell")
      wish.alt = Wording(de: "Ein Modell aus Holz")
      wish.text = Wording()
      (wish.x, wish.z) = (random.below(1001), random.below(1001))
      return .exhibit(wish)
    }
  }

  /// The same wish under another number, with another text if it has one.
  func renumbered(_ ref: Int, text: String) -> SimulatedWish {
    switch self {
    case .note(var wish):
      wish.ref = ref
      if wish.text != nil { wish.text = text }
      return .note(wish)
    case .exhibit(var wish):
      wish.ref = ref
      if wish.text != nil { wish.text = Wording(de: text) }
      return .exhibit(wish)
    }
  }

  var message: ClientMessage {
    switch self {
    case .note(let wish): .note(wish)
    case .exhibit(let wish): .exhibit(wish)
    }
  }

  var ref: Int {
    switch self {
    case .note(let wish): wish.ref ?? 0
    case .exhibit(let wish): wish.ref ?? 0
    }
  }

  var op: String {
    switch self {
    case .note(let wish): wish.op
    case .exhibit(let wish): wish.op
    }
  }

  var rev: Int? {
    switch self {
    case .note(let wish): wish.rev
    case .exhibit(let wish): wish.rev
    }
  }

  var text: String? {
    switch self {
    case .note(let wish): wish.text
    case .exhibit(let wish): wish.text?.de
    }
  }
}
