internal import ReleaseModel

/// A Homebrew cask, as generated output: Homebrew itself reads it from a tap.
///
/// Format: Homebrew "Cask Cookbook", the stanzas that a cask needs.
package struct HomebrewCask: Sendable, Hashable {
  package var token: String
  package var app: String
  package var version: String
  package var url: String
  /// Lower-case hexadecimal digits.
  package var sha256: String
  package var description: String
  package var homepage: String
  /// The app updates itself, so `brew upgrade` leaves it alone.
  package var autoUpdates: Bool

  package init(
    token: String,
    app: String,
    version: String,
    url: String,
    sha256: String,
    description: String,
    homepage: String,
    autoUpdates: Bool
  ) {
    self.token = token
    self.app = app
    self.version = version
    self.url = url
    self.sha256 = sha256
    self.description = description
    self.homepage = homepage
    self.autoUpdates = autoUpdates
  }

  package var text: String {
    """
    cask \(quoted(token)) do
      version \(quoted(version))
      sha256 \(quoted(sha256))

      url \(quoted(url))
      name \(quoted(app))
      desc \(quoted(description))
      homepage \(quoted(homepage))
    \(autoUpdates ? "\n  auto_updates true\n" : "")
      app \(quoted(app + ".app"))
    end

    """
  }

  /// A Ruby string that holds nothing but itself.
  private func quoted(_ text: String) -> String {
    let escapes: [Unicode.Scalar: String] = [
      "\\": "\\\\", "\"": "\\\"", "#": "\\#", "\n": " ", "\r": " ",
    ]
    return "\"" + escapingScalars(of: text) { escapes[$0] } + "\""
  }
}
