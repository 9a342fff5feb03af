internal import ArgumentParser
internal import Foundation
internal import ReleaseModel

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
  @Flag(help: "Print one JSON value on stdout.")
  var json = false

  @Flag(help: "Print results only.")
  var quiet = false

  @Flag(name: .customLong("no-color"), help: "Print no colours; NO_COLOR does the same.")
  var noColor = false

  @Option(name: .customShort("C"), help: ArgumentHelp("Run in this folder.", valueName: "dir"))
  var directory: String?

  @Option(
    help: ArgumentHelp(
      "Read these settings in place of main's, for this command; the record says so.",
      valueName: "file"
    )
  )
  var settings: String?

  @Option(
    help: ArgumentHelp(
      "The component, where hotfix.yml has several; default the one whose folder this is.",
      valueName: "name"
    )
  )
  var component: String?

  var environment: [String: String] { Surroundings.current.values }

  var console: Console {
    if let console = Surroundings.current.console { return console }
    let colour = !noColor && environment["NO_COLOR"] == nil && isatty(2) == 1 && !json
    return Console.live(json: json, quiet: quiet, colour: colour, environment: environment)
  }

  var folder: FilePath {
    let here = FilePath(FileManager.default.currentDirectoryPath)
    return directory.map { here.pushing(FilePath($0)).lexicallyNormalized() } ?? here
  }

  /// The workspace around the folder; `fetching` brings it up to date with the remote first.
  func workspace(_ fetching: Workspace.Fetching = .no, allowsCheckout: Bool = false) async throws
    -> Workspace
  {
    try await Workspace.find(
      from: folder,
      environment: environment,
      console: console,
      fetching,
      settings: .init(
        allowsCheckout: allowsCheckout,
        file: settings.map { folder.pushing(FilePath($0)) },
        component: component
      )
    )
  }
}

/// Names one run, for commands that work on one.
struct RunOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The run's id or tag; not needed while one run is open.", valueName: "run")
  )
  var run: String?
}

/// Whether a command that only looks asks the remote first.
struct LookOptions: ParsableArguments {
  @Flag(help: "Show what this clone knows; do not ask the remote.")
  var offline = false

  var fetching: Workspace.Fetching { offline ? .no : .ifOld }
}
