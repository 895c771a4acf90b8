/// Rules that a test can switch off, one at a time, to see the simulation turn red. The product runs with `none`; the
/// comparisons stand outside the loops over avatars where they can, and are with a constant of the space elsewhere.
package enum ReplicationMutation: String, Sendable, CaseIterable {
  case none
  /// An empty slot is not told as a leave.
  case noTombstones
  /// A slot with a new occupant is told as an update when a gap heals.
  case healWithoutIDs
  /// A record says where the predictor was at its base, not at the frame's tick.
  case oldWord
  /// A leave removes the avatar wherever its home is.
  case blindLeave
  /// An enter does not move an avatar that already has a home.
  case firstHomeWins
  /// The told list changes while the client is skipped.
  case interestBookedWhileSkipped
  /// A told page's records may be left out of one client's frame.
  case recordsDeferredPerClient
  /// A client that missed one tick gets the live block.
  case staleClientTakenAsLive
  /// Evaluations that fall on a skipped tick are lost.
  case evaluationByTickNumber
  /// Focus does not repeat the enter when the avatar changes its page.
  case focusWithoutPageChange
  /// REPLACE does not empty the page first.
  case replaceMerges
  /// Pages leave the told list without a DROP.
  case noDrop
  /// The predictor advances without being told.
  case predictorAdvancedUntold
  /// A predictor's age wraps at 256 ticks.
  case ageByte
  /// The tables of an empty page are zeroed.
  case freedPages
  /// A page gets a coarser tier without a keyframe.
  case freeDowngrade
  /// Predictions may leave the coded range.
  case noRangeEmission
  /// The coded range is checked at evaluation ticks only.
  case rangeEmissionAtEvaluation
  /// Too many records at once put off those that must not leave the coded range, too.
  case postponesRangeEmission
  /// A coarse cell that nobody is in any more is not told.
  case noDigestTombstones
  /// A client that missed ticks does not hear of the digests that changed in them.
  case digestsToLiveReadersOnly
}
