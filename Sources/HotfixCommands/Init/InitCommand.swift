internal import ArgumentParser
internal import Git
internal import Machine
internal import ProjectSurvey
internal import ReleaseModel
internal import Runbook

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Look at the project and write hotfix.yml",
    discussion: """
      Lines with `# guess:` are for you to look at. Runs nothing of the project; asks the host once for
      the newest release, and each feed once for its newest build.

      $ hotfix init
      found  name: Lantern  (package.json, productName)
             tags: v{version}  (the newest release tag is v1.4.2)
             …
      wrote hotfix.yml; 3 lines are guesses
      next:  grep -n 'guess:' hotfix.yml     shows what to look at
      …
      $ hotfix init --sign
      git signs here with /home/ana/.ssh/id_ed25519.pub
      …
      $ hotfix init --workflow
      wrote .github/workflows/hotfix.yml
      """
  )

  @Flag(help: "Write the release workflow of GitHub Actions, from the hotfix.yml that is there.")
  var workflow = false

  @Flag(help: "Sign with SSH in this repository, and list your key in allowed_signers.")
  var sign = false

  @Flag(help: "Ask neither the host nor the feeds.")
  var offline = false

  @Flag(help: "Print the file instead of writing it.")
  var print = false

  @OptionGroup var global: GlobalOptions

  struct Result: Encodable {
    let schema = "hotfix.init/1"
    let file: String
    let found: [String]
    var notes: [String] = []
    var next: [String] = []
    let content: String
  }

  func validate() throws {
    guard [workflow, sign].count(where: \.self) < 2, !(sign && print) else {
      throw ValidationError("Use one of --workflow and --sign; --sign prints no file.")
    }
  }

  func run() async throws {
    let run = LiveProcesses.runner(
      inherited: global.environment,
      withheld: Workspace.secretNames(above: global.folder)
    )
    let root = try await Workspace.repository(global.folder, run).root
    if workflow { return try await writeWorkflow(root) }
    if sign { return try await setUpSigning(root, run) }
    let file = root.appending(SettingsSource.file)
    guard print || !LiveFiles.files.exists(file) else {
      throw Problem(
        "init.exists",
        "hotfix.yml is there already.",
        next: ["hotfix doctor     checks it", "hotfix init --print     shows a fresh one"]
      )
    }
    let look = ProjectLook(git: Git(directory: root, run: run), root: root, isOffline: offline)
    var (input, unread) = try await look.input()
    let asking = Asking(console: global.console)
    if input.people == 1, !print, asking.isPerson {
      let isAlone = asking.isYes(
        "One person committed to \(input.main) in the last year. Release without anybody's approval?"
      )
      input.people = isAlone ? 1 : nil
      input.isAloneKnown = true
    }
    let survey = Survey(await look.readingFeeds(input, &unread))
    // What init writes has to be accepted by everything that reads it.
    _ = try Settings.read(survey.settings)
    if !print { try LiveFiles.files.write(file, Array(survey.settings.utf8)) }
    let lacks = print ? [] : await lacks()
    let notes = survey.notes + unread + lacks
    let next = next(root, input.main)
    try global.console.show(
      Result(
        file: SettingsSource.file,
        found: survey.found,
        notes: notes,
        next: next,
        content: survey.settings
      ),
      print ? String(survey.settings.dropLast()) : words(survey, notes, next)
    )
  }

  /// What `doctor` will say of the commands.
  private func lacks() async -> [String] {
    // That the settings are not on main yet is no news: it is what `next` says.
    let quiet = Console(
      json: true,
      isQuiet: true,
      usesColour: false,
      out: { _ in },
      error: { _ in }
    )
    let place = try? await Workspace.find(
      from: global.folder,
      environment: global.environment,
      console: quiet,
      .no,
      settings: .init(allowsCheckout: true, file: nil)
    )
    guard let workspace = place else { return [] }
    var found: [(component: String?, checks: [Checkup])] = []
    for part in (try? Doctor(workspace: workspace).components()) ?? [] {
      let checks = try? await part.programs(in: workspace.root)
      found.append((part.settings.component, checks ?? []))
    }
    return Checkup.merged(found).filter { $0.state != .good }.map(\.says)
  }

  private func next(_ root: FilePath, _ main: String) -> [String] {
    let signers = LiveFiles.files.exists(root.appending("allowed_signers"))
    return [
      "grep -n 'guess:' hotfix.yml     shows what to look at",
      signers
        ? nil : "hotfix init --sign     signs with SSH here, and lists you in allowed_signers",
      "git add hotfix.yml allowed_signers && git commit -m \"Set up hotfix\"",
      "git push origin HEAD:\(OutsideText(main).word)     settings count once they are on main",
      "hotfix doctor",
      "hotfix drill --here",
    ].compactMap(\.self)
  }

  private func words(_ survey: Survey, _ notes: [String], _ next: [String]) -> String {
    func block(_ head: String, _ lines: [String]) -> [String] {
      let indent = String(repeating: " ", count: head.count)
      return lines.enumerated().map { ($0.offset == 0 ? head : indent) + $0.element }
    }
    let guesses = survey.settings.lines().count { $0.contains("# guess:") }
    return
      (block("found  ", survey.found) + block("note   ", notes)
      + ["wrote hotfix.yml; \(guesses) \(guesses == 1 ? "line is a guess" : "lines are guesses")"]
      + block("next:  ", next)).joined(separator: "\n")
  }
}
