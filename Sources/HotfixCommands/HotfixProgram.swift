internal import ArgumentParser
internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook

/// The `hotfix` program: parses, runs, and turns whatever happened into an exit status.
package enum HotfixProgram {
  /// Exit statuses, part of the interface.
  package enum Status {
    package static let done: Int32 = 0
    package static let refused: Int32 = 1
    package static let usage: Int32 = 2
    package static let waiting: Int32 = 3
    package static let bug: Int32 = 70
  }

  /// Runs the program with its arguments (without its name) and returns the exit status.
  package static func run(_ arguments: [String]) async -> Int32 {
    prepare()
    let status = await parsed(arguments)
    Interruption.finish()
    guard let lost = StandardStream.output.problem else { return status }
    live(json: false).complain([lost])
    return max(status, Status.refused)
  }

  /// The console while no command's options are known.
  private static func live(json: Bool) -> Console {
    Console.live(
      json: json,
      quiet: false,
      colour: isatty(2) == 1 && Surroundings.current.values["NO_COLOR"] == nil,
      environment: Surroundings.current.values
    )
  }

  /// Shows the front page when that is all that is asked for, and returns the exit status then.
  package static func showFrontPage(_ arguments: [String]) -> Int32? {
    prepare()
    guard FrontPage.isMeant(by: arguments) else { return nil }
    StandardStream.output.write(FrontPage.text + "\n")
    return StandardStream.output.problem == nil ? Status.done : nil
  }

  /// Nobody who stops reading may end the program.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    StandardStream.openMissing()
  }

  private static func parsed(_ arguments: [String]) async -> Int32 {
    let arguments = StepHelp.rewritten(arguments)
    let console = Surroundings.current.console ?? live(json: arguments.contains("--json"))
    guard !FrontPage.isMeant(by: arguments) else {
      console.out(FrontPage.text)
      return Status.done
    }
    do {
      var command = try HotfixCommand.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return Status.done
    } catch {
      if HotfixCommand.exitCode(for: error) == .validationFailure,
        let problem = UnknownCommand.problem(arguments)
      {
        console.complain([problem])
        return Status.usage
      }
      return status(of: error, console)
    }
  }

  /// Runs the program in given surroundings, for tests: nothing of this process is read or printed.
  package static func run(
    _ arguments: [String],
    environment: [String: String],
    out: @escaping @Sendable (String) -> Void,
    error: @escaping @Sendable (String) -> Void
  ) async -> Int32 {
    let console = Console(
      json: arguments.contains("--json"),
      isQuiet: arguments.contains("--quiet"),
      usesColour: false,
      out: out,
      error: error
    )
    return await Surroundings.$current.withValue(
      Surroundings(environment: environment, console: console)
    ) {
      await run(arguments)
    }
  }

  private static func status(of error: any Error, _ console: Console) -> Int32 {
    switch error {
    case let waiting as Waiting: return waiting.status
    case let problem as Problem:
      console.complain([problem])
      return Status.refused
    case let problems as Problems:
      console.complain(problems.all)
      return Status.refused
    case let failure as Git.Failure:
      console.complain([failure.problem])
      return Status.refused
    default: return parserStatus(error, console)
    }
  }

  private static func parserStatus(_ error: any Error, _ console: Console) -> Int32 {
    let code = HotfixCommand.exitCode(for: error)
    let message = HotfixCommand.fullMessage(for: error)
    if code == .success {
      console.out(message)
      return Status.done
    }
    if code == .validationFailure {
      console.error(OutsideText(message).lines)
      return Status.usage
    }
    console.complain([
      Problem(
        "internal",
        "hotfix ran into something it did not expect.",
        why: "\(error)",
        next: [
          "hotfix status     nothing is lost; the record shows how far it came",
          "Report this, with the command and the lines above.",
        ]
      )
    ])
    return Status.bug
  }
}

/// Ends a command that waits for somebody; its text was shown already.
struct Waiting: Error {
  let status: Int32

  static let forPeople = Waiting(status: HotfixProgram.Status.waiting)
  static let refused = Waiting(status: HotfixProgram.Status.refused)
}

struct HotfixCommand: AsyncParsableCommand {
  /// What `help` may be asked about.
  static var commandNames: Set<String> {
    let all = configuration.groupedSubcommands.flatMap(\.subcommands) + configuration.subcommands
    return Set(all.map { $0._commandName } + ["help"])
  }

  static let configuration = CommandConfiguration(
    commandName: "hotfix",
    abstract: "Carry a fix to every user, and prove each step",
    discussion: """
      A hotfix from "is this critical?" to "every user's updater offers it":

        hotfix open "Notes are lost on save" --kind data-loss --impact data-loss --reach many
        hotfix approve            (another listed person)
        hotfix next               does all it can, then says whom it waits for
        hotfix status             where we are, and the next command

      Try it without risk:  hotfix drill
      Exit status: 0 done, 1 refused or failed, 2 wrong command line, 3 waiting, 70 our bug.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "In an incident",
        subcommands: [
          OpenCommand.self, DiffCommand.self, ApproveCommand.self, DeclineCommand.self,
          NextCommand.self,
          StatusCommand.self, PlanCommand.self, VerifyCommand.self, WithdrawCommand.self,
          RollbackCommand.self, WaiveCommand.self, NoteCommand.self, LogCommand.self,
          ReportCommand.self, CloseCommand.self, AbandonCommand.self,
        ]
      ),
      CommandGroup(
        name: "Before one",
        subcommands: [InitCommand.self, DoctorCommand.self, DrillCommand.self]
      ),
      CommandGroup(
        name: "Plumbing",
        subcommands: [
          ShipCommand.self, FeedCommand.self, DeltaCommand.self, SignatureCommand.self,
          RecordCommand.self, VersionCommand.self, CompletionsCommand.self, StepHelp.self,
        ]
      ),
    ]
  )
}
