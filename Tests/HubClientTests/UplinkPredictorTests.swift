import HubClient
import HubKernel
import HubWire
import Testing

@Suite struct UplinkPredictorTests {
  @Test func theFirstPoseGoesOut() {
    #expect(UplinkPredictor().wants(Pose(x: 0, y: 0, z: 0), at: 1))
  }

  @Test func anEvenWalkIsSentTwiceASecond() {
    var uplink = UplinkPredictor()
    var sent = 0
    for tick in Tick(1)...200 {
      // 1.5 m/s along x: 48 velocity steps, 30 position steps a tick.
      let pose = Pose(x: Int32(tick) * 30, y: 0, z: 0, velocityX: 48, yaw: 9, animation: Animation.walk)
      if uplink.wants(pose, at: tick) {
        uplink.note(pose, at: tick)
        sent += 1
      }
    }
    #expect(sent == 20)
  }

  @Test func someoneAtRestIsConfirmedOnceASecond() {
    var uplink = UplinkPredictor()
    let pose = Pose(x: 0, y: 0, z: 0)
    uplink.note(pose, at: 0)
    #expect(!uplink.wants(pose, at: 18))
    #expect(uplink.wants(pose, at: 19))
  }

  @Test(arguments: [
    (Pose(x: 5, y: 0, z: 0), true), (Pose(x: 4, y: 0, z: 0), false), (Pose(x: 3, y: 3, z: 3), true),
    (Pose(x: 0, y: 0, z: 0, yaw: 547), true), (Pose(x: 0, y: 0, z: 0, yaw: 64990), false),
    (Pose(x: 0, y: 0, z: 0, animation: 1), true), (Pose(x: 0, y: 0, z: 0, flags: .handRaised), true),
  ])
  func sendsBeyondOneCentimetreOrThreeDegreesOrAnotherState(_ pose: Pose, _ wanted: Bool) {
    var uplink = UplinkPredictor()
    uplink.note(Pose(x: 0, y: 0, z: 0), at: 10)
    #expect(uplink.wants(pose, at: 11) == wanted)
  }

  @Test func neverTwoMovesForOneTick() {
    var uplink = UplinkPredictor()
    uplink.note(Pose(x: 0, y: 0, z: 0), at: 10)
    #expect(!uplink.wants(Pose(x: 4000, y: 0, z: 0), at: 10))
  }
}
