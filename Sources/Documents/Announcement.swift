package import ReleaseModel

/// What is said to people about a hotfix, and where each text goes.
package struct Announcement: Sendable, Hashable {
  /// Who is spoken to.
  package enum Audience: String, Sendable, Hashable, CaseIterable {
    case team, announcement, users
  }

  /// How the place that a text goes to reads it.
  package enum Form: Sendable, Hashable {
    case plain, markdown, slack, discord
  }

  package var app: String
  package var version: VersionName
  package var baseVersion: VersionName
  package var title: String
  package var fix: String
  package var affected: [String]
  package var workaround: String
  package var isCritical: Bool
  package var isSecurity: Bool
  package var url: String
  package var support: String
  package var deadline: String
  /// Of a rollback: the version whose changes go away.
  package var takesBack: VersionName?

  package init(
    app: String,
    version: VersionName,
    baseVersion: VersionName,
    title: String,
    fix: String,
    affected: [String],
    workaround: String,
    isCritical: Bool,
    isSecurity: Bool,
    url: String,
    support: String,
    deadline: String,
    takesBack: VersionName? = nil
  ) {
    self.app = app
    self.version = version
    self.baseVersion = baseVersion
    self.title = title
    self.fix = fix
    self.affected = affected
    self.workaround = workaround
    self.isCritical = isCritical
    self.isSecurity = isSecurity
    self.url = url
    self.support = support
    self.deadline = deadline
    self.takesBack = takesBack
  }

  /// The values that a template may name.
  package var values: [String: String] {
    [
      "app": app, "version": version.text, "base": baseVersion.text, "title": title, "fix": fix,
      "affected": affected.joined(separator: ", "), "workaround": workaround, "url": url,
      "support": support, "deadline": deadline,
      "urgency": isCritical ? "critical: please update now" : "please update soon",
    ]
  }

  /// The values as text of a form: what anybody may have written is that and no markup, and the
  /// project's own address and words of support stay links.
  private func values(in form: Form) -> [String: String] {
    let outside: Set = ["app", "title", "fix", "affected", "workaround"]
    return Dictionary(
      uniqueKeysWithValues: values.map { name, value in
        let text = OutsideText(value)
        let isOutside = outside.contains(name)
        return switch form {
        case .plain: (name, text.line)
        case .markdown: (name, isOutside ? text.markdown : text.line)
        case .slack: (name, isOutside ? text.slack : text.slackAddress)
        case .discord: (name, isOutside ? text.discord : text.line)
        }
      }
    )
  }

  /// Returns the subject and the text for an audience; `template` overrides the built-in text.
  ///
  /// Every built-in text names the issue, the fix, how to upgrade and what to expect; a critical
  /// one adds urgency and where to get support.
  package func text(
    for audience: Audience,
    template: String? = nil,
    in form: Form = .plain
  ) -> (subject: String, body: String) {
    let values = values(in: form)
    let subject = Template(Self.subjects[audience] ?? "{app} {version}").filled(values)
    let body = template ?? builtIn(audience)
    return (subject, Template(body).filled(values))
  }

  private static let subjects: [Audience: String] = [
    .team: "Hotfix {app} {version} is under way: {title}",
    .announcement: "{app} {version}: {title} (hotfix)",
    .users: "Please update {app} to {version}",
  ]

  private var hasWorkaround: Bool { !["", "none"].contains(workaround.lowercased()) }

  private var effect: String {
    takesBack.map { "the update takes the changes of \($0) back" }
      ?? "the update changes nothing else"
  }

  private func builtIn(_ audience: Audience) -> String {
    if audience == .team {
      return """
        Issue: {title} (in {affected}).
        \(hasWorkaround ? "Until the fix is out: {workaround}." : "There is no workaround.")
        Release {version} is being made over {base}; it is due by {deadline}.
        Follow it with: hotfix status
        """
    }
    var lines = [
      "Issue: {title}. It is in {affected}.",
      "Fix: {fix}.",
      "How to upgrade: let the app update itself (Check for Updates), or download {url}.",
      "What to expect: \(effect), and needs one restart of the app. "
        + (hasWorkaround ? "Until you have it: {workaround}." : "There is no workaround."),
    ]
    if isCritical {
      lines.insert("This update is {urgency}.", at: 0)
      lines.append("Support: {support}.")
    }
    return lines.joined(separator: "\n")
  }
}
