/// How clients make the voices heard in one place quieter with distance, in the terms of WebAudio's PannerNode
/// (https://www.w3.org/TR/webaudio/#Spatialization-distance-effects).
public struct Attenuation: Sendable, Equatable {
  /// `none`: everybody sounds as near, as over a loudspeaker.
  public enum Model: String, Sendable, CaseIterable { case inverse, linear, none }
  public var model: Model
  /// Up to here a voice keeps its full volume.
  public var referenceMeters: Double
  /// How fast it falls beyond; with `linear`, the share it loses by ``maxMeters``, at most 1.
  public var rolloff: Double
  /// From here on it gets no quieter.
  public var maxMeters: Int
  /// What is nil is as usual: 1.5 m, a roll-off of 1.5 (linear: 1), 20 m.
  public init(
    model: Model = .inverse, referenceMeters: Double? = nil, rolloff: Double? = nil, maxMeters: Int? = nil
  ) {
    self.model = model
    self.referenceMeters = referenceMeters ?? 1.5
    self.rolloff = rolloff ?? (model == .linear ? 1 : 1.5)
    self.maxMeters = maxMeters ?? 20
  }

  /// For a stage: its speakers sound alike from everywhere on it.
  public static let loudspeaker = Attenuation(model: .none)
}
