// swift-tools-version: 6.1
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// One library module; `imports` are the modules of the table in Sources/README.md.
func room(_ name: String, imports: [Target.Dependency], notSource: [String] = []) -> Target {
  .target(
    name: name, dependencies: imports, exclude: ["README.md"] + notSource,
    swiftSettings: swiftSettings)
}

/// The tests of one module.
func tests(_ name: String, imports: [Target.Dependency] = [], fixtures: Bool = false) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name), "PithTestSupport"] + imports,
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: swiftSettings)
}

let package = Package(
  name: "pith",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Pith", targets: ["Pith"]),
    .executable(name: "pith", targets: ["PithCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CDNNL", pkgConfig: "dnnl", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CSPNG", pkgConfig: "spng", providers: [.apt(["libspng-dev"]), .brew(["libspng"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev"]), .brew(["lapack"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .target(
      name: "CPithKernels",
      linkerSettings: [.linkedLibrary("gomp", .when(platforms: [.linux]))]),
    room("PithTensors", imports: []),
    room("PithGraph", imports: ["PithTensors"]),
    room("PithKernels", imports: ["PithTensors", "CDNNL", "CPithKernels"]),
    room("PithOperators", imports: ["PithGraph", "PithKernels"]),
    room(
      "PithONNX",
      imports: ["PithOperators", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      notSource: ["onnx.proto"]),
    room("PithRuntime", imports: ["PithOperators"]),
    room("PithData", imports: ["PithTensors", "CTurboJPEG", "CSPNG", "CZlib"]),
    room("PithTraining", imports: ["PithRuntime", "PithData"]),
    room("PithCoding", imports: ["PithTensors", "CPithKernels", "CZstd"]),
    room("PithModels", imports: ["PithOperators"]),
    room(
      "PithCompression",
      imports: ["PithTraining", "PithCoding", "CPithKernels", "CLAPACKE", "COpenBLAS"]),
    room("PithReports", imports: ["PithTensors"]),
    room(
      "Pith",
      imports: [
        "PithCompression", "PithModels", "PithONNX", "PithReports",
        .product(name: "Yams", package: "Yams"),
      ]),
    .executableTarget(
      name: "PithCLI",
      dependencies: [
        "Pith", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md"], swiftSettings: swiftSettings),
    .executableTarget(
      name: "PithConformance", dependencies: ["PithONNX", "PithRuntime"],
      path: "Tests/Conformance", swiftSettings: swiftSettings),
    .target(
      name: "PithTestSupport", dependencies: ["PithOperators"], path: "Tests/Support",
      swiftSettings: swiftSettings),
    tests("PithTensors", fixtures: true),
    tests("PithGraph", imports: ["PithOperators"]),
    tests("PithOperators", imports: ["PithRuntime", "PithONNX"], fixtures: true),
    tests("PithONNX", imports: ["PithRuntime"], fixtures: true),
    tests("PithRuntime", imports: ["PithONNX"], fixtures: true),
    tests("PithData", fixtures: true),
    tests("PithCoding", fixtures: true),
    tests("PithTraining", imports: ["PithONNX", "PithModels"], fixtures: true),
    tests("PithModels", imports: ["PithRuntime", "PithONNX"]),
    tests(
      "PithCompression", imports: ["PithModels", "PithONNX", "PithRuntime"], fixtures: true),
    tests("PithReports"),
    tests("Pith"),
  ]
)
