// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

extension Target.Dependency {
    static let signals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let grdbSQLite = product(name: "GRDBSQLite", package: "GRDB.swift")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let heap = product(name: "HeapModule", package: "swift-collections")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let logging = product(name: "Logging", package: "swift-log")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let inMemoryLogging = product(name: "InMemoryLogging", package: "swift-log")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let tracing = product(name: "Tracing", package: "swift-distributed-tracing")
    static let inMemoryTracing = product(name: "InMemoryTracing", package: "swift-distributed-tracing")
    static let instrumentation = product(name: "Instrumentation", package: "swift-distributed-tracing")
    static let histogram = product(name: "Histogram", package: "hdrhistogram-swift")
}

/// A library target whose code obeys every rule in `strict`, and those in `more`.
func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil, more: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict + more)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "roost",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Roost", targets: ["Roost"]),
        .library(name: "RoostTesting", targets: ["RoostTesting"]),
        .executable(name: "roost", targets: ["RoostCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CChecksum"),
        library("RoostCore", ["CChecksum"]),
        library("RoostJSON", ["RoostCore"]),
        library("RoostLog", ["RoostCore", .crypto]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        library("RoostArchive", ["RoostLog", "RoostJSON", "CZlib", .crypto]),
        .target(name: "CSQLiteOptions", linkerSettings: [.linkedLibrary("sqlite3")]),
        library(
            "RoostLogSQLite", ["RoostLog", "RoostArchive", "CSQLiteOptions", .grdb, .grdbSQLite, .crypto],
            more: [.strictMemorySafety()]),
        .target(name: "CRowHash", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CSQLiteFaults", linkerSettings: [.linkedLibrary("sqlite3")]),
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"]), .brew(["zeromq"])]),
        library("RoostZeroMQ", ["CZeroMQ", "RoostCore", .deque, .heap], more: [.strictMemorySafety()]),
        library(
            "RoostNode",
            [
                "RoostLog", "RoostLogSQLite", "RoostTrace", "RoostZeroMQ", "RoostJSON", "CRowHash", .deque, .grdb,
                .grdbSQLite, .crypto, .logging,
            ]),
        library("RoostTrace", ["RoostLog", "RoostJSON", .instrumentation, .logging]),
        library("RoostTelemetry", ["RoostTrace", "RoostLog", "RoostJSON", .httpClient, .logging]),
        library("RoostVault", ["RoostCore", .grdb, .crypto]),
        library("RoostSchema", ["RoostCore", "RoostJSON"]),
        library("RoostCluster", ["RoostCore", "RoostZeroMQ", .yams]),
        library("RoostFaults", ["RoostCluster", "RoostCore", "CSQLiteFaults"]),
        library(
            "RoostRoles",
            [
                "RoostCluster", "RoostFaults", "RoostNode", "RoostTelemetry", "RoostTrace", "RoostVault",
                "RoostLogSQLite", "RoostJSON", "RoostZeroMQ", .logging, .instrumentation, .lifecycle, .signals,
            ]),
        library(
            "RoostClient",
            [
                "RoostCluster", "RoostNode", "RoostTrace", "RoostSchema", "RoostVault", "RoostJSON", "RoostArchive",
                "RoostLogSQLite", .grdb, .grdbSQLite, .crypto,
            ]),
        library(
            "RoostWeb",
            ["RoostClient", "RoostTrace", .hummingbird, .lifecycle, .logging, .tracing, .instrumentation]),
        library(
            "RoostDrill",
            ["RoostClient", "RoostCluster", "RoostNode", "RoostTrace", "RoostLog", "RoostCore", "RoostJSON"]),
        library("RoostSim", ["RoostNode"]),
        library("RoostTesting", ["RoostLog", "RoostNode", "RoostTrace", "RoostJSON", .grdbSQLite, .crypto]),
        library("Roost", ["RoostWeb", "RoostRoles", "RoostTrace", "RoostDrill", .arguments]),
        library("Shop", ["Roost"]),
        .executableTarget(
            name: "RoostCommand", dependencies: ["Shop", "RoostJSON", "RoostLogSQLite"], swiftSettings: strict),
        .target(name: "CLimits", linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("zmq")]),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "RoostClient", "RoostCluster", "RoostNode", "RoostTrace", "RoostVault", "RoostLogSQLite",
                "RoostArchive",
                "RoostZeroMQ", "RoostJSON", "CLimits",
                .crypto, .grdb, .histogram,
            ],
            swiftSettings: strict),
        .target(
            name: "ShopScenario", dependencies: ["RoostSim", "Shop"], path: "Tests/ShopScenario", swiftSettings: strict),
        .executableTarget(
            name: "SimulationProbe", dependencies: ["ShopScenario"], path: "Tests/SimulationProbe",
            swiftSettings: strict),
        tests(
            "RoostNodeTests",
            [
                "RoostNode", "RoostTesting", "RoostLogSQLite", "RoostSim", "RoostZeroMQ", "RoostJSON", "Shop",
                "ShopScenario", "RoostFaults", "RoostCluster", .grdb,
            ]),
        tests("RoostSimTests", ["ShopScenario", "SimulationProbe"]),
        tests("LintTests", []),
        tests("RoostRolesTests", ["RoostRoles"]),
        tests("RoostCoreTests", ["RoostCore", "RoostTesting", "CChecksum"]),
        tests("RoostTraceTests", ["RoostTrace", .instrumentation, .logging, .inMemoryLogging]),
        tests("RoostVaultTests", ["RoostVault", "RoostCore"]),
        tests("RoostSchemaTests", ["RoostSchema", "RoostJSON", "RoostCore"]),
        .target(
            name: "ClientScenario",
            dependencies: ["RoostClient", "RoostTrace", .tracing, .instrumentation, .inMemoryTracing],
            path: "Tests/ClientScenario", swiftSettings: strict),
        tests(
            "RoostClientTests", ["RoostClient", "RoostJSON", "ClientScenario", "Shop", "RoostTesting", "OtherPrograms"]),
        tests(
            "RoostTelemetryTests",
            ["RoostTelemetry", "RoostRoles", "ClientScenario", "OtherPrograms", .logging, .inMemoryLogging]),
        tests("RoostWebTests", ["RoostWeb", "ClientScenario", .tracing, .logging, .inMemoryLogging]),
        .executableTarget(
            name: "TillsExample", dependencies: ["Roost"], path: "Tests/TillsExample", exclude: ["tills.yaml"],
            swiftSettings: strict),
        .executableTarget(
            name: "LoopExample", dependencies: ["Roost"], path: "Tests/LoopExample", exclude: ["loop.yaml"],
            swiftSettings: strict),
        .executableTarget(
            name: "PoisonExample", dependencies: ["Roost"], path: "Tests/PoisonExample", exclude: ["poison.yaml"],
            swiftSettings: strict),
        tests("RoostTests", ["RoostCommand", "TillsExample", "LoopExample", "PoisonExample"]),
        tests("RoostZeroMQTests", ["RoostZeroMQ", "RoostCore"], resources: [.copy("subscriber.py")]),
        tests("ShopTests", ["Shop", "RoostTesting"], resources: [.copy("golden-events.jsonl")]),
        .target(
            name: "OtherPrograms", path: "Tests/OtherPrograms",
            exclude: [
                "s3_server.py", "duckdb_counts.py", "read_exports.py", "read_cloudevents.py", "otlp_json.py",
                "otlp_collector.py",
            ],
            swiftSettings: strict),
        tests("RoostArchiveTests", ["RoostArchive", "RoostTesting", "RoostJSON", "OtherPrograms"]),
        tests("RoostLogTests", ["RoostLog", "RoostTesting"]),
        tests("RoostJSONTests", ["RoostJSON", "RoostCore"]),
        .executableTarget(
            name: "RoostClusterHost", dependencies: ["RoostCluster"], path: "Tests/RoostClusterHost",
            swiftSettings: strict),
        .executableTarget(
            name: "DiskProbe", dependencies: ["RoostFaults", "RoostCluster", .grdbSQLite], path: "Tests/DiskProbe",
            swiftSettings: strict),
        tests("RoostFaultsTests", ["RoostFaults", "RoostCluster", "RoostCore", "DiskProbe"]),
        tests("RoostClusterTests", ["RoostCluster", "RoostCore", "RoostClusterHost"]),
        tests(
            "RoostDrillTests",
            ["RoostDrill", "RoostClient", "RoostCluster", "RoostCore", "RoostLog", "RoostNode", "Shop"]),
        tests(
            "ProcessTests",
            [
                "RoostCommand", "Roost", "Shop", "OtherPrograms", "RoostCluster", "RoostCore", "RoostLog",
                "RoostLogSQLite", "RoostNode", "RoostZeroMQ", "RoostDrill", "ClientScenario", .tracing,
                .inMemoryTracing,
                .grdb,
            ]),
        .executableTarget(
            name: "MutantProbe", dependencies: ["RoostLog"], path: "Tests/MutantProbe", swiftSettings: strict),
        .executableTarget(
            name: "LogCrashProbe", dependencies: ["RoostLogSQLite", "RoostTesting"], path: "Tests/LogCrashProbe",
            swiftSettings: strict),
        tests(
            "RoostLogSQLiteTests",
            ["RoostLogSQLite", "RoostArchive", "RoostTesting", "OtherPrograms", "LogCrashProbe", .grdbSQLite]),
    ],
    swiftLanguageModes: [.v6]
)
