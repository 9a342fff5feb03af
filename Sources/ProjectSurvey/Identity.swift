internal import ReleaseModel

/// The kinds of project that `init` knows, the most telling first.
package enum ProjectKind: String, Sendable, CaseIterable {
  case tauri, electron, flutter, xcode, swift, dotnet, cargo, python, gradle, cmake, go, node, make,
    none
}

/// The project's name, its version, and the files that carry the version.
struct Identity {
  private(set) var kind = ProjectKind.none
  /// The file that the kind follows from.
  private(set) var manifest = ""
  private(set) var name: Finding
  private(set) var version: Finding?
  /// The entry of `version.files` for the source that says the version where no manifest does.
  private(set) var sourceVersion: String?

  private let files: SurveyFiles
  /// The versions that files say, the manifest's first.
  private var versions: [(text: String, key: String, place: String)] = []

  init(_ input: SurveyInput, _ files: SurveyFiles) {
    self.files = files
    // A folder on this machine is called as its owner likes.
    let isAddress = input.remote?.contains(":") == true && !input.isComponent
    let remote = isAddress ? gitHubRepository(input.remote) ?? trimmed(input.remote ?? "") : ""
    var last = fileName(remote.replacing(":", with: "/"))
    if last.hasSuffix(".git") { last.removeLast(4) }
    name =
      last.isEmpty
      ? Finding(
        input.folder,
        "the folder",
        guess: "this folder's name; write the name that users know"
      )
      : Finding(last, "the remote", guess: "the remote's name; write the name that users know")
    let finders: [(ProjectKind, (SurveyFiles) -> String?)] = [
      (.tauri, { Self.first($0, named: "tauri.conf.json", "tauri.conf.json5", "Tauri.toml") }),
      (.electron, { Self.electron($0) }),
      (.flutter, { Self.flutter($0) }),
      (.xcode, { $0.paths.first { $0.hasSuffix(".xcodeproj/project.pbxproj") } }),
      (.swift, { $0.set.contains("Package.swift") ? "Package.swift" : nil }),
      (.dotnet, { Self.dotnet($0) }),
      (.cargo, { $0.set.contains("Cargo.toml") ? "Cargo.toml" : nil }),
      (.python, { Self.python($0) }),
      (.gradle, { Self.first($0, named: "settings.gradle", "settings.gradle.kts") }),
      (.cmake, { $0.set.contains("CMakeLists.txt") ? "CMakeLists.txt" : nil }),
      (.go, { $0.set.contains("go.mod") ? "go.mod" : nil }),
      (.node, { $0.set.contains("package.json") ? "package.json" : nil }),
      (
        .make,
        { files in ["GNUmakefile", "makefile", "Makefile"].first(where: files.set.contains) }
      ),
    ]
    for (kind, find) in finders {
      guard let found = find(files) else { continue }
      // A project's own root says more than a part of it, such as an example app three folders down.
      if found.count(where: { $0 == "/" }) > 3 { continue }
      self.kind = kind
      manifest = found
      break
    }
    readManifest()
    readMore()
    let released = input.tags.prefix(5000).lazy.compactMap(TagName.init).first {
      !$0.version.isPrerelease
    }
    chooseVersions(released?.version.text)
  }

  /// Leaves out what has a version of its own, such as a helper that stays at 1.0.
  private mutating func chooseVersions(_ released: String?) {
    let current = versions.filter { $0.text == released }
    if let found = current.first ?? versions.first {
      version = Finding(found.text, "\(found.place), \(found.key)")
    }
    if versions.isEmpty, let released,
      let found = SourceVersion(files, released, project: name.value)
    {
      version = Finding(released, found.path)
      sourceVersion = found.entry
    }
  }

  /// A project of Python; `pyproject.toml` may configure tools alone.
  private static func python(_ files: SurveyFiles) -> String? {
    let own = [
      "pyproject.toml": ["[project]", "[tool.poetry]", "[build-system]"],
      "setup.cfg": ["[metadata]"], "setup.py": ["setup("],
    ]
    return ["pyproject.toml", "setup.cfg", "setup.py"].first { path in
      let text = files.text(path) ?? ""
      return own[path]?.contains { text.contains($0) } == true
    }
  }

  private static func first(_ files: SurveyFiles, named names: String...) -> String? {
    names.lazy.compactMap { files.named($0).first }.first
  }

  private static func flutter(_ files: SurveyFiles) -> String? {
    let path = "pubspec.yaml"
    return files.text(path)?.contains("flutter:") == true ? path : nil
  }

  private static func electron(_ files: SurveyFiles) -> String? {
    files.named("package.json").prefix(40).first { path in
      guard let json = LooseJSON(files.text(path)) else { return false }
      return json["devDependencies", "electron"] != nil || json["dependencies", "electron"] != nil
    }
  }

  /// The project of the program that users run, the one with an updater first.
  private static func dotnet(_ files: SurveyFiles) -> String? {
    let others = ["test", "android", "ios", "benchmark", "sample", "tool"]
    let projects = files.ending(".csproj", ".fsproj", ".vbproj").prefix(60).filter { path in
      !others.contains { fileName(path).lowercased().contains($0) }
    }
    let updaters = ["\"Velopack\"", "Squirrel", "NetSparkle"]
    let programs = projects.filter { path in
      let type = between("<OutputType>", "</OutputType>", in: files.text(path) ?? "").first
      return type?.lowercased().contains("exe") == true
    }
    return programs.first { path in updaters.contains { (files.text(path) ?? "").contains($0) } }
      ?? programs.first ?? projects.first
  }

  private mutating func take(_ text: String?, _ key: String, _ place: String? = nil) {
    guard let text, isName(text) else { return }
    name = Finding(text, "\(place ?? manifest), \(key)")
  }

  private mutating func takeVersion(_ text: String?, _ key: String, _ place: String? = nil) {
    let place = place ?? manifest
    // Where a build sets the version, a file often has 0.0.0.
    guard let text, VersionName(text).numbers != nil, text.contains("."), text != "0.0.0" else {
      return
    }
    versions.append((text, key, place))
  }

  private func isName(_ text: String) -> Bool {
    !text.isEmpty && text.count < 80 && !text.contains("$") && !text.contains("{")
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  private mutating func readManifest() {
    let text = files.text(manifest)
    switch kind {
    case .tauri: readTauri(text)
    case .flutter:
      // `name: value` is a line of its own there.
      for line in (text ?? "").lines() where line.hasPrefix("name:") {
        take(trimmed(line.dropFirst("name:".count)), "name")
      }
    case .electron, .node: readNode(LooseJSON(text))
    case .xcode: readXcode(KeyedTexts(text))
    case .swift: readSwift(text ?? "")
    case .dotnet: readDotnet(text ?? "")
    case .cargo: readCargo(manifest)
    case .python: readPython(KeyedTexts(text))
    case .cmake: readCMake(text ?? "")
    case .go: readGo(text ?? "")
    case .gradle:
      let line = (text ?? "").lines().first { $0.contains("rootProject.name") }
      take(line.flatMap { unquotedEnd($0) }, "rootProject.name")
    case .make, .none: break
    }
  }

  private func unquotedEnd(_ line: Substring) -> String? {
    line.split(separator: "=").last.map { unquoted(trimmed($0)) }
  }

  private mutating func readTauri(_ text: String?) {
    if manifest.hasSuffix(".toml") {
      let toml = KeyedTexts(text)
      take(toml.first("product-name"), "product-name")
      takeVersion(toml.first("version"), "version")
      return
    }
    let json = LooseJSON(text)
    // Tauri 1 has both under `package`.
    take((json?["productName"] ?? json?["package", "productName"])?.string, "productName")
    let version = (json?["version"] ?? json?["package", "version"])?.string
    takeVersion(version, "version")
    let cargo = joined(parentFolder(manifest), "Cargo.toml")
    takeVersion(
      KeyedTexts(files.text(cargo)).first("version", table: "package"),
      "package.version",
      cargo
    )
    let package = joined(parentFolder(parentFolder(manifest)), "package.json")
    takeVersion(LooseJSON(files.text(package))?["version"]?.string, "version", package)
  }

  private mutating func readNode(_ json: LooseJSON?) {
    take(json?["name"]?.string.map(fileName), "name")
    take(json?["productName"]?.string, "productName")
    take(json?["build", "productName"]?.string, "build.productName")
    takeVersion(json?["version"]?.string, "version")
    for path in electronBuilderFiles(files, beside: manifest) {
      let value =
        yamlText("productName", files.text(path))
        ?? LooseJSON(files.text(path))?["productName"]?.string
      take(value, "productName", path)
    }
  }

  private mutating func readXcode(_ project: KeyedTexts) {
    let own = manifest.split(separator: "/").dropLast().last.map(String.init) ?? ""
    name = Finding(String(own.dropLast(".xcodeproj".count)), manifest)
    let products = project.all("PRODUCT_NAME").filter(isName)
    if let product = products.first(where: { $0 == name.value }) ?? products.first,
      !product.lowercased().contains("test")
    {
      take(product, "PRODUCT_NAME")
    }
    for text in project.all("MARKETING_VERSION") { takeVersion(text, "MARKETING_VERSION") }
    for path in files.ending(".xcconfig").prefix(40) {
      let values = KeyedTexts(files.text(path))
      if products.isEmpty { take(values.first("PRODUCT_NAME"), "PRODUCT_NAME", path) }
      takeVersion(values.first("MARKETING_VERSION"), "MARKETING_VERSION", path)
    }
  }

  private mutating func readSwift(_ text: String) {
    let code = text.lines().filter { !trimmed($0).hasPrefix("//") }.joined(separator: "\n")
    for mark in ["name:", ".executableTarget(", ".executable("] {
      guard let at = code.firstRange(of: mark) else { continue }
      take(
        between("\"", "\"", in: String(code[at.lowerBound...].prefix(200)), limit: 1).first,
        mark
      )
    }
  }

  private mutating func readDotnet(_ text: String) {
    name = Finding(String(fileName(manifest).prefix { $0 != "." }), manifest)
    for key in ["AssemblyName", "Product"] {
      take(between("<\(key)>", "</\(key)>", in: text).first.map(trimmed), key)
    }
    for path in [manifest] + files.named("Directory.Build.props").prefix(4) {
      let own = files.text(path) ?? ""
      for key in ["Version", "VersionPrefix"] {
        takeVersion(between("<\(key)>", "</\(key)>", in: own).first.map(trimmed), key, path)
      }
    }
  }

  private mutating func readCargo(_ path: String) {
    let cargo = KeyedTexts(files.text(path))
    takeVersion(cargo.first("version", table: "package"), "package.version", path)
    takeVersion(
      cargo.first("version", table: "workspace.package"),
      "workspace.package.version",
      path
    )
    take(cargo.first("name", table: "package"), "package.name", path)
    take(cargo.first("name", table: "bin"), "bin.name", path)
    guard cargo.first("name", table: "package") == nil else { return }
    // A workspace without a root package: the member that has a main, the project's namesake first.
    let members = files.named("Cargo.toml").filter { member in
      member != path && files.set.contains(joined(parentFolder(member), "src/main.rs"))
    }
    let own = name.value.lowercased()
    let member = members.first { fileName(parentFolder($0)).lowercased() == own } ?? members.first
    guard let member else { return }
    let values = KeyedTexts(files.text(member))
    take(values.first("name", table: "package"), "package.name", member)
    takeVersion(values.first("version", table: "package"), "package.version", member)
  }

  private mutating func readPython(_ project: KeyedTexts) {
    for table in ["metadata", "tool.poetry", "project"] {
      take(project.first("name", table: table), "\(table).name")
      takeVersion(project.first("version", table: table), "\(table).version")
    }
  }

  private mutating func readCMake(_ text: String) {
    guard let at = text.lowercased().firstRange(of: "project(") else { return }
    let start =
      text.utf8.index(
        text.startIndex,
        offsetBy: text.lowercased().utf8.distance(
          from: text.lowercased().startIndex,
          to: at.upperBound
        ),
        limitedBy: text.endIndex
      ) ?? text.endIndex
    let words = text[start...].prefix { $0 != ")" }.split(whereSeparator: \.isWhitespace)
    take(words.first.map { unquoted(String($0)) }, "project()")
    if let at = words.firstIndex(of: "VERSION"), at + 1 < words.count {
      takeVersion(String(words[at + 1]), "project(VERSION)")
    }
  }

  private mutating func readGo(_ text: String) {
    let module = text.lines().first { $0.hasPrefix("module ") }?.dropFirst(7)
    var parts = (module ?? "").split(separator: "/").map { trimmed($0) }
    if let last = parts.last, last.first == "v", Int(last.dropFirst()) != nil { parts.removeLast() }
    take(parts.last, "module")
  }

  /// Files that carry a version whatever the kind.
  private mutating func readMore() {
    if let path = files.set.contains("version.env") ? "version.env" : nil {
      let values = KeyedTexts(files.text(path))
      take(values.first("APP_NAME"), "APP_NAME", path)
      for key in ["MARKETING_VERSION", "VERSION", "APP_VERSION"] {
        takeVersion(values.first(key), key, path)
      }
    }
    for path in files.paths where fileName(path) == "Info.plist" || path.hasSuffix("-Info.plist") {
      guard path.count(where: { $0 == "/" }) < 4 else { continue }
      takeVersion(
        plistText("CFBundleShortVersionString", in: files.text(path)),
        "CFBundleShortVersionString",
        path
      )
    }
  }
}

/// The configuration files of electron-builder beside a manifest.
func electronBuilderFiles(_ files: SurveyFiles, beside manifest: String) -> [String] {
  [
    "electron-builder.yml", "electron-builder.yaml", "electron-builder.json",
    "electron-builder.json5", "electron-builder.config.js", "electron-builder.config.ts",
    "electron-builder.js", "electron-builder.config.cjs", "electron-builder.ts",
  ].map { joined(parentFolder(manifest), $0) }.filter(files.set.contains)
}

/// Returns the text of a plain key at the left margin of YAML.
func yamlText(_ key: String, _ text: String?) -> String? {
  (text ?? "").lines().first { $0.hasPrefix("\(key):") }.map {
    let value = trimmed($0.dropFirst(key.count + 1))
    return unquoted(value.firstRange(of: " #").map { trimmed(value[..<$0.lowerBound]) } ?? value)
  }
}
