internal import ReleaseModel

/// The commands that test and build the project, made of targets and scripts that are there.
struct Commands {
  /// What stands where nothing was found; `doctor` refuses it, since no such program exists.
  static let placeholder = "write-this-command"

  private(set) var suite: Finding
  private(set) var proof: Finding
  private(set) var build: Finding
  /// Where the build puts its files.
  private(set) var output = "dist"
  /// The file that the build makes, where the host has no release to learn from.
  private(set) var artifact: String?

  private let files: SurveyFiles
  private let identity: Identity
  private var name: String { identity.name.value }

  init(_ files: SurveyFiles, _ identity: Identity) {
    self.files = files
    self.identity = identity
    let missing = "write the command; none was found"
    suite = Finding(Self.placeholder, "nothing", guess: missing)
    proof = Finding("\(Self.placeholder) {test}", "nothing", guess: missing)
    build = Finding("\(Self.placeholder) {version}", "nothing", guess: missing)
    readKind()
    readMake()
    readJust()
    readScripts()
  }

  /// A script of the project that packs the app knows more than its manifest.
  private mutating func readScripts() {
    let folders: Set = ["", "scripts", "script", "tools", "bin", "build", "ci"]
    let scripts = files.ending(".sh").filter { folders.contains(parentFolder($0).lowercased()) }
    let names =
      ["package_app", "package-app", "package", "dist", "build_release", "build-release"]
      + (build.place == "nothing" ? ["build", "make_release"] : [])
    guard build.guess != nil,
      let found = names.lazy.compactMap({ name in
        scripts.first { fileName($0).lowercased() == name + ".sh" }
      }).first
    else { return }
    build = Finding(
      "bash \(OutsideText(found).word)",
      found,
      guess: "does it build what you release?"
    )
  }

  private var folder: String { parentFolder(identity.manifest) }

  /// Runs a command in the folder of the manifest.
  private func inside(_ command: String, _ folder: String) -> String {
    folder.isEmpty ? command : "cd \(OutsideText(folder).word) && \(command)"
  }

  private mutating func set(_ suite: String, _ proof: String, _ place: String, guess: String? = nil)
  {
    self.suite = Finding(suite, place, guess: guess)
    self.proof = Finding(proof, place, guess: guess)
  }

  private mutating func readKind() {
    let place = identity.manifest
    switch identity.kind {
    case .tauri: readTauri()
    case .flutter:
      set("flutter test", "flutter test --name {test}", place)
      let targets = [
        ("macos/", "macos"), ("windows/", "windows"), ("linux/", "linux"), ("", "apk"),
      ]
      let target = targets.first { target in files.paths.contains { $0.hasPrefix(target.0) } }
      build = Finding(
        "flutter build \(target?.1 ?? "apk") --build-name {version}",
        place,
        guess: "which platform, and how it is packed for users"
      )
      output = "build"
    case .electron, .node: readNode(folder)
    case .xcode:
      readXcode()
      if suite.place == "nothing", files.set.contains("Package.swift"), hasFolder("Tests") {
        set("swift test", "swift test --filter {test}", "Package.swift")
      }
    case .swift:
      set(
        "swift test",
        "swift test --filter {test}",
        place,
        guess: hasFolder("Tests") ? nil : "there is no folder Tests"
      )
      pack("swift build -c release", "-C .build/release \(OutsideText(name).word)", place)
    case .cargo:
      let locked = files.set.contains("Cargo.lock") ? " --locked" : ""
      set("cargo test\(locked)", "cargo test\(locked) {test}", place)
      pack("cargo build --release\(locked)", "-C target/release \(OutsideText(name).word)", place)
    case .go:
      set("go test ./...", "go test ./... -run {test}", place)
      readGo()
    case .dotnet: readDotnet()
    case .cmake: readCMake()
    case .gradle:
      let tool = files.set.contains("gradlew") ? "./gradlew" : "gradle"
      set("\(tool) test", "\(tool) test --tests {test}", place)
      build = Finding("\(tool) build", place, guess: "look which task makes what you release")
      output = "build/distributions"
    case .python:
      if hasFolder("tests") || hasFolder("test") {
        set("python3 -m pytest", "python3 -m pytest -k {test}", place, guess: "is it pytest?")
      }
      build = Finding("python3 -m build", place)
      artifact = "\(name.lowercased().replacing("-", with: "_"))-{version}.tar.gz"
    case .make, .none: break
    }
  }

  private func hasFolder(_ name: String) -> Bool { files.hasFolder(name) }

  /// Builds and packs one program.
  private mutating func pack(_ command: String, _ what: String, _ place: String) {
    build = Finding(
      "\(command) && mkdir -p dist && tar -czf \(OutsideText("dist/\(name)-").word){version}.tar.gz \(what)",
      place,
      guess: "does it pack what you release?"
    )
    artifact = "\(name)-{version}.tar.gz"
  }

  private mutating func readGo() {
    let main =
      files.set.contains("main.go")
      ? "."
      : files.paths.first { $0.hasPrefix("cmd/") && fileName($0) == "main.go" }.map {
        "./" + parentFolder($0)
      }
    guard let main else { return }
    pack(
      "go build -o dist/\(OutsideText(name).word) \(OutsideText(main).word)",
      "-C dist \(OutsideText(name).word)",
      identity.manifest
    )
  }

  private mutating func readDotnet() {
    let solution = files.ending(".sln", ".slnx").first.map { " " + OutsideText($0).word } ?? ""
    let tests = files.ending(".csproj").contains {
      (files.text($0) ?? "").contains("Microsoft.NET.Test.Sdk")
    }
    if tests {
      set("dotnet test\(solution)", "dotnet test\(solution) --filter {test}", identity.manifest)
    }
    build = Finding(
      "dotnet publish \(OutsideText(identity.manifest).word) -c Release -o publish -p:Version={version}",
      identity.manifest,
      guess: "add what packs `publish` (vpk pack, an installer)"
    )
    output = "Releases"
  }

  private mutating func readCMake() {
    let presets =
      files.set.contains("CMakePresets.json")
      ? LooseJSON(files.text("CMakePresets.json"))?["configurePresets"]?.elements : nil
    let preset = presets?.first { $0["hidden"]?.isTrue != true }?["name"]?.string
    let all = files.named("CMakeLists.txt").prefix(60).compactMap { files.text($0) }.joined(
      separator: "\n"
    )
    let configure =
      preset.map { "cmake --preset \(OutsideText($0).word) -B build" } ?? "cmake -B build"
    if all.contains("add_test(") || all.contains("enable_testing(")
      || all.contains("include(CTest)")
    {
      let make = "\(configure) && cmake --build build"
      set(
        "\(make) && ctest --test-dir build",
        "\(make) && ctest --test-dir build -R {test}",
        identity.manifest
      )
    }
    if all.contains("include(CPack)") || all.contains("include (CPack)") {
      build = Finding(
        "\(configure) -DCMAKE_BUILD_TYPE=Release && cmake --build build && (cd build && cpack -B ../dist)",
        identity.manifest
      )
    } else {
      build = Finding(
        "\(configure) -DCMAKE_BUILD_TYPE=Release && cmake --build build",
        identity.manifest,
        guess: "add what packs it"
      )
      output = "build"
    }
  }

  private mutating func readXcode() {
    let project = parentFolder(identity.manifest)
    let shared = files.ending(".xcscheme").map { String(fileName($0).dropLast(".xcscheme".count)) }
    let scheme =
      shared.first { $0 == name } ?? shared.first { $0 == fileName(project).dropLast(10) } ?? shared
      .first
      ?? String(fileName(project).dropLast(".xcodeproj".count))
    let workspace = files.paths.first {
      $0.hasSuffix(".xcworkspace/contents.xcworkspacedata") && !$0.contains(".xcodeproj/")
    }
    .map(parentFolder)
    let open =
      workspace.map { "-workspace \(OutsideText($0).word)" }
      ?? "-project \(OutsideText(project).word)"
    let base = "xcodebuild \(open) -scheme \(OutsideText(scheme).word)"
    let text = files.text(identity.manifest) ?? ""
    if text.contains("com.apple.product-type.bundle.unit-test") {
      set("\(base) test", "\(base) test -only-testing:{test}", "scheme \(scheme)")
    }
    build = Finding(
      "\(base) -configuration Release -derivedDataPath build build && mkdir -p dist && ditto -c -k --keepParent "
        + "\(OutsideText("build/Build/Products/Release/\(name).app").word) \(OutsideText("dist/\(name)-").word){version}.zip",
      "scheme \(scheme)",
      guess: "does it sign and pack as you release?"
    )
    artifact = "\(name)-{version}.zip"
  }

  private mutating func readTauri() {
    let app = parentFolder(folder)
    let package = joined(app, "package.json")
    if files.set.contains(package) { readNode(app) }
    let manifest = joined(folder, "Cargo.toml")
    if suite.place == "nothing", files.set.contains(manifest) {
      let cargo = "cargo test --manifest-path \(OutsideText(manifest).word)"
      set(cargo, "\(cargo) {test}", manifest)
    }
    let scripts = LooseJSON(files.text(package))?["scripts"]
    if scripts?["tauri"] != nil {
      let manager = NodeManager(files, app)
      build = Finding(inside("\(manager.install) && \(manager.run("tauri build"))", app), package)
    } else {
      build = Finding(
        "cargo tauri build",
        identity.manifest,
        guess: "needs cargo install tauri-cli"
      )
    }
    let isWorkspace = files.set.contains("Cargo.toml") && folder != ""
    output = isWorkspace ? "target/release/bundle" : joined(folder, "target/release/bundle")
  }

  private mutating func readNode(_ folder: String) {
    let path = joined(folder, "package.json")
    let json = LooseJSON(files.text(path))
    let scripts = json?["scripts"]?.members.compactMapValues(\.string) ?? [:]
    let manager = NodeManager(files, folder)
    func call(_ commands: String...) -> String {
      inside(([manager.install] + commands).joined(separator: " && "), folder)
    }
    let test = ["test", "test:unit", "unit", "test:ci"].first {
      scripts[$0].map { !$0.contains("no test specified") } == true
    }
    if let test {
      suite = Finding(call(manager.run(test)), "\(path), scripts.\(test)")
      proof = Finding(suite.value + manager.passing + " {test}", "\(path), scripts.\(test)")
    }
    let usable = buildScript(scripts)
    if let usable {
      let needsBuild =
        identity.kind == .electron && usable != "build" && scripts["build"] != nil
        && scripts["pre\(usable)"] == nil
        && scripts[usable]?.replacing("electron-builder", with: "").contains("build") == false
      let commands = (needsBuild ? ["build", usable] : [usable]).map(manager.run)
      let guess =
        usable.contains(":") ? "one platform; another machine builds the others" : nil
      build = Finding(
        call(commands.joined(separator: " && ")),
        "\(path), scripts.\(usable)",
        guess: guess
      )
    } else if json?["devDependencies", "electron-builder"] != nil {
      let first = scripts["build"] == nil ? "" : manager.run("build") + " && "
      build = Finding(
        call("\(first)npx electron-builder --publish never"),
        "\(path), electron-builder"
      )
    }
    let builder = json?["build", "directories", "output"]?.string
    if let builder, !builder.contains("$"), !builder.contains(".."), !builder.hasPrefix("/") {
      output = builder
    }
    if usable == "make", builder == nil { output = "out/make" }
    output = joined(folder, output)
  }

  /// The script that packs the app and publishes nothing.
  private func buildScript(_ scripts: [String: String]) -> String? {
    let publishing = [
      "always", "onTag", "npm publish", "electron-forge publish", "np ", "release-it",
    ]
    let packers = ["electron-builder", "electron-forge", "electron-packager"]
    let names = [
      "dist", "make", "dist:all", "build:all", "package", "pack", "release", "build:app",
      "dist:mac",
      "build:mac", "dist:win", "build:win", "dist:linux", "build:linux", "build",
    ]
    return names.first { name in
      guard let script = scripts[name] else { return false }
      let packs = identity.kind != .electron || packers.contains(where: script.contains)
      return packs && !publishing.contains(where: script.contains)
    }
  }

  // MARK: make, just

  private mutating func readMake() {
    guard let path = ["GNUmakefile", "makefile", "Makefile"].first(where: files.set.contains),
      let text = files.text(path)
    else { return }
    let targets = Set(
      text.lines().prefix(20_000).flatMap { line -> [String] in
        guard let first = line.first, !first.isWhitespace, first != "#", first != ".",
          let colon = line.firstIndex(of: ":"), line[colon...].dropFirst().first != "=",
          !line[..<colon].contains("=")
        else { return [] }
        return line[..<colon].split(separator: " ").map(String.init)
      }
    )
    let isOwn = identity.kind == .make || suite.place == "nothing"
    if isOwn, let target = ["test", "check", "tests"].first(where: targets.contains) {
      suite = Finding("make \(target)", path)
      let variable = ["TEST", "TESTS", "T"].first {
        text.contains("$(\($0))") || text.contains("${\($0)}")
      }
      if targets.contains("test-one") {
        proof = Finding("make test-one TEST={test}", path)
      } else if let variable {
        proof = Finding("make \(target) \(variable)={test}", path)
      } else {
        proof = Finding(
          "make && sh tests/{test}.sh",
          path,
          guess: "{test} is a file's name up to its first dot; write how one test is run"
        )
      }
    }
    let target = ["dist", "package", "release", "archive", "dmg"].first(where: targets.contains)
    if build.place == "nothing", let target {
      build = Finding("make \(target)", path)
    } else if build.place == "nothing", identity.kind == .make {
      build = Finding(
        targets.contains("all") ? "make all" : "make",
        path,
        guess: "add what packs it into an artifact"
      )
    }
  }

  private mutating func readJust() {
    guard suite.place == "nothing",
      let path = ["justfile", "Justfile", ".justfile"].first(where: files.set.contains)
    else { return }
    let recipes = (files.text(path) ?? "").lines().filter { $0.first?.isLetter == true }.map {
      $0.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }
    if recipes.contains("test") {
      set("just test", "just test {test}", path, guess: "does the recipe take a test's name?")
    }
    if build.place == "nothing",
      let name = ["dist", "package", "build"].first(where: { recipes.contains($0[...]) })
    {
      build = Finding("just \(name)", path)
    }
  }
}
