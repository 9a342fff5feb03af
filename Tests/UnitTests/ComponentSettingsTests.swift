import ReleaseModel
import Runbook
import Testing

/// Several applications in one repository.
@Suite struct ComponentSettingsTests {
  private static let two = """
    app: Lamps
    host: { github: lamps/lamps, feeds: pages }
    test: { suite: make test, proof: "make test-one TEST={test}" }
    policy: { approvals: 2 }
    components:
      lantern:
        paths: [ apps/lantern, shared/light.c ]
        app: Lantern
        version: { tag: "lantern-v{version}" }
        ship: { build: make lantern, artifacts: [ { path: "dist/lantern-{version}.zip" } ] }
        feeds: [ { electron: lantern/latest.yml } ]
      torch:
        paths: [ apps/torch ]
        app: Torch
        version: { tag: "torch@{version}", scheme: patch }
        test: { proof: "make test-torch TEST={test}" }
        ship: { build: make torch, artifacts: [ { path: "dist/torch-{version}.zip" } ] }

    """

  @Test func aComponentsKeysLieOverTheFiles() throws {
    let project = try Settings.read(Self.two)
    #expect(project.components.keys.sorted() == ["lantern", "torch"])
    #expect(project.component == nil && project.approvals == 2)
    let torch = try project.of("torch")
    #expect(torch.component == "torch" && torch.app == "Torch" && torch.approvals == 2)
    #expect(torch.suite == "make test" && torch.proof.text == "make test-torch TEST={test}")
    #expect(torch.scheme == .patch && torch.feeds.isEmpty && torch.github?.feeds == .pages)
    let lantern = try project.of("lantern")
    #expect(lantern.scheme == .suffix && lantern.proof.text == "make test-one TEST={test}")
    #expect(lantern.feeds.map(\.path) == ["lantern/latest.yml"])
  }

  @Test func aTagAndAPathSayWhichComponentIsMeant() throws {
    let project = try Settings.read(Self.two)
    #expect(project.component(ofTag: "torch@1.2.0") == "torch")
    #expect(project.component(ofTag: "lantern-v1.2.0-hotfix1") == "lantern")
    #expect(project.component(ofTag: "v1.2.0") == nil)
    #expect(project.component(ofTag: "lantern-vnext") == nil)
    #expect(project.component(ofPath: "apps/torch/src/") == "torch")
    #expect(project.component(ofPath: "apps/torches") == nil)
    #expect(project.component(ofPath: "") == nil)
    let lantern = try project.of("lantern")
    #expect(lantern.owns("shared/light.c") && lantern.owns("apps/lantern/main.c"))
    #expect(!lantern.owns("shared/light.c.orig") && !lantern.owns("apps/torch/main.c"))
  }

  @Test func aCommandThatNeedsOneSaysWhichThereAre() throws {
    let project = try Settings.read(Self.two)
    let problem = project.unchosen("hotfix open")
    #expect(problem?.code == "component.which")
    #expect(
      problem?.next == ["hotfix open --component lantern", "hotfix open --component torch"]
    )
    let unknown = #expect(throws: Problem.self) { try project.of("torsh") }
    #expect(unknown?.code == "component.unknown" && unknown?.why == "Did you mean torch?")
    #expect(try project.of("torch").unchosen("hotfix open") == nil)
  }

  private func problems(_ text: String) throws -> [String] {
    try #require(#expect(throws: Problems.self) { try Settings.read(text) }).all.map(\.what)
  }

  @Test func mistakesAreToldOnceAndWithTheirPlace() throws {
    #expect(
      try problems(Self.two.replacing("suite: make test,", with: "suit: make test,")).first
        == "hotfix.yml:3:9: test.suit is not known; did you mean \"suite\"?"
    )
    #expect(
      try problems(Self.two.replacing("make torch, artifacts", with: "make torch, artefacts"))
        == [
          "hotfix.yml:17:32: components.torch.ship.artefacts is not known; did you mean "
            + "\"artifacts\"?"
        ]
    )
    let lacking = Self.two.replacing("    app: Torch\n", with: "")
      .replacing("app: Lamps\n", with: "")
    #expect(
      try problems(lacking) == [
        "hotfix.yml:12:5: component torch needs app: The application's name."
      ]
    )
    let shared = Self.two.replacing("    app: Torch\n", with: "    policy: { approvals: 0 }\n")
    #expect(try problems(shared)[0].contains("components.torch.policy is not known"))
  }

  @Test func componentsDoNotTakeEachOthersTagsFeedsAndLatestRelease() throws {
    let tags = Self.two.replacing("torch@{version}", with: "lantern-v{version}")
    #expect(try problems(tags)[0].contains("tagged lantern-v{version}, like those of lantern"))
    let feed = Self.two.replacing(
      "    app: Torch\n",
      with: "    app: Torch\n    feeds: [ { electron: lantern/latest.yml } ]\n"
    )
    #expect(try problems(feed)[0].contains("lantern/latest.yml is a feed of lantern too"))
    let latest = feed.replacing(", feeds: pages", with: "")
      .replacing(
        "Torch\n    feeds: [ { electron: lantern/",
        with: "Torch\n    feeds: [ { electron: torch-"
      )
      .replacing("electron: lantern/", with: "electron: ")
    #expect(try problems(latest)[0].contains("GitHub has one latest release"))
  }
}
