internal import Documents
internal import Feeds
internal import ReleaseModel

/// What `init` finds out about a project.
package struct Survey: Sendable {
  /// One line of what was found, for people.
  package let found: [String]
  /// What no line of the file says.
  package let notes: [String]
  package let feeds: [SurveyFeed]
  package let components: [SurveyComponent]
  /// The text of `hotfix.yml`.
  package let settings: String

  package init(_ input: SurveyInput) {
    let files = SurveyFiles(input)
    let facts = SurveyFacts(input, files)
    components = Self.components(input, files)
    let parts = components.map { SurveyFacts(input.inside($0)) }
    feeds = parts.isEmpty ? facts.feeds : parts.flatMap(\.feeds)
    settings = SettingsText(facts, zip(components, parts).map { ($0, $1) }).text
    let notes = (parts.isEmpty ? [facts] : parts).flatMap { $0.notes + $0.homeNotes }
    self.notes = notes + Self.workflowNotes(files)
    found =
      parts.isEmpty
      ? facts.inWords
      : zip(components, parts).flatMap { part, facts in
        ["component \(part.name): \(part.folder)"] + facts.inWords.map { "  " + $0 }
      }
  }

  /// What stands where no command was found.
  package static let placeholder = Commands.placeholder

  /// Returns `owner/name` of a remote on GitHub.
  package static func gitHub(_ remote: String?) -> String? { gitHubRepository(remote) }

  /// The form of the releases' tags.
  package static func tagForm(_ input: SurveyInput) -> String {
    form(input).value
  }

  /// Returns the releases that are no pre-releases, out of GitHub's list, newest first.
  package static func releases(inGitHubs list: String) -> [SurveyInput.Release] {
    (LooseJSON(list)?.elements ?? []).compactMap { entry in
      guard let tag = entry["tag_name"]?.string,
        entry["prerelease"]?.isTrue != true, entry["draft"]?.isTrue != true,
        TagName(tag)?.version.isPrerelease == false
      else { return nil }
      let names = (entry["assets"]?.elements ?? []).compactMap { $0["name"]?.string }
      return SurveyInput.Release(tag: tag, assets: names)
    }
  }

  /// The addresses to read once.
  package var feedAddresses: [String] { feeds.compactMap(\.address) }

  static func scheme(
    _ feeds: [SurveyFeed],
    _ files: SurveyFiles,
    _ identity: Identity,
    _ release: SurveyInput.Release?
  ) -> (name: String, why: String) {
    if feeds.isEmpty { return ("patch", "1.0.1 over 1.0.0") }
    if identity.kind == .tauri, makesMSI(files, identity, release) {
      return ("patch", "1.0.1 over 1.0.0; an MSI's version has numbers alone")
    }
    // Appcasts compare build numbers, so there the name does not matter.
    let objection = feeds.filter { !$0.isAppcast }.flatMap(\.clients).compactMap {
      Updater.named($0)
    }
    .flatMap { SafeSpelling.objections($0, old: "1.0.0", new: "1.0.1-hotfix1", regular: "1.0.1") }
    .first
    return objection.map { ("patch", "1.0.1 over 1.0.0; \($0)") }
      ?? ("suffix", "1.0.1-hotfix1 over 1.0.0; every updater found orders it so")
  }

  private static func makesMSI(
    _ files: SurveyFiles,
    _ identity: Identity,
    _ release: SurveyInput.Release?
  ) -> Bool {
    if release?.assets.contains(where: { $0.lowercased().contains(".msi") }) == true { return true }
    let folder = parentFolder(identity.manifest)
    return files.paths.filter { $0.hasPrefix(joined(folder, "tauri")) && $0.contains(".json") }
      .prefix(10)
      .contains { path in
        let json = LooseJSON(files.text(path))
        let bundle = json?["bundle"] ?? json?["tauri", "bundle"]
        guard let targets = bundle?["targets"] else { return bundle?["windows", "wix"] != nil }
        return targets.elements.contains { ["all", "msi"].contains($0.string ?? "") }
      }
  }

  /// The command that prints CFBundleVersion, from where the project keeps it.
  static func buildNumber(
    _ feeds: [SurveyFeed],
    _ files: SurveyFiles,
    _ identity: Identity,
    _ input: SurveyInput
  ) -> Finding? {
    guard let feed = feeds.first(where: \.isAppcast) else { return nil }
    let text =
      feed.address.flatMap { input.feeds[$0] }
      ?? files.paths.first { $0.hasSuffix(".xml") && $0.lowercased().contains("appcast") }.flatMap {
        files.text($0)
      } ?? ""
    let newest = Set(
      between("<sparkle:version>", "</sparkle:version>", in: text)
        + between("sparkle:version=\"", "\"", in: text)
    ).max {
      isOlder(VersionName($0), than: VersionName($1))
    }
    let last = newest.map { "; the feed is at \(OutsideText($0).line)" } ?? ""
    let raised = "the fix has to raise it above that of every release"
    if let path = files.set.contains("version.env") ? "version.env" : nil,
      let key = ["BUILD_NUMBER", "CURRENT_PROJECT_VERSION", "BUILD"].first(where: {
        KeyedTexts(files.text(path)).first($0) != nil
      })
    {
      return Finding(". ./version.env && echo \"$\(key)\"", path, guess: raised + last)
    }
    let keeping = (files.ending(".xcconfig") + [identity.manifest]).prefix(40).first {
      KeyedTexts(files.text($0)).all("CURRENT_PROJECT_VERSION").contains {
        $0.first?.isNumber == true
      }
    }
    if let keeping {
      return Finding(
        "sed -n 's/.*CURRENT_PROJECT_VERSION *= *\\([0-9.]*\\).*/\\1/p' \(OutsideText(keeping).word) | sort -n | tail -n 1",
        keeping,
        guess: raised + last
      )
    }
    let plist = files.ending("Info.plist").prefix(20).first {
      plistText("CFBundleVersion", in: files.text($0))?.first?.isNumber == true
    }
    if let plist {
      return Finding(
        "sed -n '/<key>CFBundleVersion</{n;s/.*<string>\\(.*\\)<.*/\\1/p;}' \(OutsideText(plist).word)",
        plist,
        guess: raised + last
      )
    }
    return Finding(
      "git rev-list --count HEAD",
      "no file" + last,
      guess: "has to be over the feed's and grow with every release\(last)"
    )
  }

  private static func workflowNotes(_ files: SurveyFiles) -> [String] {
    let marks = [
      "action-gh-release", "gh release create", "gh release upload", "tauri-action", "goreleaser",
      "create-release",
      "upload-release-action", "release-action", "--publish always", "softprops/",
    ]
    let found = files.paths.filter { $0.hasPrefix(".github/workflows/") }.prefix(60).filter {
      path in
      let text = files.text(path) ?? ""
      return marks.contains { text.contains($0) } && !text.contains("hotfix ship")
    }
    return found.isEmpty
      ? []
      : [
        "releases are built by \(found.joined(separator: ", ")); "
          + "`hotfix init --workflow` writes one that runs hotfix ship"
      ]
  }

  /// The workflow that runs `hotfix ship` already.
  static func workflow(_ files: SurveyFiles) -> String? {
    files.paths.filter { $0.hasPrefix(".github/workflows/") }.prefix(60)
      .first { (files.text($0) ?? "").contains("hotfix ship") }.map(fileName)
  }
}

/// Everything that was found, before it is written down.
struct SurveyFacts {
  let input: SurveyInput
  let identity: Identity
  let repository: String?
  let feeds: [SurveyFeed]
  let tauriKey: String?
  let commands: Commands
  let tag: Finding
  let changelog: Finding?
  let scheme: (name: String, why: String)
  let build: Finding?
  let workflow: String?
  let hasDocuments: Bool
  /// What no line of the file says.
  let notes: [String]
  /// The entries of `version.files`.
  let versionFiles: [String]

  init(_ input: SurveyInput) { self.init(input, SurveyFiles(input)) }

  init(_ input: SurveyInput, _ files: SurveyFiles) {
    self.input = input
    identity = Identity(input, files)
    repository = gitHubRepository(input.remote)
    let search = UpdaterSearch(files, identity, repository)
    feeds = search.feeds
    tauriKey = search.tauriKey
    notes = search.notes
    commands = Commands(files, identity)
    tag = Survey.form(input)
    changelog = Survey.changelog(files)
    scheme = Survey.scheme(feeds, files, identity, input.release)
    build = Survey.buildNumber(feeds, files, identity, input)
    workflow = Survey.workflow(files)
    hasDocuments = files.hasFolder("docs/hotfixes")
    let manifests = Self.versionFiles(input, files, tag)
    versionFiles = manifests.isEmpty ? [identity.sourceVersion].compactMap(\.self) : manifests
  }

  /// The known manifests that say the newest release's version, or the one that main goes on to.
  private static func versionFiles(
    _ input: SurveyInput,
    _ files: SurveyFiles,
    _ form: Finding
  ) -> [String] {
    let prefix = form.value.replacing("{version}", with: "")
    let newest = input.tags.lazy.compactMap(TagName.init)
      .first { $0.prefix == prefix && !$0.version.isPrerelease }?.version
    guard let newest else { return [] }
    let manifests = files.paths.lazy.filter { path in
      path.count { $0 == "/" } < 3 && VersionFile(path: path).isKnown
    }
    return manifests.prefix(80).filter { path in
      let said = VersionFile(path: path).versions(in: files.text(path) ?? "")
      guard said.count == 1, let own = said.first.map(VersionName.init) else { return false }
      if own.numbers == newest.numbers { return true }
      // A part of the project may have a version of its own; the top manifest has the project's.
      return !path.contains("/") && isOlder(newest, than: own)
    }.prefix(8).map(\.self)
  }

  var home: FeedHome? {
    let homes = feeds.compactMap { $0.address.flatMap(FeedHome.init) }
    return homes.first { $0.repository?.lowercased() == repository?.lowercased() } ?? homes.first
  }

  var homeNotes: [String] {
    feeds.compactMap { feed in
      guard let address = feed.address, let home = FeedHome(address) else { return nil }
      let shown = OutsideText(address).line
      if case .fixedRelease(_, let tag, _) = home {
        return
          "\(shown) is an asset of the release \(tag), which is not the latest: hotfix writes feeds as "
          + "assets of each release, on a branch, or on Pages; apps have to be told one of these addresses"
      }
      if case .server = home {
        return "\(shown) is on a server of its own: the file that hotfix writes has to get there"
      }
      guard let other = home.repository, other.lowercased() != repository?.lowercased() else {
        return nil
      }
      return "\(shown) is in another repository, \(other): what hotfix publishes has to get there"
    }
  }

  var inWords: [String] {
    func line(_ what: String, _ value: String, _ place: String) -> String {
      "\(what): \(OutsideText(value).line)  (\(OutsideText(place).line))"
    }
    var lines = [line("name", identity.name.value, identity.name.place)]
    if let version = identity.version {
      lines.append(line("version", version.value, version.place))
    }
    lines.append(line("tags", tag.value, tag.place))
    lines.append(line("main", input.main, "the remote's main branch"))
    lines += feeds.map { line($0.reader, $0.address ?? $0.path, $0.place) }
    lines.append(line("tests", commands.suite.value, commands.suite.place))
    lines.append(line("build", commands.build.value, commands.build.place))
    if let changelog { lines.append(line("changelog", changelog.value, changelog.place)) }
    return lines
  }
}
