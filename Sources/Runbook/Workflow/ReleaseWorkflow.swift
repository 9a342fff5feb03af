// The release workflow on GitHub, as text.
//
// 1. It runs `hotfix ship`, the same command as on a laptop, and then looks from outside.
// 2. No value of the event becomes part of a script: they come by the environment.
// 3. Every action is pinned by its commit; the version stands beside it for people and for bots.
// 4. Each job has the permissions and the secrets that it needs, and no others.
// 5. A push of a hotfix branch builds the candidate of exactly that commit, and publishes nothing.

internal import ReleaseModel

package struct ReleaseWorkflow: Sendable {
  /// The workflow's file; each component has one of its own.
  package var fileName: String { settings.component.map { "hotfix-\($0).yml" } ?? "hotfix.yml" }
  package var path: String { ".github/workflows/\(fileName)" }
  /// The command that writes it.
  package var initCommand: String {
    "hotfix init --workflow" + (settings.component.map { " --component \($0)" } ?? "")
  }

  private let settings: Settings

  package init(_ settings: Settings) {
    self.settings = settings
  }

  private static let checkout = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
  private static let attest =
    "actions/attest-build-provenance@e8998f949152b193b063cb0ec769d69d929409be # v2.4.0"

  /// macOS artifacts can only be signed and notarized there.
  private var needsMac: Bool {
    let isForMac = settings.artifacts.contains { [.macos, .any].contains($0.platform) }
    return isForMac && (settings.signCommand != nil || settings.notarizeCommand != nil)
  }

  private var runner: String { needsMac ? "macos-15" : "ubuntu-24.04" }

  /// The jobs' conditions; `inputs` is empty on a push, and nothing begins with nothing.
  private static let isPushed = "github.event_name == 'push' && github.ref_type == 'branch'"
  private static let isAskedFor = "startsWith(inputs.correlation, 'candidate')"

  private var name: String { settings.component.map { "hotfix-\($0)" } ?? "hotfix" }
  private var tags: String { settings.tag.filled(["version": "*"]) }
  /// Branches of runs; a component's are named by its tags.
  private var branches: String { settings.component == nil ? "hotfix/**" : "hotfix/\(tags)" }

  package var text: String {
    """
    # Ships a tag with hotfix; written by `\(initCommand)`.
    name: \(name)
    # `hotfix next` finds the run by the tag or commit in this name; the id says who started it.
    run-name: >-
      ${{ (\(Self.isPushed) || \(Self.isAskedFor))
      && 'Candidate of' || 'Ship' }} ${{ inputs.tag || github.ref_name }} ${{ inputs.correlation }}

    on:
      push:
        tags: ["\(tags)"]
        branches: ["\(branches)"] # builds and rehearses the candidate; publishes nothing
      workflow_dispatch:
        inputs:
          tag:
            description: The tag to ship, or the commit of a candidate; it has to be on the remote.
            required: true
            type: string
          correlation:
            description: Names the run for the one who started it.
            required: false
            type: string

    permissions: {}

    # One run a tag, and a release that is under way is never cut off; a newer push of a hotfix branch
    # stops the candidate of the older one. The full ref keeps a tag and a branch of one name apart.
    concurrency:
      group: \(name)-${{ inputs.tag && format('refs/tags/{0}', inputs.tag) || github.ref }}
      cancel-in-progress: ${{ \(Self.isPushed) }}

    env:
      TAG: ${{ inputs.tag || github.ref_name }}

    jobs:
    \(candidateJob)

    \(shipJob)

    \(verifyJob)

    """
  }

  private var candidateJob: String {
    """
      candidate:
        name: Build and rehearse the candidate
        # The push that deletes a branch is one of the default branch to GitHub.
        if: \(Self.isPushed) && !github.event.deleted || \(Self.isAskedFor)
        runs-on: \(runner)
        timeout-minutes: \(max(30, settings.shipSeconds / 60 + 20))
        permissions:
          contents: read
        steps:
    \(checkoutStep("${{ inputs.tag || github.sha }}"))
    \(toolStep)
    \(needsMac && settings.signCommand != nil ? certificateStep + "\n" : "")\
          - name: Build and rehearse
            env:
    \(credentials)
    \(secrets(settings.candidateSecretNames))\
              COMMIT: ${{ inputs.tag || github.sha }} # this one, wherever the branch is by now
            run: hotfix ship --candidate "$COMMIT"
    """
  }

  private var shipJob: String {
    """
      ship:
        name: Build, sign, publish and feed
        if: github.event_name == 'push' && github.ref_type == 'tag' || github.event_name == 'workflow_dispatch' && !\(Self.isAskedFor)
        runs-on: \(runner)
        timeout-minutes: \(max(30, settings.shipSeconds / 60 + 20))
        permissions:
          contents: write # the release, and feeds on a branch
          id-token: write # who attests
          attestations: write # where artifacts come from
        steps:
    \(checkoutStep("refs/tags/${{ inputs.tag || github.ref_name }}"))
    \(toolStep)
    \(needsMac && settings.signCommand != nil ? certificateStep + "\n" : "")\
          - name: Ship
            id: ship
            env:
    \(credentials)
    \(secrets(settings.shippingSecretNames))\
            run: hotfix ship "$TAG"
          - name: Attest where the artifacts come from
            # Private repositories have attestations on an Enterprise plan alone.
            if: steps.ship.outputs.checksums != '' && !github.event.repository.private
            uses: \(Self.attest)
            with:
              subject-checksums: ${{ steps.ship.outputs.checksums }}
    """
  }

  private var verifyJob: String {
    """
      verify:
        name: Look from outside
        needs: [ship]
        runs-on: \(runner)
        timeout-minutes: 60
        permissions:
          contents: read
        steps:
    \(checkoutStep("refs/tags/${{ inputs.tag || github.ref_name }}"))
    \(toolStep)
          - name: Verify
            env:
    \(credentials)
            run: hotfix verify "$TAG"
    """
  }

  private func checkoutStep(_ ref: String) -> String {
    """
          - uses: \(Self.checkout)
            with:
              ref: \(ref)
              fetch-depth: 0 # the build number and the record need the history
              persist-credentials: false
    """
  }

  /// hotfix itself: from the machine, else a program whose digest is known beforehand.
  ///
  /// Nothing is
  /// kept in a cache, which any other workflow of the repository could have written.
  private var toolStep: String {
    """
          - name: Install hotfix
            env:
              ADDRESS: ${{ vars.HOTFIX_URL }} # of the program for this machine
              DIGEST: ${{ vars.HOTFIX_SHA256 }} # 64 hexadecimal digits
            run: |
              if command -v hotfix; then exit 0; fi
              mkdir -p "$RUNNER_TEMP/bin"
              curl -fsSL --retry 3 -o "$RUNNER_TEMP/bin/hotfix" "$ADDRESS"
              echo "$DIGEST  $RUNNER_TEMP/bin/hotfix" | shasum -a 256 -c -
              chmod +x "$RUNNER_TEMP/bin/hotfix"
              echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
    """
  }

  /// The token for hotfix and for its git, in the step that needs it and no other.
  private var credentials: String {
    """
              GITHUB_TOKEN: ${{ github.token }}
              GIT_CONFIG_COUNT: "1"
              GIT_CONFIG_KEY_0: credential.${{ github.server_url }}.helper
              GIT_CONFIG_VALUE_0: '!f() { echo username=x; echo "password=$GITHUB_TOKEN"; }; f'
    """
  }

  private var certificateStep: String {
    """
          - name: Lend the signing certificate to this run
            env:
              CERTIFICATE: ${{ secrets.MACOS_CERTIFICATE }} # a .p12 file in base64
              PASSWORD: ${{ secrets.MACOS_CERTIFICATE_PASSWORD }}
            run: |
              keychain="$RUNNER_TEMP/signing.keychain-db"
              secret="$(openssl rand -hex 20)"
              printf %s "$CERTIFICATE" | openssl base64 -d -A > "$RUNNER_TEMP/certificate.p12"
              security create-keychain -p "$secret" "$keychain"
              security set-keychain-settings -lut 21600 "$keychain"
              security unlock-keychain -p "$secret" "$keychain"
              security import "$RUNNER_TEMP/certificate.p12" -P "$PASSWORD" -f pkcs12 -k "$keychain" -T /usr/bin/codesign
              security set-key-partition-list -S apple-tool:,apple: -k "$secret" "$keychain" > /dev/null
              security list-keychain -d user -s "$keychain"
              rm "$RUNNER_TEMP/certificate.p12"
    """
  }

  /// Variables of a step; each is a secret of the repository under the same name.
  private func secrets(_ names: Set<String>) -> String {
    let own = Set(["GITHUB_TOKEN", "GH_TOKEN"])
    return names.subtracting(own).sorted()
      .map { "          \($0): ${{ secrets.\($0) }}\n" }.joined()
  }
}

extension Settings {
  /// The environment variables that shipping reads: keys, and what its commands name.
  package var shippingSecretNames: Set<String> {
    secretNames(of: [signCommand, signCheck, notarizeCommand, notarizeCheck])
  }

  /// Those that a candidate reads, which is signed and not notarized.
  package var candidateSecretNames: Set<String> { secretNames(of: [signCommand, signCheck]) }

  private func secretNames(of commands: [Template?]) -> Set<String> {
    let keys = [updateKey, minisignKey, minisignPassword].compactMap { source -> String? in
      if case .environment(let name)? = source { name } else { nil }
    }
    let named = commands.compactMap { $0?.text }.flatMap { command in
      command.matches(of: /\$\{?([A-Z][A-Z0-9_]{2,})\}?/).map { String($0.1) }
    }
    return Set(keys + named).subtracting(["HOME", "PATH", "TMPDIR", "PWD", "RUNNER_TEMP"])
  }
}
