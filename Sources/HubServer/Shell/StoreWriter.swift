import Dispatch
import Foundation
import HubEngine
import HubNet
import HubStore
import HubWire
import Logging
internal import Synchronization

/// The thread that waits for the disk, so that the tick never does. Jobs in order; answers go back to the loop.
final class StoreWriter: Sendable {
  enum Job: Sendable {
    case commit(NoteCommit)
    case snapshot(space: String, sequence: UInt64, state: [UInt8])
    case author(id: String, account: String)
    case image(id: UInt64, ImageName, [UInt8])
    case dropImages([String])
  }
  struct Answer: Sendable {
    let id: UInt64
    let outcome: CommitOutcome
  }

  /// What became of an upload; nil: it survives a crash.
  struct ImageAnswer: Sendable {
    let id: UInt64
    let refusal: UploadRefusal?
  }

  let answers: Mailbox<Answer>
  let imageAnswers: Mailbox<ImageAnswer>
  private let store: any SpaceLog
  private let log: Logger
  /// How long after their last visit it is kept whose author somebody was.
  static let authorDays = 365
  private let retainedDay = Mutex(0)
  private let jobs = Mutex<(waiting: [Job], isFinishing: Bool)>(([], false))
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ store: any SpaceLog, _ handle: LoopHandle, log: Logger) {
    self.store = store
    answers = Mailbox(handle)
    imageAnswers = Mailbox(handle)
    self.log = log
    let thread = Thread { [self] in run() }
    thread.name = "store"
    thread.start()
  }

  /// Any thread. The engine bounds what waits: one commit per space, and a snapshot every 256 ops.
  func write(_ job: Job) {
    jobs.withLock { $0.waiting.append(job) }
    wake.signal()
  }

  /// Writes what waits and ends the thread.
  func finish() {
    jobs.withLock { $0.isFinishing = true }
    wake.signal()
    ended.wait()
  }

  private func run() {
    var told: LogError?
    while true {
      retain()
      _ = wake.wait(timeout: .now() + .seconds(3600))
      let (batch, isFinishing) = jobs.withLock { jobs in
        defer { jobs.waiting.removeAll(keepingCapacity: true) }
        return (jobs.waiting, jobs.isFinishing)
      }
      for job in batch {
        do throws(LogError) {
          try perform(job)
          told = nil
        } catch {
          // Told once, not every tick.
          if told != error { log.error("not stored", metadata: ["reason": "\(error)"]) }
          told = error
        }
      }
      if isFinishing { break }
    }
    ended.signal()
  }

  /// Once a day: forgets who the authors were that have not been here for long.
  private func retain() {
    let day = WallClock.day
    let isDue = retainedDay.withLock { last in
      defer { last = day }
      return last != day
    }
    guard isDue else { return }
    do throws(LogError) {
      let count = try store.forget(unseenSince: day - Self.authorDays)
      if count > 0 { log.info("forgot authors", metadata: ["count": "\(count)"]) }
    } catch { log.error("authors were not forgotten", metadata: ["reason": "\(error)"]) }
  }

  private func perform(_ job: Job) throws(LogError) {
    switch job {
    case .commit(let commit):
      let batches = commit.batches.map {
        LogBatch(
          space: $0.space, expectedSequence: $0.expectedSequence, epoch: $0.epoch, payloads: $0.payloads)
      }
      do throws(LogError) {
        try store.append(batches)
      } catch {
        var outcome = CommitOutcome.refused
        if case .uncertain = error { outcome = .unknown }
        answers.post(Answer(id: commit.id, outcome: outcome))
        throw error
      }
      answers.post(Answer(id: commit.id, outcome: .stored))
    case .author(let id, let account):
      try store.remember(author: id, account: account, day: WallClock.day)
    case .image(let id, let image, let bytes):
      var refusal = UploadRefusal.of(bytes, announced: image)
      defer { imageAnswers.post(ImageAnswer(id: id, refusal: refusal)) }
      guard refusal == nil else { return }
      refusal = .notStored
      try store.keep(LogImage(sha256: image.sha256, mediaType: image.mediaType, bytes: bytes))
      refusal = nil
    case .dropImages(let images): try store.drop(images: images)
    case .snapshot(let space, let sequence, let state):
      try store.save(LogSnapshot(space: space, sequence: sequence, state: state))
    }
  }
}
