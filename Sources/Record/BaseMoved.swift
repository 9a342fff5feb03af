package import ReleaseModel

/// A release came out on the run's line, and the fix now contains it.
///
/// From here on the run is a hotfix over this release. Its name changes when the release that came
/// first has a higher one; its branch stays.
package struct BaseMoved: Sendable, Hashable, Codable {
  package let base: BaseRelease
  package let version: VersionName
  package let tag: String
  package let reason: String

  package init(base: BaseRelease, version: VersionName, tag: String, reason: String) {
    self.base = base
    self.version = version
    self.tag = tag
    self.reason = reason
  }
}

extension RunOpened {
  /// Returns the run as it goes on over another base.
  func moved(_ move: BaseMoved) -> RunOpened {
    RunOpened(
      title: title,
      app: app,
      base: move.base,
      version: move.version,
      branch: branch,
      tag: move.tag,
      main: main,
      policy: policy,
      rollback: rollback,
      picks: picks,
      test: test,
      adopts: adopts,
      settings: settings,
      component: component
    )
  }
}
