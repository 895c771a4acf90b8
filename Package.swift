// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: warnings are errors, and the upcoming language rules hold already.
let base: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]
/// The pure modules also mark every unsafe expression; the edges talk C, where each line would carry the mark.
let pure: [SwiftSetting] = base + [.strictMemorySafety()]

let package = Package(
  name: "hub",
  products: [
    .executable(name: "hub", targets: ["hub"]),
    .executable(name: "hub-loadtest", targets: ["HubLoadtest"]),
    .executable(name: "hub-bench", targets: ["HubBench"]),
    .library(name: "HubClient", targets: ["HubClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
  ],
  targets: [
    // C libraries, each imported by exactly one module.
    .systemLibrary(
      name: "CLibwebsockets", pkgConfig: "libwebsockets", providers: [.apt(["libwebsockets-dev"])]),
    .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CEpoll"),

    // Pure floors: no socket, no file, no clock, no global randomness, no Foundation.
    .target(name: "HubKernel", swiftSettings: pure),
    .target(name: "HubWire", dependencies: ["HubKernel"], swiftSettings: pure),
    .target(name: "HubScene", dependencies: ["HubKernel"], swiftSettings: pure),
    .target(name: "HubReplication", dependencies: ["HubKernel", "HubWire"], swiftSettings: pure),
    .target(
      name: "HubEngine", dependencies: ["HubKernel", "HubWire", "HubScene", "HubReplication"],
      swiftSettings: pure),
    // Pure as well; Foundation for the time zones' data alone.
    .target(name: "HubBookings", swiftSettings: pure),

    // Edges.
    .target(name: "HubCalDAV", dependencies: ["CCurl"], swiftSettings: base),
    .target(name: "HubJSON", dependencies: ["CJansson"], swiftSettings: base),
    .target(name: "HubNet", dependencies: ["CLibwebsockets", "HubKernel"], swiftSettings: base),
    .target(
      name: "HubStore",
      dependencies: ["HubKernel", "CCrypto", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: base),
    .target(
      name: "HubServer",
      dependencies: [
        "HubEngine", "HubJSON", "HubStore", "HubNet", "HubReplication", "HubScene", "HubWire", "HubKernel",
        "CCrypto", "HubBookings", "HubCalDAV",
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.copy("WebClient")],
      swiftSettings: base),
    .target(
      name: "HubClient",
      dependencies: ["HubKernel", "HubWire", "HubReplication", "HubJSON", "HubNet", "CEpoll"],
      swiftSettings: base),
    .executableTarget(
      name: "hub",
      dependencies: [
        "HubServer", "HubBookings", "HubStore", "HubEngine", "HubReplication", "HubScene", "HubJSON",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: base),
    .target(
      name: "HubLoadtestKit",
      dependencies: [
        "HubClient", "HubKernel", "HubWire", "HubReplication", "HubScene", "HubServer", "HubJSON", "HubNet",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "loadtest/HubLoadtestKit", swiftSettings: base),
    .executableTarget(
      name: "HubLoadtest",
      dependencies: [
        "HubLoadtestKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "loadtest/HubLoadtest", swiftSettings: base),
    .executableTarget(
      name: "HubBench",
      dependencies: [
        "HubReplication", "HubWire", "HubKernel", "CAllocationCounter",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "loadtest/HubBench", swiftSettings: base),

    // Tests mirror the modules.
    .executableTarget(
      name: "hub-echo", dependencies: ["HubNet"], path: "Tests/HubEcho", swiftSettings: base),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .target(
      name: "HubTestKit",
      dependencies: ["HubKernel", "HubWire", "HubScene", "HubReplication", "HubEngine", "HubJSON"],
      path: "Tests/HubTestKit", swiftSettings: base),
    .testTarget(name: "HubKernelTests", dependencies: ["HubKernel", "HubTestKit"], swiftSettings: base),
    .testTarget(
      name: "HubWireTests", dependencies: ["HubWire", "HubTestKit", "HubJSON"], swiftSettings: base),
    .testTarget(
      name: "HubSceneTests", dependencies: ["HubScene", "HubKernel", "HubTestKit", "HubJSON", "HubServer"],
      swiftSettings: base),
    .testTarget(
      name: "HubJSONTests", dependencies: ["HubJSON", "HubKernel", "HubTestKit"], swiftSettings: base),
    .testTarget(
      name: "HubReplicationTests", dependencies: ["HubReplication", "HubTestKit"], swiftSettings: base),
    .testTarget(
      name: "HubSimulationTests", dependencies: ["HubReplication", "HubTestKit"], swiftSettings: base),
    .testTarget(
      name: "HubEngineTests", dependencies: ["HubEngine", "HubJSON", "HubTestKit"], swiftSettings: base),
    .testTarget(name: "HubBookingsTests", dependencies: ["HubBookings"], swiftSettings: base),
    .testTarget(name: "HubNetTests", dependencies: ["HubNet", "HubTestKit"], swiftSettings: base),
    .testTarget(name: "HubCalDAVTests", dependencies: ["HubCalDAV"], swiftSettings: base),
    .testTarget(
      name: "HubStoreTests",
      dependencies: ["HubStore", "HubServer", "HubEngine", "HubWire", "HubKernel", "HubJSON", "HubTestKit"],
      swiftSettings: base),
    .testTarget(
      name: "HubServerTests",
      dependencies: [
        "HubServer", "HubEngine", "HubJSON", "HubKernel", "HubNet", "HubCalDAV", "HubTestKit",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: base),
    .testTarget(
      name: "HubClientTests", dependencies: ["HubClient", "HubReplication", "HubTestKit"],
      swiftSettings: base),
    .testTarget(
      name: "HubLoadtestTests", dependencies: ["HubLoadtestKit", "HubReplication", "HubTestKit"],
      swiftSettings: base),
    .testTarget(
      name: "HubFeatureTests", dependencies: ["HubServer", "HubClient", "HubLoadtestKit", "HubTestKit"],
      swiftSettings: base),
    .testTarget(
      name: "HubAllocationTests",
      dependencies: ["HubEngine", "HubReplication", "HubTestKit", "CAllocationCounter"],
      swiftSettings: base),
  ]
)
