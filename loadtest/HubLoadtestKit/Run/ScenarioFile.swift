import Foundation
import HubJSON
import HubServer

/// Scenario files: reading, checking, finding those that come with the product.
public enum ScenarioFile {
  /// A name such as `hall`, or a path (anything with a slash or ending in `.json`).
  /// - Throws: ``LoadtestError`` with every fault as file:line:column, or with the names there are.
  public static func load(_ nameOrPath: String) throws(LoadtestError) -> Scenario {
    if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") { return try read(path: nameOrPath) }
    guard let folder else {
      throw LoadtestError(
        "scenario \"\(nameOrPath)\": no folder loadtest/scenarios here or above this program; name a file")
    }
    guard names.contains(nameOrPath) else {
      throw LoadtestError(
        "scenario \"\(nameOrPath)\": expected a file, or one of \(names.joined(separator: ", "))")
    }
    return try read(path: "\(folder)/\(nameOrPath).json")
  }

  /// The scenarios that come with the product, by name.
  public static var names: [String] {
    guard let folder, let files = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return []
    }
    return files.filter { $0.hasSuffix(".json") && !$0.hasSuffix(".schema.json") }.map {
      String($0.dropLast(5))
    }.sorted()
  }

  /// `loadtest/scenarios` under the working directory, or under a folder that holds this program.
  static var folder: String? {
    var places = [FileManager.default.currentDirectoryPath]
    var place = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    if let bundle = CommandLine.arguments.first(where: { $0.hasSuffix(".xctest") }) {
      place = URL(fileURLWithPath: bundle)
    }
    while place.path != "/" {
      place = place.deletingLastPathComponent()
      places.append(place.path)
    }
    return places.map { $0 + "/loadtest/scenarios" }.first {
      FileManager.default.fileExists(atPath: $0 + "/hall.json")
    }
  }

  /// - Throws: ``LoadtestError`` with every fault as file:line:column.
  public static func read(path: String) throws(LoadtestError) -> Scenario {
    do throws(FileInvalid) {
      let document = try SourceDocument(path: path)
      let reader = ScenarioReader()
      let scenario = reader.read(document.value)
      let findings = document.located(reader.findings.items)
      guard findings.isEmpty else { throw FileInvalid(findings: findings) }
      return scenario
    } catch {
      throw LoadtestError(error.description)
    }
  }
}

/// A scenario's document as plain values; what does not fit is noted.
struct ScenarioReader {
  let findings = DocumentFindings()

  func read(_ document: JSONValue) -> Scenario {
    var scenario = Scenario(name: "", style: MotionStyle(moverShare: 0, pauseMeanMs: 1000))
    let root = ValueReader(value: document, path: .root, findings: findings).object(known: [
      "$schema", "format", "name", "title", "space", "avatars", "seconds", "seed", "arrivals", "starts",
      "motion", "chat", "departures", "storm", "readers", "hostile", "voice",
    ])
    guard let root else { return scenario }
    _ = root.optional("$schema")?.string()
    if let format = root.required("format")?.integer(), format != 1 {
      findings.add(JSONPath.root.appending(key: "format"), "found format \(format), expected 1")
    }
    scenario.name = root.required("name")?.text(scalarsMax: 60) ?? ""
    if let title = root.required("title")?.object(known: ["de", "en"]) {
      _ = title.required("de")?.text(scalarsMax: 400)
      _ = title.required("en")?.text(scalarsMax: 400)
    }
    scenario.space = root.optional("space")?.string()
    set(&scenario.avatars, root.optional("avatars"), 1...60_000)
    set(&scenario.seconds, root.optional("seconds"), 1...86_400)
    var seed = 1
    set(&seed, root.optional("seed"), 0...Int(1 << 53))
    scenario.seed = UInt64(seed)
    readCrowd(root, &scenario)
    readTrouble(root, &scenario)
    return scenario
  }

  private func readCrowd(_ root: ObjectReader, _ scenario: inout Scenario) {
    if let arrivals = root.required("arrivals")?.object(known: [
      "curve", "perSecond", "groupMax", "settleSeconds",
    ]) {
      if let curve = arrivals.optional("curve")?.word(Scenario.ArrivalCurve.self) {
        scenario.arrivalCurve = curve
      }
      set(&scenario.arrivalsPerSecond, arrivals.required("perSecond"), 0.1...100_000)
      set(&scenario.arrivalGroupMax, arrivals.optional("groupMax"), 1...1000)
      set(&scenario.settleSeconds, arrivals.required("settleSeconds"), 0...3600)
    }
    if let starts = root.optional("starts")?.object(known: ["clusters", "spreadMeters"]) {
      set(&scenario.clusters, starts.required("clusters"), 1...10_000)
      set(&scenario.clusterMeters, starts.optional("spreadMeters"), 0.5...200)
    }
    if let motion = root.required("motion")?.object(known: [
      "moverShare", "runnerShare", "walkMetersPerSecond", "runMetersPerSecond", "pauseMeanSeconds",
      "looksPerSecond", "legMetersMax", "portalChance", "portalsTo", "sways",
    ]) {
      var style = scenario.style
      set(&style.moverShare, motion.required("moverShare"), 0...1)
      set(&style.runnerShare, motion.optional("runnerShare"), 0...1)
      set(&style.walkMetersPerSecond, motion.optional("walkMetersPerSecond"), 0.1...2.2)
      set(&style.runMetersPerSecond, motion.optional("runMetersPerSecond"), 0.1...4)
      var pause = style.pauseMeanMs / 1000
      set(&pause, motion.required("pauseMeanSeconds"), 0.01...3600)
      style.pauseMeanMs = pause * 1000
      set(&style.looksPerSecond, motion.optional("looksPerSecond"), 0.001...5)
      set(&style.legMetersMax, motion.optional("legMetersMax"), 1.5...100)
      set(&style.portalChance, motion.optional("portalChance"), 0...1)
      style.portalsTo = motion.optional("portalsTo")?.array()?.compactMap { $0.string() }
      style.sways = motion.optional("sways")?.bool() ?? false
      scenario.style = style
    }
    if let object = root.optional("voice")?.object(known: [
      "share", "candidates", "glareShare", "restartsPerMinute",
    ]) {
      var voice = Scenario.Voice()
      set(&voice.share, object.required("share"), 0...1)
      set(&voice.candidates, object.optional("candidates"), 0...20)
      set(&voice.glareShare, object.optional("glareShare"), 0...1)
      set(&voice.restartsPerMinute, object.optional("restartsPerMinute"), 0...60)
      scenario.voice = voice
    }
    if let chat = root.optional("chat")?.object(known: ["perMinute"]) {
      set(&scenario.chatsPerMinute, chat.required("perMinute"), 0...600)
    }
  }

  private func readTrouble(_ root: ObjectReader, _ scenario: inout Scenario) {
    if let departures = root.optional("departures")?.object(known: [
      "leaveShare", "vanishShare", "resumeShare",
    ]) {
      set(&scenario.leaveShare, departures.optional("leaveShare"), 0...1)
      set(&scenario.vanishShare, departures.optional("vanishShare"), 0...1)
      set(&scenario.resumeShare, departures.optional("resumeShare"), 0...1)
      if scenario.leaveShare + scenario.vanishShare + scenario.resumeShare > 1 {
        findings.add(departures.path, "the shares add up to more than 1, expected at most 1")
      }
    }
    if let object = root.optional("storm")?.object(known: ["share", "atSeconds", "jitterSeconds"]) {
      var storm = Scenario.Storm()
      set(&storm.share, object.required("share"), 0...1)
      set(&storm.atSeconds, object.required("atSeconds"), 0...86_400)
      set(&storm.jitterSeconds, object.required("jitterSeconds"), 0...600)
      scenario.storm = storm
    }
    if let object = root.optional("readers")?.object(known: [
      "slowShare", "slowBytesPerSecond", "stalledShare", "stallSeconds",
    ]) {
      var readers = Scenario.Readers()
      set(&readers.slowShare, object.optional("slowShare"), 0...0.5)
      set(&readers.slowBytesPerSecond, object.optional("slowBytesPerSecond"), 100...1_000_000)
      set(&readers.stalledShare, object.optional("stalledShare"), 0...0.5)
      set(&readers.stallSeconds, object.optional("stallSeconds"), 0.1...3600)
      scenario.readers = readers
    }
    if let object = root.optional("hostile")?.object(known: ["share", "kinds", "perSecond"]) {
      var hostile = Scenario.Hostile()
      set(&hostile.share, object.required("share"), 0...0.5)
      if let kinds = object.optional("kinds")?.array() {
        hostile.kinds = kinds.compactMap { $0.word(Scenario.Hostility.self) }
        if kinds.isEmpty {
          findings.add(object.path.appending(key: "kinds"), "found no kind, expected at least one")
        }
      }
      set(&hostile.perSecond, object.optional("perSecond"), 0.1...1000)
      scenario.hostile = hostile
    }
  }

  private func set(_ place: inout Double, _ reader: ValueReader?, _ range: ClosedRange<Double>) {
    guard let reader, let number = reader.number() else { return }
    guard range.contains(number) else {
      return findings.add(
        reader.path, "found \(number), expected \(range.lowerBound) to \(range.upperBound)")
    }
    place = number
  }

  private func set(_ place: inout Int, _ reader: ValueReader?, _ range: ClosedRange<Int>) {
    guard let reader, let number = reader.integer() else { return }
    guard range.contains(number) else {
      return findings.add(
        reader.path, "found \(number), expected \(range.lowerBound) to \(range.upperBound)")
    }
    place = number
  }
}
