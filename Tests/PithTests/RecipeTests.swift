import Foundation
import Pith
import PithCompression
import PithData
import Testing

/// What recipes may say, and what is said of those that may not.
@Suite struct RecipeTests {
  @Test func everythingIsRead() throws {
    let recipe = try Recipe(
      """
      model: nets/resnet20.onnx
      data: cifar10:data/cifar10
      preprocess: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
      augment: flip
      validation: 1000
      seed: 7
      target: {accuracy-loss: 0.01, bytes: 125000}
      steps:
        - pruning: {sparsity: 0.9, schedule: gradual, epochs: 8, distill: true}
        - weight-sharing:
            bits: 5
            skip: ["*.bn", fc]
        - entropy-coding
      """, source: "test", folder: URL(fileURLWithPath: "/home/me"))
    #expect(recipe.model?.standardizedFileURL.path == "/home/me/nets/resnet20.onnx")
    #expect(recipe.data == "cifar10:/home/me/data/cifar10")
    #expect(recipe.preprocess?.mean == [0.485, 0.456, 0.406])
    #expect(recipe.augment == Augmentation(horizontalFlip: true))
    #expect(recipe.validation == 1000)
    #expect(recipe.seed == 7)
    #expect(recipe.target.accuracyLoss == 0.01)
    #expect(recipe.target.bytes == 125_000)
    #expect(recipe.steps.map(\.name) == ["pruning", "weight-sharing", "entropy-coding"])
    #expect(try recipe.steps[0].values.number("sparsity") == 0.9)
    #expect(try recipe.steps[0].values.flag("distill"))
    #expect(try recipe.steps[1].values.list("skip") == [.word("*.bn"), .word("fc")])
    #expect(try recipe.steps[2].values.text("coder") == "arithmetic")
  }

  @Test func allFaultsAreToldAtOnce() throws {
    let error = try #require(throws: RecipeError.self) {
      try Recipe(
        """
        modle: a.onnx
        data: mnst:data
        seed: -1
        steps:
          - prunning: {}
          - pruning: {sparsty: 0.9, epochs: many}
          - weight-sharing: {bits: 64}
        """, source: "recipe.yaml")
    }
    let text = error.description
    #expect(error.faults.map(\.line) == [1, 2, 3, 5, 6, 6, 7])
    #expect(text.hasPrefix("recipe.yaml: 7 faults"))
    for part in [
      "line 1: unknown key 'modle'; did you mean 'model'?",
      "line 2: data 'mnst:", "did you mean 'mnist'?",
      "line 3: seed is -1, expected a whole number of 0 or more",
      "line 5: unknown method 'prunning'; did you mean 'pruning'?",
      "line 6: unknown setting of pruning 'sparsty'; did you mean 'sparsity'?",
      "line 6: pruning: epochs is many, expected a whole number from 0 to 100000",
      "line 7: weight-sharing: bits is 64, expected a whole number from 1 to 8",
    ] {
      #expect(text.contains(part))
    }
  }

  @Test(arguments: [
    "", "[]", "just words", "steps:", "steps: {}", "steps: []", "model: a.onnx",
    "steps: [{pruning: {}, fine-tune: {}}]", "steps: [pruning: 3]", "steps: [[pruning]]",
    "steps: [pruning: {sparsity: }]", "steps: [pruning: {sparsity: .nan}]",
    "steps: [pruning: {sparsity: {a: b}}]", "steps: [pruning]\nsteps: [pruning]",
    "steps: [pruning", "\tsteps: []", "steps: [pruning]\n---\nsteps: [pruning]",
    "steps: [pruning]\npreprocess: {mena: 1}", "steps: [pruning]\npreprocess: nothing",
    "steps: [pruning]\ntarget: 3", "steps: [pruning]\ntarget: {size: 3}",
    "steps: [pruning]\nmodel: {}", "steps: [pruning]\naugment: spin",
  ]) func nonsenseIsRefused(_ text: String) {
    #expect(throws: RecipeError.self) { try Recipe(text, source: "test") }
  }

  /// Nine lists, each of nine times the one before: a thousand million words if they were built.
  @Test func aliasesAreRefusedBeforeTheyGrow() throws {
    var text = "a0: &a0 [x]\n"
    for level in 1..<10 {
      let copies = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(copies)]\n"
    }
    let error = try #require(throws: RecipeError.self) {
      try Recipe(text + "? *a9\n: 1\nsteps: [pruning]", source: "bomb")
    }
    #expect(error.faults.count == 11)
    #expect(error.description.contains("line 2: anchors (&) and aliases (*) are not allowed"))
  }

  @Test func sizeAndDepthAreLimited() {
    let long = "steps: [pruning]\n" + String(repeating: "# filling\n", count: 10_000)
    #expect(throws: RecipeError.self) { try Recipe(long, source: "long") }
    let deep = "steps: " + String(repeating: "[", count: 20_000)
    #expect(throws: RecipeError.self) { try Recipe(deep, source: "deep") }
  }

  @Test(arguments: presets.map(\.name)) func presetsAreRecipes(_ name: String) throws {
    let recipe = try preset(named: name).recipe()
    #expect(!recipe.steps.isEmpty)
    #expect(recipe.steps.last?.name == "entropy-coding")
  }

  @Test func presetsAreAlphabetical() {
    #expect(presets.map(\.name) == presets.map(\.name).sorted())
    #expect(throws: PithError.self) { try preset(named: "deep") }
  }

  @Test func whatIsWrittenReadsTheSame() throws {
    var recipe = try preset(named: "tiny").recipe()
    recipe.model = URL(fileURLWithPath: "/tmp/a \"strange\" folder: #1/*net*.onnx")
    recipe.data = "arrays:/data/ä & b.npz"
    recipe.preprocess = .imagenet.sized(32, 48)
    recipe.augment = Augmentation(padding: 2)
    recipe.validation = 0
    recipe.seed = 12
    recipe.control = true
    recipe.target.accuracyLoss = 0.005
    let copy = try Recipe(recipe.yaml, source: "copy")
    #expect(copy.model?.path == recipe.model?.path)
    #expect(copy.data == recipe.data)
    #expect(copy.preprocess == recipe.preprocess)
    #expect(copy.augment == recipe.augment)
    #expect(copy.validation == 0)
    #expect(copy.seed == 12)
    #expect(copy.control)
    #expect(copy.target == recipe.target)
    #expect(copy.steps.map(\.values) == recipe.steps.map(\.values))
    #expect(copy.yaml == recipe.yaml)
  }

  @Test func mappingsOfNamesAreReadAndWritten() throws {
    let recipe = try Recipe(
      """
      steps:
        - pruning: {layers: {"*.conv: 1": 0.5, fc: 0}}
        - pruning: {layers: {}}
      """, source: "test")
    let layers = recipe.steps[0].values["layers"]
    #expect(layers == .mapping(["*.conv: 1": .number(0.5), "fc": .number(0)]))
    #expect(recipe.steps[1].values["layers"] == .mapping([:]))
    let copy = try Recipe(recipe.yaml, source: "copy")
    #expect(copy.steps.map(\.values) == recipe.steps.map(\.values))
    for text in ["{layers: 0.5}", "{layers: {a: 2}}", "{layers: {a: }}", "{layers: {a: {b: 1}}}"] {
      #expect(throws: RecipeError.self) { try Recipe("steps: [pruning: \(text)]", source: "bad") }
    }
  }

  @Test func augmentationIsReadFromText() throws {
    for (word, augmentation) in Augmentation.words {
      #expect(try Augmentation(text: word) == augmentation)
    }
    #expect(try Augmentation(text: "{crop: 2}") == Augmentation(padding: 2))
    #expect(try Augmentation(text: "{flip: true}") == Augmentation(horizontalFlip: true))
    for text in ["crp", "{crop: -1}", "{crop: 1.5}", "{flip: 1}", "{flop: true}", "[1]", ""] {
      #expect(throws: DataError.self) { try Augmentation(text: text) }
    }
  }

  @Test func preprocessingIsReadFromText() throws {
    #expect(try Preprocessing(text: "imagenet") == .imagenet)
    #expect(try Preprocessing(text: "{mean: [0.5], std: 0.25}").standardDeviation == [0.25])
    for text in ["imagent", "{mean: words}", "{men: [1]}", "[1, 2]", "{mean: &a [1]}", ""] {
      #expect(throws: DataError.self) { try Preprocessing(text: text) }
    }
  }
}
