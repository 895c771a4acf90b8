/// A world of two rooms for feature stories: a hall with a stage area, a seat, a locked store and a portal into a yard.
enum FeatureWorld {
  static let json = """
    {"format":1,"id":"feature-world","title":{"de":"Probe","en":"Probe"},"description":{"de":"Probe","en":"Probe"},
     "start":{"space":"hall","spawn":"entrance"},
     "spaces":[
      {"id":"hall","title":{"de":"Halle","en":"Hall"},"description":{"de":"Halle","en":"Hall"},
       "bounds":{"min":[-20,-1,-20],"max":[20,7,20]},"capacity":100,
       "nodes":[
        {"id":"entrance","position":[0,0,10],"components":{"spawn":{"radius":1}}},
        {"id":"from-yard","position":[0,0,-12],"components":{"spawn":{"radius":1}}},
        {"id":"wall","position":[12,0,0],"components":{"shape":{"kind":"box","size":[0.2,3,10],"color":"#888888","material":"matte"},"collider":{"kind":"solid"}}},
        \(area("stage", "0,0,0", "6,3,4", "\"purpose\":\"stage\"")),
        \(area("chair", "8,0,10", "0.6,1.5,0.6", "\"purpose\":\"seat\"")),
        \(area("store", "-15,0,-15", "4,3,4", "\"purpose\":\"quiet\",\"locked\":true")),
        \(area("to-yard", "0,0,-19", "3,3,1", "\"purpose\":\"portal\",\"to\":{\"space\":\"yard\",\"spawn\":\"gate\"}"))
       ]},
      {"id":"yard","title":{"de":"Hof","en":"Yard"},"description":{"de":"Hof","en":"Yard"},
       "bounds":{"min":[-20,-1,-20],"max":[20,7,20]},"capacity":100,
       "nodes":[
        {"id":"gate","position":[0,0,5],"components":{"spawn":{"radius":1}}},
        \(area("to-hall", "0,0,19", "3,3,1", "\"purpose\":\"portal\",\"to\":{\"space\":\"hall\",\"spawn\":\"from-yard\"}"))
       ]}
     ]}
    """

  private static func area(_ id: String, _ position: String, _ size: String, _ rest: String) -> String {
    let text = "{\"de\":\"\(id)\",\"en\":\"\(id)\"}"
    return "{\"id\":\"\(id)\",\"position\":[\(position)],\"title\":\(text),\"alt\":\(text),"
      + "\"components\":{\"area\":{\"size\":[\(size)],\(rest)}}}"
  }
}
