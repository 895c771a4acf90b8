public import HubKernel
import HubReplication
import HubScene
import HubWire

extension Engine {
  /// One tick. `tick` follows real time: after an overrun it may be more than one ahead.
  /// - Parameter unixMs: wall clock; stamps chat and nothing else.
  public func step(tick: Tick, unixMs: Int64) {
    precondition(tick > now || (tick == 0 && now == 0), "ticks only go forward")
    now = tick
    self.unixMs = unixMs
    checkLiveness()
    admitWaiters()
    stepCalls()
    moveAll()
    stepScenes()
    for space in spaces { space.replicator.step(tick: tick) }
    stepVoice()
    tellGone()
    tellRosters()
    tellNews()
    tellHands()
    tellPlaces()
    tellNearness()
    tellUntoldEvents()
    commitNotes()
    sweepImages()
  }

  /// Doors, turntables and trams: scene nodes go through the same grid as people.
  private func stepScenes() {
    for space in spaces where space.scene.dynamics.count > 0 {
      space.bodies.removeAll(keepingCapacity: true)
      for slot in space.members { if let p = participants[slot] { space.bodies.append(p.pose) } }
      space.scene.stepDynamics(tick: now, bodies: space.bodies.span)
      var changed: [Int] = []
      for node in 0..<space.scene.dynamics.count {
        space.replicator.setPose(space.dynamicEntities[node], space.scene.dynamics.pose(node))
        let state = self.state(of: node, in: space)
        guard state != space.dynamicStates[node] else { continue }
        let isFirst = space.dynamicStates[node] == nil
        space.dynamicStates[node] = state
        changed.append(node)
        guard !isFirst else { continue }
        switch state {
        case .open: tellEvent(.opened, in: space, node: node)
        case .closed: tellEvent(.closed, in: space, node: node)
        case .stopped: tellEvent(.arrived, in: space, node: node)
        case .moving:
          if case .path = space.scene.dynamics.items[node].motion {
            tellEvent(.departed, in: space, node: node)
          }
        }
      }
      if !changed.isEmpty && !space.members.isEmpty { broadcast(space, nodesMessage(space, changed)) }
    }
  }

  private func state(of node: Int, in space: SpaceRuntime) -> NodeState {
    switch space.scene.dynamics.items[node].motion {
    case .door:
      switch space.scene.dynamics.doorState(node) {
      case .open: .open
      case .closed: .closed
      case .opening, .closing, nil: .moving
      }
    case .turntable: .moving
    case .path:
      space.scene.dynamics.pose(node).velocityX == 0 && space.scene.dynamics.pose(node).velocityZ == 0
        ? .stopped : .moving
    }
  }

  /// Idle, silent, lost, gone: all by the last acknowledgement and the last input.
  private func checkLiveness() {
    let second = Tick(Units.ticksPerSecond)
    for case let p? in participants {
      let silent = now &- p.lastAckTick
      if silent >= Tick(config.goneSeconds) * second {
        if !p.isLost { tellEvent(.lost, about: p) }
        leave(p, reason: .lost, close: .silent)
        continue
      }
      if p.connection != nil, !p.isSilenced, silent >= Tick(config.closeSilentSeconds) * second {
        p.isSilenced = true
        directives.append(.close(p.session, .silent))
      }
      let isLost = silent >= Tick(config.lostSeconds) * second
      if isLost != p.isLost {
        p.isLost = isLost
        if isLost {
          p.pose.velocityX = 0
          p.pose.velocityZ = 0
          p.base = p.pose
          publish(p)
        }
        personChanged(p, .lost)
        tellEvent(isLost ? .lost : .back, about: p)
      }
      let isIdle = now &- p.lastInputTick >= Tick(config.idleAwaySeconds) * second
      if isIdle && !p.isIdle {
        p.isIdle = true
        personChanged(p, .status)
        tellEvent(.status, about: p)
      }
    }
  }
}
