import CCrypto

/// Links each record to all before it: `chain(n) = SHA-256(chain(n-1) ‖ sequence ‖ epoch ‖ digest)`, integers as 8 bytes
/// little-endian; `chain(0) = SHA-256("hub.log.1/" ‖ space)`. It runs over digests, so a payload can go and the chain stays.
package enum HashChain {
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    let isDone = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil) == 1
    precondition(isDone && count == 32, "libcrypto knows SHA-256")
    return digest
  }

  package static func start(_ space: String) -> [UInt8] { sha256(Array("hub.log.1/\(space)".utf8)) }

  package static func next(_ chain: [UInt8], sequence: UInt64, epoch: UInt64, digest: [UInt8]) -> [UInt8] {
    sha256(chain + bytes(sequence) + bytes(epoch) + digest)
  }

  private static func bytes(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// One record as it lies in the log.
struct ChainedRecord {
  var record: LogRecord
  var chain: [UInt8]
}

extension HashChain {
  /// The records of a batch, linked on.
  static func link(_ batch: LogBatch, onto chain: [UInt8]) -> [ChainedRecord] {
    var chain = chain
    var sequence = batch.expectedSequence
    return batch.payloads.map { payload in
      sequence += 1
      let digest = sha256(payload)
      chain = next(chain, sequence: sequence, epoch: batch.epoch, digest: digest)
      let record = LogRecord(sequence: sequence, epoch: batch.epoch, digest: digest, payload: payload)
      return ChainedRecord(record: record, chain: chain)
    }
  }

  /// Checks records against what they stand on. Returns how many payloads are erased.
  static func check(
    _ space: String, _ records: [ChainedRecord], after base: (sequence: UInt64, chain: [UInt8]),
    head: (sequence: UInt64, chain: [UInt8])
  ) throws(LogError) -> Int {
    var chain = base.chain
    var sequence = base.sequence
    var epoch: UInt64 = 0
    var erased = 0
    for entry in records {
      let record = entry.record
      let name = "\(space)/\(record.sequence)"
      sequence += 1
      guard record.sequence == sequence else {
        throw .damaged("\(space): record \(sequence) is missing, \(record.sequence) follows")
      }
      if let payload = record.payload {
        guard sha256(payload) == record.digest else { throw .damaged("\(name): payload and digest differ") }
      } else {
        erased += 1
      }
      guard record.epoch >= epoch else { throw .damaged("\(name): its epoch is older than the one before") }
      epoch = record.epoch
      chain = next(chain, sequence: sequence, epoch: epoch, digest: record.digest)
      guard chain == entry.chain else { throw .damaged("\(name): the chain breaks") }
    }
    guard sequence == head.sequence, chain == head.chain else {
      throw .damaged("\(space): the log ends at \(sequence), the head says \(head.sequence)")
    }
    return erased
  }
}
