import Foundation
import Runbook
import Signatures
import Testing

/// The key that an app's sources name.
@Suite struct ProjectKeyTests {
  private static let key = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqow="
  private static let minisign = MinisignPublicKey(
    keyNumber: [1, 2, 3, 4, 5, 6, 7, 8],
    key: [UInt8](repeating: 5, count: 32)
  )

  private func read(_ path: String, _ text: String) -> ProjectKey? {
    ProjectKey(path, Array(text.utf8))
  }

  private func plist(_ value: String) -> String {
    "<plist version=\"1.0\"><dict><key>SUPublicEDKey</key><string>\(value)</string></dict></plist>"
  }

  @Test func sparklesKeyIsInThePropertyList() throws {
    let found = try #require(read("App/Info.plist", plist(Self.key)))
    #expect(found.text == Self.key && !found.isMinisign)
    #expect(found.isSame(as: Self.key) && !found.isSame(as: "other"))
    // The build fills it in.
    #expect(read("App/Info.plist", plist("$(SPARKLE_KEY)")) == nil)
    #expect(read("App/Info.plist", "no list") == nil)
  }

  @Test(arguments: [
    ("Sparkle.xcconfig", "SPARKLE_PUBLIC_KEY = @"),
    ("Sparkle.xcconfig", "// keys\r\nSUPublicEDKey=@ // ours\r\n"),
    ("App.xcodeproj/project.pbxproj", "\t\tINFOPLIST_KEY_SUPublicEDKey = \"@\";"),
  ])
  func sparklesKeyIsInABuildSetting(_ path: String, _ text: String) {
    #expect(ProjectKey.mayName(path))
    #expect(read(path, text.replacing("@", with: Self.key))?.text == Self.key)
    #expect(read(path, text.replacing("@", with: "$(KEY)")) == nil)
  }

  @Test(arguments: ["plugins", "tauri"])
  func taurisKeyIsInItsConfigurationOfBothVersions(_ home: String) throws {
    let text = #"{"\#(home)": {"updater": {"pubkey": "\#(Self.minisign.base64File)"}}}"#
    let found = try #require(read("src-tauri/tauri.conf.json", text))
    // The settings may have it in another of its three forms.
    #expect(found.isMinisign && found.isSame(as: Self.minisign.text))
    let other = MinisignPublicKey(keyNumber: [8], key: Self.minisign.key)
    #expect(!found.isSame(as: other.base64File))
    #expect(read("src-tauri/tauri.conf.json", "{}") == nil)
  }
}
