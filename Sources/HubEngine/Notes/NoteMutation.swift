/// Rules of ``Engine`` about notes that a test can switch off, one at a time, to see the simulation turn red. The product
/// runs with `none`.
package enum NoteMutation: String, Sendable, CaseIterable {
  case none
  /// People hear of an op before the log has it.
  case toldBeforeStored
  /// A failed commit leaves the speculative state as it was.
  case keptAfterFailure
  /// A wish is taken whatever revision it is based on.
  case staleRevisionTaken
  /// What may be in the log is told to be refused.
  case unknownToldAsRefused
}
