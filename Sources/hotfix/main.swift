internal import Foundation
internal import HotfixCommands

exit(await HotfixProgram.run(Array(CommandLine.arguments.dropFirst())))
