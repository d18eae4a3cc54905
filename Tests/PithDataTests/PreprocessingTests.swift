import Foundation
import PithData
import PithTensors
import Testing

@Suite struct PreprocessingTests {
  /// Red, green, blue of two pixels: (1, 3, 1, 2).
  private let bytes: [UInt8] = [0, 255, 51, 102, 127, 128]

  private func load(_ preprocessing: Preprocessing) throws -> [Float] {
    let split = try Split(Tensor(bytes, [1, 3, 1, 2]), labels: nil)
    let loader = try Loader(split, batch: 1, preprocessing: preprocessing)
    var values: [Float] = []
    try loader.epoch(0) { values = Array($0.images) }
    return values
  }

  @Test func presetsAreTheirFormulas() throws {
    let values = bytes.map(Float.init)
    #expect(try load(.unit) == values.map { $0 / 255 })
    #expect(try load(.raw) == values)
    #expect(try load(.tensorflow) == values.map { $0 / 127.5 - 1 })
    #expect(try load(.lite) == values.map { ($0 - 127) / 128 })
    #expect(try load(.caffe) == [23, 24, -66, -15, -123, 132])
    let mean: [Float] = [0.485, 0.456, 0.406]
    let deviation: [Float] = [0.229, 0.224, 0.225]
    #expect(
      try load(.imagenet)
        == values.enumerated().map { ($1 / 255 - mean[$0 / 2]) / deviation[$0 / 2] })
  }

  @Test func channelsLastLayout() throws {
    var settings = Preprocessing.raw
    settings.layout = .nhwc
    #expect(try load(settings) == [0, 51, 127, 255, 102, 128])
    settings.channels = .bgr
    #expect(try load(settings) == [127, 51, 0, 128, 102, 255])
  }

  @Test func readsTheWordsOfRecipes() throws {
    func decode(_ text: String) throws -> Preprocessing {
      try JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8))
    }
    #expect(try decode(#""imagenet""#) == .imagenet)
    let settings = try decode(#"{"mean": [0.5, 0.25, 1], "std": 2, "size": 32, "layout": "nhwc"}"#)
    #expect(
      settings
        == Preprocessing(
          mean: [0.5, 0.25, 1], standardDeviation: [2], size: [32, 32], layout: .nhwc))
    #expect(try decode(#"{"preset": "caffe", "size": [227, 200]}"#).size == [227, 200])
    #expect(try decode(#"{"preset": "caffe"}"#) == .caffe)
    let hint = fault { _ = try decode(#"{"men": [1]}"#) }
    #expect(hint.map { "\($0)" }?.contains("did you mean 'mean'?") == true)
    let preset = fault { _ = try decode(#""imagnet""#) }
    #expect(preset.map { "\($0)" }?.contains("did you mean 'imagenet'?") == true)
    for bad in [
      #"{"std": [1, 0]}"#, #"{"size": [0, 3]}"#, #"{"crop": 2}"#, #"{"crop": 1e-300}"#,
      #"{"divisor": 0}"#,
      #"{"size": [1, 2, 3]}"#, #"{"mean": []}"#,
    ] {
      #expect(fault { _ = try decode(bad) } != nil, "\(bad)")
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    for preset in Preprocessing.presets.map(\.value) {
      for settings in [preset, preset.sized(224, 200)] {
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == settings)
      }
    }
  }

  @Test func printsAsItsNameOrFormula() {
    #expect("\(Preprocessing.imagenet)" == "imagenet")
    #expect(
      "\(Preprocessing(mean: [0.5], standardDeviation: [0.25], size: [32, 32]))"
        == "(x / 255.0 - 0.5) / 0.25, size 32x32 by crop")
  }

  @Test func presetsAreInOrder() {
    let names = Preprocessing.presets.map(\.name)
    #expect(names == names.sorted())
  }
}
