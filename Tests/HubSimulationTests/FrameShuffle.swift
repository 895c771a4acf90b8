import HubKernel

/// Cuts a frame into its blocks with nothing but the byte tables of the protocol, and puts them together in another order.
enum FrameShuffle {
  static func shuffled(_ frame: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var blocks: [ArraySlice<UInt8>] = []
    var at = 7
    while at < frame.count {
      let start = at
      let isFocus = frame[at] == 0xFF && frame[at + 1] == 0xFF
      let head = frame[at + 2]
      at += 3
      if frame[at - 3] == 0xFE && frame[at - 2] == 0xFF {
        at += 1 + 14 * Int(frame[at])
      } else if head & 3 < 3 {
        let wordBytes = [10, 8, 7][Int(head & 3)]
        var leaves = 0
        var enters = 0
        if head & 8 != 0 {
          leaves = Int(frame[at])
          at += 1
        }
        if head & 16 != 0 {
          enters = Int(frame[at])
          at += 1
        }
        let updates = Int(frame[at])
        at += 1 + leaves + enters * (wordBytes + (isFocus ? 4 : 2)) + updates * wordBytes
      }
      blocks.append(frame[start..<at])
    }
    for index in blocks.indices.reversed() { blocks.swapAt(index, random.below(index + 1)) }
    return Array(frame[..<7]) + blocks.joined()
  }
}
