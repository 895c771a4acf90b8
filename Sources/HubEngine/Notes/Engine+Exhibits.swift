import HubKernel
import HubScene
import HubWire

/// Exhibits that people put up: judged, stored and told like notes (``Engine/note(_:_:)``), by those with the right `exhibit`.
extension Engine {
  func exhibit(_ wish: ExhibitRequest, _ p: Participant) {
    let space = content(of: p)
    guard space.notes.waiting.count < config.limits.notesWaitingMax else {
      return refuse(p, .notStored, "the store is behind", ref: wish.ref, retryAfterMs: 1000)
    }
    do {
      let op = try judge(wish, p, space)
      noteInput(p)
      space.notes.take(op)
    } catch {
      refuse(p, error.code, error.text, ref: wish.ref)
      if error.code == .conflict, let id = number(wish.exhibit),
        let exhibit = space.notes.durable.exhibits.first(where: { $0.id == id })
      {
        send(
          p,
          Messages.list("exhibits", of: space, in: spaces[p.space], isWhole: false, own: knownAuthor(p)) {
            exhibit.write(to: &$0)
          })
      }
    }
  }

  private func judge(_ wish: ExhibitRequest, _ p: Participant, _ space: SpaceRuntime) throws(NoteRefusal)
    -> NoteOp
  {
    func bad(_ text: String) -> NoteRefusal { NoteRefusal(code: .badValue, text: text) }
    guard let verb = NoteVerb(rawValue: wish.op), verb != .vote else {
      throw bad("op is create, change, move or delete")
    }
    let limits = config.limits
    func words(_ given: Wording?, _ scalarsMax: Int, isLine: Bool, _ name: String) throws(NoteRefusal)
      -> Wording?
    {
      guard let given else { return nil }
      guard let clean = given.cleaned(scalarsMax: scalarsMax, isLine: isLine) else {
        throw bad("\(name) has 1 to \(scalarsMax) characters in German, English or both")
      }
      return clean
    }
    let title = try words(wish.title, limits.exhibitTitleScalarsMax, isLine: true, "title")
    let text = try words(wish.text, limits.exhibitTextScalarsMax, isLine: false, "text")
    let alt = try words(wish.alt, limits.exhibitAltScalarsMax, isLine: true, "alt")
    if let link = wish.link, !link.isEmpty, !isLink(link) {
      throw bad("a link is https:// with at most \(limits.exhibitLinkBytesMax) bytes")
    }
    let link: String?? = wish.link.map { $0.isEmpty ? nil : $0 }
    if let x = wish.x, let z = wish.z {
      guard isInside(x: x, z: z, space.scene.definition) else { throw bad("x and z lie in the space") }
    } else if wish.x != nil || wish.z != nil {
      throw bad("x and z come together")
    }
    func image(_ before: Exhibit?) throws(NoteRefusal) -> ImageName?? {
      try wish.image.map { sha256 throws(NoteRefusal) in try judge(image: sha256, p, space, instead: before) }
    }
    func op(_ before: Exhibit?, _ after: Exhibit?) -> NoteOp {
      NoteOp(
        verb: verb, id: after?.id ?? before?.id ?? 0, before: nil, after: nil,
        exhibit: ExhibitChange(before: before, after: after), session: p.session, ref: wish.ref)
    }
    if verb == .create {
      guard let title, let text, let alt, let x = wish.x, let z = wish.z else {
        throw bad("a new exhibit needs title, text, alt, x and z")
      }
      guard space.notes.exhibits.count < limits.exhibitsPerSpaceMax else {
        throw NoteRefusal(code: .quota, text: "a space holds \(limits.exhibitsPerSpaceMax) exhibits")
      }
      let own = space.notes.exhibits.reduce(0) { $0 + ($1.author == author(p) ? 1 : 0) }
      guard own < limits.exhibitsPerPersonMax else {
        throw NoteRefusal(
          code: .quota, text: "a person puts up \(limits.exhibitsPerPersonMax) exhibits in a space")
      }
      let exhibit = Exhibit(
        id: space.notes.nextID, rev: 1, title: title, text: text, alt: alt, link: link ?? nil,
        image: try image(nil) ?? nil, x: x, z: z, author: author(p))
      space.notes.nextID += 1
      return op(nil, exhibit)
    }
    guard let id = number(wish.exhibit), let before = space.notes.exhibits.first(where: { $0.id == id })
    else { throw NoteRefusal(code: .unknownExhibit, text: "no such exhibit here") }
    guard let rev = wish.rev else { throw bad("\(verb.rawValue) needs rev") }
    guard rev == before.rev else {
      throw NoteRefusal(code: .conflict, text: "the exhibit is at revision \(before.rev)")
    }
    if verb == .delete { return op(before, nil) }
    var after = before
    if verb == .move {
      guard let x = wish.x, let z = wish.z else { throw bad("a move needs x and z") }
      (after.x, after.z) = (x, z)
    } else {
      guard title != nil || text != nil || alt != nil || link != nil || wish.image != nil else {
        throw bad("a change needs title, text, alt, link or image")
      }
      after.title = title ?? before.title
      after.text = text ?? before.text
      after.alt = alt ?? before.alt
      if let link { after.link = link }
      if let image = try image(before) { after.image = image }
    }
    if after != before { after.rev += 1 }
    return op(before, after)
  }

  private func number(_ exhibit: String?) -> UInt64? {
    guard let exhibit, exhibit.first == "x" else { return nil }
    return UInt64(exhibit.dropFirst())
  }

  private func isInside(x: Int, z: Int, _ space: SpaceDefinition) -> Bool {
    let (least, most) = (space.boundsMin, space.boundsMax)
    return Double(x) >= least.x * 100 && Double(x) <= most.x * 100 && Double(z) >= least.z * 100
      && Double(z) <= most.z * 100
  }

  /// `https://`, then printable ASCII with nothing that ends an attribute or hides a user before the host.
  private func isLink(_ link: String) -> Bool {
    let prefix = "https://"
    guard link.utf8.count <= config.limits.exhibitLinkBytesMax, link.hasPrefix(prefix) else { return false }
    let rest = link.utf8.dropFirst(prefix.utf8.count)
    let host = rest.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
    return !host.isEmpty && !host.contains(0x40)
      && rest.allSatisfy {
        (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E && $0 != 0x5C
      }
  }

  /// All exhibits of a space for one who arrives; nothing where there are none.
  func tellExhibits(_ p: Participant) {
    let space = content(of: p)
    let exhibits = space.notes.durable.exhibits
    let step = 6
    for start in stride(from: 0, to: exhibits.count, by: step) {
      let bytes = Messages.list(
        "exhibits", of: space, in: spaces[p.space], isWhole: start == 0, own: knownAuthor(p)
      ) { json in
        for exhibit in exhibits[start..<min(exhibits.count, start + step)] { exhibit.write(to: &json) }
      }
      send(p, bytes)
    }
  }
}
