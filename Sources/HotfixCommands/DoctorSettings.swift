internal import Git
internal import ReleaseModel
internal import Runbook

extension Doctor {
  /// Whether everybody has these settings: only what is on the remote's main counts in a run.
  func source() async throws -> Checkup {
    let main = "\(workspace.git.remote)/\(settings.main)"
    let file = SettingsSource.file
    switch workspace.source.origin {
    case .checkout:
      return Checkup(
        "settings",
        .bad,
        "\(file) is in this checkout only; it has to be on \(main)",
        next: SettingsSource.publish(
          remote: workspace.git.remote,
          main: settings.main,
          reviewers: settings.reviewersPath
        )
      )
    case .file(let file): return Checkup("settings", .warning, "\(file.string) is right")
    case .main:
      let here = try toolbox.files.read(workspace.root.appending(file), 1 << 20)
      if let here, String(decoding: here, as: UTF8.self) != workspace.source.text {
        return Checkup(
          "settings",
          .warning,
          "\(file) of this checkout differs from \(main)'s, which counts",
          next: ["git diff \(main) -- \(file)"]
        )
      }
      return Checkup("settings", .good, "\(file) on \(main) is right")
    }
  }
}
