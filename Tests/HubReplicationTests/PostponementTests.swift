import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct PostponementTests {
  @Test func aPageWithTooManyRecordsTellsTheLargestErrorsFirstAndNobodyWaitsForEver() throws {
    var parameters = ReplicationParameters()
    parameters.emissionsPerPageMax = 10
    var scene = try Scene(entities: 64, views: 1, parameters: parameters)
    for index in 0..<25 { #expect(holds(scene.add(index, Scene.at(2 + Double(index) * 0.1, 4)))) }
    let viewer = Scene.at(4, 4)
    // Entering is never put off: all 25 are there at once.
    var replica = Replica(grid: scene.space.grid)
    func apply() throws {
      scene.step()
      let frame = scene.frame(from: viewer)
      if frame.isWritten { try replica.apply(frame.bytes.span.bytes) }
    }
    for _ in 0..<3 { try apply() }
    #expect(replica.shownCount == 25 && scene.space.postponedEmissions == 0)
    // Everybody jumps: person n by 11 + n steps, where 10 are allowed at S0 and 40 at S1.
    for index in 0..<25 {
      var pose = Scene.at(2 + Double(index) * 0.1, 4)
      pose.z += Int32(11 + index)
      scene.space.setPose(EntityID(rawValue: UInt16(index)), pose)
    }
    func right() -> [Int] {
      (0..<25).filter { index in
        replica.entity(EntityID(rawValue: UInt16(index)))?.predictor.z == 1600 + Int32(11 + index)
      }
    }
    var rightAfter: [[Int]] = []
    for _ in 0..<3 {
      try apply()
      rightAfter.append(right())
    }
    #expect(rightAfter == [Array(15..<25), Array(5..<25), Array(0..<25)])
    #expect(scene.space.postponedEmissions == 15 + 5)
    for _ in 0..<8 { try apply() }
    #expect(scene.space.postponedEmissions == 15 + 5)
  }
}
