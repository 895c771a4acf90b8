import Dispatch
import Foundation
import HubEngine
import HubNet
import HubStore
import Logging
internal import Synchronization

/// The thread that waits for the disk, so that the tick never does. Jobs in order; answers go back to the loop.
final class StoreWriter: Sendable {
  enum Job: Sendable {
    case commit(NoteCommit)
    case snapshot(space: String, sequence: UInt64, state: [UInt8])
  }
  struct Answer: Sendable {
    let id: UInt64
    let isStored: Bool
  }

  let answers: Mailbox<Answer>
  private let store: any SpaceLog
  private let log: Logger
  private let jobs = Mutex<(waiting: [Job], isFinishing: Bool)>(([], false))
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ store: any SpaceLog, answers: Mailbox<Answer>, log: Logger) {
    self.store = store
    self.answers = answers
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
      wake.wait()
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
        answers.post(Answer(id: commit.id, isStored: false))
        throw error
      }
      answers.post(Answer(id: commit.id, isStored: true))
    case .snapshot(let space, let sequence, let state):
      try store.save(LogSnapshot(space: space, sequence: sequence, state: state))
    }
  }
}
