internal import Synchronization

/// The log of a hub without a data folder: the same rules, gone with the process.
public final class MemoryLog: SpaceLog {
  private struct SpaceState {
    var epoch: UInt64 = 0
    var sequence: UInt64 = 0
    var chain: [UInt8]
    var baseChain: [UInt8]
    var snapshot: LogSnapshot?
    var records: [ChainedRecord] = []
    var base: UInt64 { snapshot?.sequence ?? 0 }
  }
  private let states = Mutex<[String: SpaceState]>([:])

  private let known = Mutex<[String: (author: String, day: Int)]>([:])

  private let pictures = Mutex<[String: LogImage]>([:])

  public init() {}

  public func keep(_ image: LogImage) throws(LogError) {
    pictures.withLock { $0[image.sha256] = $0[image.sha256] ?? image }
  }
  public func images() throws(LogError) -> [LogImage] {
    pictures.withLock { $0.values.sorted { $0.sha256 < $1.sha256 } }
  }
  public func drop(images: [String]) throws(LogError) {
    pictures.withLock { pictures in for sha256 in images { pictures[sha256] = nil } }
  }
  public func ends() throws(LogError) -> [String: UInt64] { states.withLock { $0.mapValues(\.sequence) } }

  public func remember(author: String, account: String, day: Int) throws(LogError) {
    known.withLock { $0[account] = ($0[account]?.author ?? author, day) }
  }
  public func authors() throws(LogError) -> [String: String] { known.withLock { $0.mapValues(\.author) } }
  public func forget(account: String) throws(LogError) { known.withLock { $0[account] = nil } }
  public func forget(unseenSince day: Int) throws(LogError) -> Int {
    known.withLock { known in
      let before = known.count
      known = known.filter { $0.value.day >= day }
      return before - known.count
    }
  }

  public func claim(_ space: String) throws(LogError) -> LogHead {
    states.withLock { spaces in
      let start = HashChain.start(space)
      var state = spaces[space] ?? SpaceState(chain: start, baseChain: start)
      state.epoch += 1
      spaces[space] = state
      return LogHead(epoch: state.epoch, sequence: state.sequence)
    }
  }

  public func append(_ batches: [LogBatch]) throws(LogError) {
    try states.withLock { spaces throws(LogError) in
      var changed = spaces
      for batch in batches {
        guard var state = changed[batch.space] else { throw .unknown(batch.space) }
        guard state.epoch == batch.epoch else { throw .fenced(space: batch.space) }
        guard state.sequence == batch.expectedSequence else {
          throw .wrongSequence(
            space: batch.space, expected: batch.expectedSequence, actual: state.sequence)
        }
        let records = HashChain.link(batch, onto: state.chain)
        state.records += records
        state.sequence += UInt64(records.count)
        state.chain = records.last?.chain ?? state.chain
        changed[batch.space] = state
      }
      spaces = changed
    }
  }

  public func read(_ space: String, after sequence: UInt64, limit: Int) throws(LogError) -> [LogRecord] {
    states.withLock { spaces in
      (spaces[space]?.records ?? []).lazy.map(\.record).filter { $0.sequence > sequence }.prefix(limit)
        .map(\.self)
    }
  }

  public func snapshot(_ space: String) throws(LogError) -> LogSnapshot? {
    states.withLock { $0[space]?.snapshot }
  }

  public func save(_ snapshot: LogSnapshot) throws(LogError) {
    try states.withLock { spaces throws(LogError) in
      guard var state = spaces[snapshot.space], snapshot.sequence <= state.sequence else {
        throw .unknown("\(snapshot.space)/\(snapshot.sequence)")
      }
      guard snapshot.sequence > state.base else { return }
      state.baseChain =
        state.records.first { $0.record.sequence == snapshot.sequence }?.chain ?? state.baseChain
      state.records.removeAll { $0.record.sequence <= snapshot.sequence }
      state.snapshot = snapshot
      spaces[snapshot.space] = state
    }
  }

  public func erase(_ space: String, sequence: UInt64) throws(LogError) {
    try states.withLock { spaces throws(LogError) in
      guard let index = spaces[space]?.records.firstIndex(where: { $0.record.sequence == sequence }) else {
        throw .unknown("\(space)/\(sequence)")
      }
      spaces[space]?.records[index].record.payload = nil
    }
  }

  public func verify() throws(LogError) -> [LogSummary] {
    try states.withLock { spaces throws(LogError) in
      var summaries: [LogSummary] = []
      for (space, state) in spaces.sorted(by: { $0.key < $1.key }) {
        let erased = try HashChain.check(
          space, state.records, after: (state.base, state.baseChain), head: (state.sequence, state.chain))
        summaries.append(
          LogSummary(space: space, sequence: state.sequence, snapshotSequence: state.base, erased: erased))
      }
      return summaries
    }
  }
}
