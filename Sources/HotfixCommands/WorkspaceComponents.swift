internal import Git
internal import Runbook

extension Workspace {
  /// The same repository with the settings and the edges of a component; nil leaves all as it is.
  ///
  /// Throws `component.unknown`.
  func choosing(_ component: String?) throws -> Workspace {
    guard let component, component != settings.component else { return self }
    var chosen = self
    chosen.settings = try source.settings.of(component)
    let revoked = toolbox.revoked
    (chosen.toolbox, chosen.github) = try Self.live(
      chosen.settings,
      home: toolbox.home,
      scratch: toolbox.scratch,
      run: git.run,
      secrets: secrets,
      environment: environment,
      console: console
    )
    chosen.toolbox.revoked = revoked
    return chosen
  }

  /// The component that a command works on: the chosen one, else the one whose folder this is.
  ///
  /// Throws `component.which`.
  func onOneComponent(_ command: String) throws -> Workspace {
    guard let problem = settings.unchosen(command) else { return self }
    guard let own = settings.component(ofPath: place.prefix) else { throw problem }
    return try choosing(own)
  }

  /// The component of a tag; a tag that is no component's needs none to be looked at.
  func onComponent(ofTag tag: String) throws -> Workspace {
    try choosing(source.settings.component(ofTag: tag))
  }
}
