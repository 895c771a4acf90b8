import HubKernel
import HubWire

extension SpaceReplicator {
  /// What a reader must be told of one focus slot.
  private enum FocusNews {
    case nothing, leave
    case enter(Int)
    case update(Int)
  }

  private func focusNews(_ slot: FocusSlot, noPoses: Bool, since: Tick) -> FocusNews {
    let wanted = slot.hasWanted && !noPoses ? entities.index(of: EntityID(rawValue: slot.wanted)) : nil
    guard let index = wanted, entities.page[index] != EntityTable.none else {
      return slot.hasTold ? .leave : .nothing
    }
    guard slot.hasTold, slot.told == slot.wanted else { return .enter(index) }
    let at = Int(entities.page[index]) * pages.slots + Int(entities.slot[index])
    if pages.occupied[at] > since, parameters.mutation != .focusWithoutPageChange { return .enter(index) }
    return pages.changed0[at] > since ? .update(index) : .nothing
  }

  func focusHasNews(_ view: Int, _ views: borrowing ClientViews) -> Bool {
    let noPoses = views.flags[view].contains(.wantsNoPoses)
    for slot in view * views.focusMax..<(view + 1) * views.focusMax {
      switch focusNews(views.focus[slot], noPoses: noPoses, since: views.lastFrame[view]) {
      case .nothing: continue
      default: return true
      }
    }
    return false
  }

  /// Writes the focus block: S0 words in the reader's own slots 0-15, each ENTER with the page its word counts from.
  /// An avatar that changed its page enters again.
  mutating func writeFocus(
    _ view: Int, _ views: inout ClientViews, into out: UnsafeMutableRawBufferPointer, at offset: inout Int,
    _ stats: inout FrameStats
  ) {
    guard views.flags[view].contains(.hasFocus) else { return }
    let noPoses = views.flags[view].contains(.wantsNoPoses)
    let since = views.lastFrame[view]
    let first = view * views.focusMax
    var (leaves, enters, updates) = (0, 0, 0)
    for slot in 0..<views.focusMax {
      switch focusNews(views.focus[first + slot], noPoses: noPoses, since: since) {
      case .nothing: continue
      case .leave:
        live.leaves[leaves] = UInt8(slot)
        leaves += 1
      case .enter:
        live.enters[enters] = UInt8(slot)
        enters += 1
      case .update:
        live.updates[updates] = UInt8(slot)
        updates += 1
      }
    }
    guard leaves + enters + updates > 0 else { return }
    let start = offset
    unsafe out.store(FrameLimits.focusPage, at: &offset)
    let head = BlockHead(tier: .s0, replaces: false, hasLeaves: leaves > 0, hasEnters: enters > 0)
    unsafe out.store(head.rawValue, at: &offset)
    if leaves > 0 { unsafe out.store(UInt8(leaves), at: &offset) }
    if enters > 0 { unsafe out.store(UInt8(enters), at: &offset) }
    unsafe out.store(UInt8(updates), at: &offset)
    for index in 0..<leaves {
      let slot = live.leaves[index]
      unsafe out.store(slot, at: &offset)
      views.focus[first + Int(slot)].hasTold = false
    }
    for index in 0..<enters {
      let slot = live.enters[index]
      let id = views.focus[first + Int(slot)].wanted
      views.focus[first + Int(slot)].told = id
      views.focus[first + Int(slot)].hasTold = true
      unsafe writeFocusWord(id, slot, enters: true, into: out, at: &offset)
    }
    for index in 0..<updates {
      let slot = live.updates[index]
      unsafe writeFocusWord(
        views.focus[first + Int(slot)].wanted, slot, enters: false, into: out, at: &offset)
    }
    let updateBytes = updates * WordLayout.of(.s0).byteCount
    let recordBytes = leaves + enters * (WordLayout.of(.s0).byteCount + 4)
    stats.updates.s0 += updates
    stats.updateBytes.s0 += updateBytes
    stats.enterLeaveBytes += recordBytes
    stats.framingBytes += offset - start - updateBytes - recordBytes
  }

  private func writeFocusWord(
    _ id: UInt16, _ slot: UInt8, enters: Bool, into out: UnsafeMutableRawBufferPointer, at offset: inout Int
  ) {
    guard let index = entities.index(of: EntityID(rawValue: id)) else {
      preconditionFailure("focus is not here")
    }
    let page = Int(entities.page[index])
    if enters {
      unsafe out.store(id, at: &offset)
      unsafe out.store(pages.pageID[page], at: &offset)
    }
    let word = word(.s0, entity: index, slot: slot, origin: pages.origin[page])
    unsafe WordLayout.of(.s0).store(word, into: out, at: &offset)
  }
}
