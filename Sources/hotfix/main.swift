internal import Foundation
internal import HotfixCommands

let arguments = Array(CommandLine.arguments.dropFirst())
// Before the first `await`, which starts the threads.
if let status = HotfixProgram.protect(arguments) { exit(status) }
if let status = HotfixProgram.showFrontPage(arguments) { exit(status) }
HotfixProgram.watchSignals(arguments)
exit(await HotfixProgram.run(arguments))
