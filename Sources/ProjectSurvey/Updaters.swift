internal import Feeds
internal import ReleaseModel

/// An updater that the project has, and its feed.
package struct SurveyFeed: Sendable, Hashable {
  /// The key of `hotfix.yml`.
  package let reader: String
  /// The names in `Updater.all` of those that read it.
  let clients: [String]
  let path: String
  /// Where apps ask; nil where the project's files do not say.
  package let address: String?
  let place: String
  var guess: String?
  /// A second reader of the same appcast.
  var isAppcast: Bool { ["sparkle", "winsparkle", "netsparkle"].contains(reader) }
}

/// Looks for updaters in the project's own files.
struct UpdaterSearch {
  let files: SurveyFiles
  let identity: Identity
  let repository: String?
  private(set) var feeds: [SurveyFeed] = []
  private(set) var notes: [String] = []

  init(_ files: SurveyFiles, _ identity: Identity, _ repository: String?) {
    self.files = files
    self.identity = identity
    self.repository = repository
    sparkle()
    if identity.kind == .electron { electron() }
    if identity.kind == .tauri { tauri() }
    sources()
    velopack()
    for path in files.ending(".metainfo.xml", ".appdata.xml", ".metainfo.xml.in").prefix(1) {
      notes.append("\(path): AppStream metainfo; to list releases there, add  { appstream: NAME }")
    }
  }

  private mutating func add(
    _ reader: String,
    _ address: String?,
    _ place: String,
    path: String? = nil,
    guess: String? = nil
  ) {
    let path = path ?? address.flatMap(FeedHome.init)?.path ?? "appcast.xml"
    guard !path.isEmpty, !path.contains(".."), path.count < 300,
      !feeds.contains(where: { $0.reader == reader && $0.path == path })
    else { return }
    let clients =
      ["velopack", "electron", "tauri"].contains(reader)
      ? Updater.all.map(\.name).filter { $0.hasPrefix(reader) } : [reader]
    feeds.append(
      SurveyFeed(
        reader: reader,
        clients: clients,
        path: path,
        address: address,
        place: place,
        guess: guess
      )
    )
  }

  // MARK: Sparkle

  private mutating func sparkle() {
    let settings = files.ending(".xcconfig", ".pbxproj", ".plist", "version.env", ".entitlements")
      .filter { !$0.hasSuffix(".entitlements") }.prefix(120)
    var variables: [String: String] = [:]
    for path in settings where !path.hasSuffix(".plist") {
      let values = KeyedTexts(files.text(path))
      for key in [
        "SUFeedURL", "INFOPLIST_KEY_SUFeedURL", "SPARKLE_FEED_URL", "SU_FEED_URL", "FEED_URL",
      ] {
        guard let value = values.first(key) else { continue }
        // xcconfig takes // for a comment, so addresses are written with /$()/.
        variables[key] = value.replacing("/$()/", with: "//").replacing("$()", with: "")
      }
    }
    for path in settings where path.hasSuffix(".plist") {
      guard var address = plistText("SUFeedURL", in: files.text(path)) else { continue }
      if address.hasPrefix("$("), let value = variables[String(address.dropFirst(2).dropLast())] {
        address = value
      }
      addSparkle(address, path)
    }
    for (key, value) in variables.sorted(by: { $0.key < $1.key }) where feeds.isEmpty {
      if value.hasPrefix("http") { addSparkle(value, key) }
    }
    guard feeds.isEmpty, identity.kind == .xcode || identity.kind == .swift else { return }
    // A script that packages the app often writes its Info.plist.
    for path in files.ending(".sh", ".swift", ".yml", ".py", "Makefile", "justfile").prefix(200) {
      guard let text = files.text(path),
        text.contains("SUFeedURL") || text.contains("feedURLString")
      else { continue }
      for address in addresses(in: text) where address.hasSuffix(".xml") {
        addSparkle(address, path)
        return
      }
    }
  }

  private mutating func addSparkle(_ address: String, _ place: String) {
    guard FeedHome(address) != nil else {
      return add("sparkle", nil, place, guess: "SUFeedURL is \(OutsideText(address).line)")
    }
    add("sparkle", address, place)
  }

  /// The addresses in a text.
  private func addresses(in text: String) -> [String] {
    text.lines().prefix(20_000).filter { $0.count < 2000 }.flatMap { line in
      line.ranges(of: "http").prefix(4).map { at in
        String(line[at.lowerBound...].prefix { !$0.isWhitespace && !"\"'<>`,;)(".contains($0) })
      }
    }.filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") }
  }

  // MARK: WinSparkle, NetSparkle

  private mutating func sources() {
    let marks = ["win_sparkle_set_appcast_url": "winsparkle", "new SparkleUpdater(": "netsparkle"]
    let ends = [
      ".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".mm", ".cs", ".vb", ".rs", ".pas", ".py", ".rc",
    ]
    let candidates = files.paths.filter { path in ends.contains { path.hasSuffix($0) } }
    let telling = candidates.filter { path in
      let name = fileName(path).lowercased()
      return ["updat", "sparkle", "main", "app", "config", "version"].contains { name.contains($0) }
    }
    for path in telling.prefix(150) {
      guard let text = files.text(path) else { continue }
      for (mark, reader) in marks.sorted(by: { $0.key < $1.key }) where text.contains(mark) {
        let found = addresses(in: text).first { $0.contains(".xml") || $0.contains("appcast") }
        add(reader, found, path, guess: found == nil ? "the address is not in this file" : nil)
      }
    }
  }

  // MARK: electron-updater

  private mutating func electron() {
    let json = LooseJSON(files.text(identity.manifest))
    guard json?["dependencies", "electron-updater"] != nil else {
      if json?["dependencies", "update-electron-app"] != nil {
        notes.append(
          "update-electron-app asks update.electronjs.org, which reads the releases: no feed"
        )
      }
      return
    }
    let configs = electronBuilderFiles(files, beside: identity.manifest)
    let config = configs.first.flatMap { files.text($0) } ?? ""
    let inner = LooseJSON(configs.first.flatMap { files.text($0) })
    let build = json?["build"] ?? inner
    let scripts = json?["scripts"]?.members.values.compactMap(\.string).joined(separator: " ") ?? ""
    func builds(_ key: String, _ flags: [String]) -> Bool {
      build?[key] != nil || config.lines().contains { trimmed($0).hasPrefix("\(key):") }
        || flags.contains { scripts.contains($0) }
    }
    let publish = build?["publish"]?.elements.first
    let provider = publish?["provider"]?.string ?? publish?.string ?? "github"
    let url =
      publish?["url"]?.string ?? between("url: ", "\n", in: config, limit: 1).first.map(trimmed)
    let owner = publish?["owner"]?.string
    let name = publish?["repo"]?.string
    let place = configs.first ?? "\(identity.manifest), electron-updater"
    for (key, flags, file) in [
      ("mac", ["--mac", "--macos", " -m"], "latest-mac.yml"),
      ("win", ["--win", "--windows"], "latest.yml"),
      ("linux", ["--linux"], "latest-linux.yml"),
    ] where builds(key, flags) {
      if provider == "generic" || url?.hasPrefix("http") == true, let url {
        add("electron", url.hasSuffix("/") ? url + file : "\(url)/\(file)", place)
      } else {
        let home = owner.flatMap { owner in name.map { "\(owner)/\($0)" } } ?? repository
        let address = home.map { "https://github.com/\($0)/releases/latest/download/\(file)" }
        add("electron", address, place, path: file)
      }
    }
    if feeds.isEmpty {
      add(
        "electron",
        nil,
        place,
        path: "latest.yml",
        guess: "which platforms are built is not said"
      )
    }
  }

  // MARK: Tauri

  private mutating func tauri() {
    let folder = parentFolder(identity.manifest)
    let configs = files.paths.filter {
      $0.hasPrefix(folder + "/tauri.") && ($0.hasSuffix(".json") || $0.hasSuffix(".json5"))
    }
    for path in configs.prefix(10) {
      let json = LooseJSON(files.text(path))
      guard let updater = json?["plugins", "updater"] ?? json?["tauri", "updater"] else { continue }
      let all = updater["endpoints"]?.elements.compactMap(\.string) ?? []
      // Mirrors are of other hosts; the project's own place is the one to write.
      let own = all.first {
        repository != nil && FeedHome($0)?.repository?.lowercased() == repository?.lowercased()
      }
      guard let address = own ?? all.first(where: { FeedHome($0) != nil }) ?? all.first else {
        continue
      }
      if FeedHome(address) == nil {
        notes.append("\(path): \(OutsideText(address).line) is answered by a program, and no file")
        continue
      }
      add("tauri", address, path)
      if all.count > 1 {
        notes.append(
          "\(path): \(all.count) endpoints; only the first of the project's own is written"
        )
      }
      return
    }
  }

  /// The public key of Tauri's updater.
  var tauriKey: String? {
    files.paths.lazy.filter { fileName($0).hasPrefix("tauri.") && $0.contains(".json") }.prefix(10)
      .compactMap { path in
        let json = LooseJSON(files.text(path))
        return (json?["plugins", "updater", "pubkey"] ?? json?["tauri", "updater", "pubkey"])?
          .string
      }.first { $0.count < 400 && !$0.isEmpty && !$0.contains("\"") }
  }

  // MARK: Velopack

  private mutating func velopack() {
    let projects = files.ending(".csproj", "packages.props", "Packages.props", ".fsproj").prefix(60)
    let place =
      projects.first { (files.text($0) ?? "").contains("\"Velopack\"") }
      ?? files.named("Cargo.toml").prefix(20).first {
        KeyedTexts(files.text($0)).first("velopack", table: "dependencies") != nil
      }
    let old = projects.first {
      let text = files.text($0) ?? ""
      return text.contains("\"Squirrel.Windows\"") || text.contains("\"Clowd.Squirrel\"")
    }
    if let old { add("squirrel-windows", nil, old, path: "RELEASES") }
    guard let place else { return }
    var channels: Set<String> = []
    for path in files.ending(".yml", ".yaml", ".ps1", ".sh", ".cmd", ".bat", ".cs").prefix(200) {
      guard let text = files.text(path), text.contains("vpk ") else { continue }
      for line in text.lines() where line.contains("vpk ") || line.contains("--channel") {
        let words = line.split(separator: " ").map { unquoted(String($0)) }
        for (word, next) in zip(words, words.dropFirst()) where ["--channel", "-c"].contains(word) {
          if next.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) { channels.insert(next) }
        }
      }
    }
    for channel in channels.isEmpty ? ["win"] : channels.sorted() {
      add("velopack", nil, place, path: "releases.\(channel).json")
    }
  }
}
