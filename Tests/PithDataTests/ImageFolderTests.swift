import Foundation
import PithData
import PithTensors
import PithTestSupport
import Testing

@Suite struct ImageFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func classesAreFoldersInOrder() throws {
    for name in ["zebra/1.png", "ant/2.PNG", "ant/1.png", "bee/x.jpg"] {
      try folder.copy(name.hasSuffix("jpg") ? "rgb420.jpg" : "rgb8.png", to: name)
    }
    try folder.write("bee/notes.txt", [1])
    try folder.write("bee/.hidden.png", [1])
    let data = try folder.open("images")
    #expect(data.classNames == ["ant", "bee", "zebra"])
    #expect(data.train.labels == [0, 0, 1, 2])
    #expect(data.test == nil)
    #expect(data.evaluation.count == 4)
  }

  @Test func splitsLieAboveTheClasses() throws {
    for name in ["train/a/1.png", "train/b/1.png", "val/b/1.png", "test/a/1.png", "test/b/2.png"] {
      try folder.copy("rgb8.png", to: name)
    }
    let data = try folder.open("images")
    #expect(data.train.labels == [0, 1])
    #expect(data.validation?.labels == [1])
    #expect(data.test?.labels == [0, 1])
    try folder.copy("rgb8.png", to: "test/c/1.png")
    let error = try #require(fault { _ = try folder.open("images") })
    #expect("\(error)".contains("class 'c' is not among the training images"))
  }

  @Test func labelsInFileNames() throws {
    try folder.write("classes.txt", Array("0\tk0\tcat\n1\tk1\tdog\n2\tk2\tfox\n".utf8))
    for name in ["00000_002.png", "00001_000.png", "00002_002.png"] {
      try folder.copy("rgb8.png", to: "train/\(name)")
    }
    let data = try folder.open("images")
    #expect(data.classNames == ["cat", "dog", "fox"])
    #expect(data.train.labels == [2, 0, 2])
    for name in ["0001_dog_a.png", "0000_cat_b.png"] {
      try folder.copy("rgb8.png", to: "leading/\(name)")
    }
    #expect(try folder.open("images", "leading").train.labels == [0, 1])
    try folder.copy("rgb8.png", to: "leading/0003_none.png")
    guard case .labelOutOfRange(_, _, 3, 3)? = fault({ _ = try folder.open("images", "leading") })
    else {
      Issue.record("label 3 of 3 classes was taken")
      return
    }
    try folder.copy("rgb8.png", to: "leading/unlabelled.png")
    #expect(fault { _ = try folder.open("images", "leading") } != nil)
  }

  @Test func differentSizesNeedASize() throws {
    try folder.copy("rgb8.png", to: "a/1.png")
    try folder.copy("portrait.png", to: "a/2.png")
    let error = try #require(fault { _ = try folder.open("images") })
    #expect("\(error)".contains("37x53"))
    #expect("\(error)".contains("size"))
    let options = OpenOptions(preprocessing: Preprocessing.unit.sized(8, 9))
    #expect(try folder.open("images", "", options).sampleShape == [3, 8, 9])
  }

  @Test(arguments: [2 << 30, 0]) func badImagesAreSkippedAndCounted(_ cacheBytes: Int) throws {
    try folder.write("a/0.png", [1, 2, 3])
    try folder.copy("rgb8.png", to: "a/1.png")
    try folder.write("b/0.jpg", Array(try fixtureBytes("rgb420.jpg").prefix(300)))
    try folder.copy("rgba8.png", to: "b/1.png")
    for allowed in [0, 1] {
      let options = OpenOptions(skippableImages: allowed, cacheBytes: cacheBytes)
      #expect(fault { _ = try folder.open("images", "", options) } != nil)
    }
    let options = OpenOptions(skippableImages: 2, cacheBytes: cacheBytes)
    let data = try folder.open("images", "", options)
    #expect(data.train.labels == [0, 1])
    #expect(data.warnings.count == 1)
    #expect(data.warnings.first?.contains("2 images were skipped") == true)
    let expected = try fixtureBytes("rgba8.png.rgb").first.map(Int.init)
    #expect(try data.train.sample(at: 1).integers.first == expected)
  }

  @Test func nothingToReadIsNamed() throws {
    #expect(fault { _ = try folder.open("images") } == .empty(file: folder.url.path))
    #expect(fault { _ = try folder.open("images", "nowhere") } != nil)
    try folder.write("only", [1])
    #expect(fault { _ = try folder.open("images", "only") } != nil)
  }

  @Test(
    .enabled(
      if: sharedData("imagenet_sample_256/images") != nil,
      "needs imagenet_sample_256/images of the shared data"))
  func readsTheRealSample() throws {
    let url = try #require(sharedData("imagenet_sample_256/images"))
    let some = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().prefix(8)
    for name in some {
      try folder.write(name, [UInt8](try Data(contentsOf: url.appendingPathComponent(name))))
    }
    let options = OpenOptions(preprocessing: Preprocessing.imagenet.sized(224, 224))
    let data = try folder.open("images", "", options)
    #expect(data.sampleShape == [3, 224, 224])
    #expect(data.train.labels == some.compactMap { Int32($0.prefix(4)) })
  }
}
