import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures
import Testing

/// Whatever git-config(1) and git(1) let a user set, our commands answer as without it.
@Suite struct GitSettingsTests {
  private let scratch = ScratchFolder()

  /// A user with settings of their own.
  private struct User {
    let git: Git
    let run: ProcessRunner

    func sh(_ script: String) async throws -> String {
      let answer = try await run(ProcessCall("sh", ["-ec", script], in: git.directory))
      #expect(answer.succeeded, "\(script): \(answer.errors)")
      return answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  private static func environment(_ global: String) -> [String: String] {
    [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": global,
      "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@x", "GIT_AUTHOR_DATE": "@1700000000 +0000",
      "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@x",
      "GIT_COMMITTER_DATE": "@1700000000 +0000",
    ]
  }

  /// A repository with a remote, two branches that touch each other, and awkward names.
  private func makeRepository() async throws {
    let run = LiveProcesses.runner(inherited: Self.environment("/dev/null"))
    let script = #"""
      git init -q --bare -b main remote.git && git clone -q remote.git work 2>/dev/null && cd work
      printf 'a\nb\nc\n' > lines && printf 'one\n' > old && mkdir sub && printf 'x\n' > sub/f
      printf '#!/bin/sh\n' > run && chmod +x run && ln -s lines link && printf 'ä\n' > 'naïve name'
      git add -A && git commit -q -m 'First' && git tag -a -m one v1 && git push -q origin main v1
      git checkout -q -b fix && printf 'a\nB\nc\n' > lines && git mv sub new
      printf 'f\n' > added && git add -A
      git commit -q -m "Löse es (endlich)" -m "Fixes #1" && git tag -a -m local unpublished
      git checkout -q main && printf 'a\nb\nC\n' > lines && printf 'y\n' > sub/g
      printf 'star\n' > 'st*r' && git add -A && git commit -q -m "Go on"
      printf 'l\n' >> lines && git commit -q -am 'Pick me'
      """#
    let answer = try await run(ProcessCall("sh", ["-ec", script], in: scratch.path))
    #expect(answer.succeeded, "\(answer.errors)")
  }

  /// All that our commands say of it and do to it.
  private func answers(of user: User, picks: Bool = true) async throws -> [String] {
    let git = user.git
    let name = { (revision: String) in try await git.resolve(revision) ?? "none" }
    let (main, fix) = (try await name("refs/heads/main"), try await name("refs/heads/fix"))
    var said: [String] = []
    for commit in try await git.commits([main]) { said.append("\(commit)") }
    said += try await git.commits([fix]).map { "\($0.subject): \($0.body)" }
    said += try await git.commits(touching: "new/f", on: fix).map(\.name)
    said += try await git.commits(touching: "st*r", on: main).map(\.subject)
    said += try await git.changes(from: main, to: fix).map { "\($0)" }
    said.append("\(try await git.merge(fix, main))")
    said.append("\(try await git.localTags())")
    said.append("\(try await git.isDirty())")
    let mains = try await git.push([RefUpdate("refs/heads/fix", old: nil, new: fix)])
    said.append("\(mains)")
    said.append(
      "\(try await git.push([RefUpdate("refs/heads/fix", old: main, new: main)]) == .done)"
    )
    try await git.fetch()
    said.append("\(try await git.refs([]).sorted { $0.key < $1.key })")
    said.append("\(try await git.tags())")
    said.append(try await user.sh("git --git-dir=../remote.git for-each-ref --format='%(refname)'"))
    let build = scratch.path.appending("build")
    try await git.clone(to: build, at: fix, tagged: "v2")
    said += try await git.untracked(in: build)
    let look =
      "find . -name .git -prune -o -exec ls -ld --time-style=+ {} + | tr -s ' ' | "
      + "cut -d' ' -f1,5- | sort; cksum lines run 'naïve name'"
    said.append(try await user.sh("cd ../build && \(look) && git status --porcelain"))
    said.append(try await user.sh("cd ../build && git describe && git remote && git for-each-ref"))
    let tree = scratch.path.appending("tree")
    try await git.addWorktree(tree, at: main)
    said.append(try await user.sh("cd ../tree && \(look)"))
    if picks {
      let pick = ["cherry-pick", "-x", "--cleanup=verbatim", "--strategy=ort", fix]
      let picked = try await git.answer(pick, in: tree, asUser: true)
      said.append("\(picked.succeeded)")
      said += try await git.commits(["-1", user.sh("git -C ../tree rev-parse HEAD")]).map {
        "\($0)"
      }
    }
    try await git.removeWorktree(tree)
    return said
  }

  /// In a checkout of the user's own, whose hooks run.
  private func moves(of user: User) async throws -> [String] {
    let git = user.git
    let ahead = scratch.path.appending("ahead")
    _ = try await user.sh("git branch -q ahead main~1")
    try await git.output(["worktree", "add", "--quiet", ahead.string, "ahead"], asUser: true)
    let main = try await git.resolve("refs/heads/main") ?? ""
    let moved = try await git.forward(ahead, to: main)
    return [
      "\(moved.succeeded)", try await user.sh("git rev-parse refs/heads/ahead"),
      "\(try await git.answer(["status", "--porcelain"], in: ahead, asUser: true).text)",
      "\(try await git.worktree(of: "refs/heads/ahead") == ahead)",
    ]
  }

  private func world(_ settings: String, _ environment: [String: String] = [:]) async throws -> User
  {
    try await makeRepository()
    let text = settings.replacing("SCRATCH", with: scratch.path.string)
    let file = scratch.path.appending("gitconfig")
    try LiveFiles.files.write(file, Array(text.utf8))
    let own = Self.environment(file.string).merging(environment) { $1 }
    let run = LiveProcesses.runner(inherited: own)
    return User(
      git: Git(
        directory: scratch.path.appending("work"),
        run: run,
        open: LiveDialogue.opener(inherited: own)
      ),
      run: LiveProcesses.runner(inherited: Self.environment("/dev/null"))
    )
  }

  private func all(_ settings: String, _ environment: [String: String] = [:]) async throws
    -> [String]
  {
    let user = try await world(settings, environment)
    return try await answers(of: user) + moves(of: user)
  }

  /// What they answer to somebody who set nothing.
  private static let plain = Task { try await GitSettingsTests().all("") }

  private func expect(_ answers: [String], as plain: [String]) {
    #expect(answers.count == plain.count)
    for (answer, usual) in zip(answers, plain) { #expect(answer == usual) }
  }

  @Test(arguments: [
    "[i18n]\n logOutputEncoding = ISO-8859-1\n commitEncoding = ISO-8859-1",
    "[color]\n ui = always\n push = always\n status = always\n transport = always\n"
      + " remote = always\n diff = always\n branch = always\n advice = always",
    "[column]\n ui = always\n tag = always\n[core]\n quotePath = true\n abbrev = 4",
    "[log]\n showSignature = true\n follow = true\n mailmap = true\n decorate = full\n"
      + " abbrevCommit = true\n diffMerges = on\n[format]\n pretty = short",
    "[diff]\n noprefix = true\n mnemonicPrefix = true\n renames = copies\n external = false\n"
      + " algorithm = patience\n orderFile = /dev/null\n ignoreSubmodules = all\n relative = true\n"
      + " submodule = log\n wordRegex = .\n statGraphWidth = 1\n renameLimit = 1",
    "[status]\n short = true\n branch = true\n showStash = true\n renames = copies\n"
      + " showUntrackedFiles = no\n relativePaths = false\n submoduleSummary = true",
    "[merge]\n verifySignatures = true\n ff = false\n conflictStyle = zdiff3\n log = true\n"
      + " autoStash = true\n stat = true\n branchdesc = true",
    "[merge]\n default = union\n renames = false\n directoryRenames = true\n renormalize = true\n"
      + " renameLimit = 1\n verbosity = 5\n ff = only",
    "[branch \"ahead\"]\n mergeOptions = --squash --no-commit\n[pull]\n twohead = ours\n ff = only",
    "[push]\n followTags = true\n default = nothing\n gpgSign = true\n recurseSubmodules = only\n"
      + " useForceIfIncludes = true\n pushOption = ci.skip\n autoSetupRemote = true",
    "[remote \"origin\"]\n mirror = true\n push = +refs/*:refs/*\n tagOpt = --tags\n"
      + " prune = true\n pruneTags = true\n skipFetchAll = true",
    "[fetch]\n prune = false\n pruneTags = true\n recurseSubmodules = true\n fsckObjects = true\n"
      + " writeCommitGraph = true\n output = compact\n all = true\n showForcedUpdates = false",
    "[remote \"origin\"]\n fetch = +refs/pull/*/head:refs/remotes/origin/pr/*",
    "[core]\n autocrlf = true\n eol = crlf\n safecrlf = true",
    "[core]\n attributesFile = SCRATCH/attributes\n excludesFile = SCRATCH/excludes",
    "[core]\n symlinks = false\n sparseCheckout = true\n sparseCheckoutCone = true\n"
      + " untrackedCache = true\n fsmonitor = /bin/false\n splitIndex = true",
    "[core]\n commentChar = (\n pager = false\n editor = false\n whitespace = cr-at-eol\n"
      + " logAllRefUpdates = false\n warnAmbiguousRefs = false\n[sequence]\n editor = false",
    "[commit]\n cleanup = strip\n template = /nonexistent\n verbose = true\n status = true\n"
      + "[core]\n commentChar = auto\n[rerere]\n enabled = true\n autoUpdate = true",
    "[clone]\n defaultRemoteName = elsewhere\n rejectShallow = true\n[init]\n"
      + " defaultBranch = trunk\n templateDir = SCRATCH/work\n[protocol]\n version = 0",
    "[tag]\n sort = -version:refname\n gpgSign = true\n forceSignAnnotated = true\n[branch]\n"
      + " sort = -committerdate\n autoSetupMerge = always\n autoSetupRebase = always",
    "[submodule]\n recurse = true\n[checkout]\n guess = false\n defaultRemote = other\n"
      + " workers = 2\n[worktree]\n guessRemote = true\n[index]\n version = 4",
    "[gc]\n auto = 1\n[maintenance]\n auto = true\n[feature]\n experimental = true\n"
      + " manyFiles = true\n[transfer]\n fsckObjects = true\n unpackLimit = 1",
    "[advice]\n detachedHead = true\n pushUpdateRejected = true\n[blame]\n date = raw\n[help]\n"
      + " autoCorrect = immediate\n[interactive]\n singleKey = true\n[pager]\n log = false",
  ])
  func noSettingChangesAnAnswer(_ settings: String) async throws {
    for (name, text) in [
      ("attributes", "* text eol=crlf merge=union -diff\n"), ("excludes", "*\n"),
    ] {
      try LiveFiles.files.write(scratch.path.appending(name), Array(text.utf8))
    }
    try await expect(all(settings), as: Self.plain.value)
  }

  @Test(arguments: [
    ["GIT_DIR": "/nonexistent", "GIT_WORK_TREE": "/", "GIT_INDEX_FILE": "/nonexistent"],
    ["GIT_CONFIG": "/nonexistent", "GIT_NAMESPACE": "other", "GIT_PREFIX": "sub/"],
    ["GIT_OBJECT_DIRECTORY": "/nonexistent", "GIT_COMMON_DIR": "/nonexistent"],
    ["GIT_GLOB_PATHSPECS": "1", "GIT_ICASE_PATHSPECS": "1"], ["GIT_NOGLOB_PATHSPECS": "1"],
    ["GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "-u0", "GIT_PAGER": "false"],
    ["GIT_EDITOR": "false", "GIT_SEQUENCE_EDITOR": "false", "EDITOR": "false", "PAGER": "false"],
    ["GIT_TRACE": "1", "GIT_TRACE_PACKET": "2", "GIT_PAGER_IN_USE": "true", "TERM": "xterm"],
    ["GIT_TEMPLATE_DIR": "/nonexistent", "GIT_DEFAULT_HASH": "sha256"],
    ["LANG": "de_DE.ISO-8859-1", "LC_ALL": "de_DE.ISO-8859-1", "LANGUAGE": "de"],
    ["GIT_SHALLOW_FILE": "/dev/null", "GIT_REPLACE_REF_BASE": "refs/heads/"],
  ])
  func noVariableChangesAnAnswer(_ environment: [String: String]) async throws {
    try await expect(all("", environment), as: Self.plain.value)
  }

  @Test func noHookOfTheUserRunsInWhatIsNotTheirs() async throws {
    let plain = GitSettingsTests()
    let user = try await world("[core]\n hooksPath = SCRATCH/hooks")
    for hook in ["post-checkout", "pre-push", "post-index-change", "post-merge"] {
      _ = try await user.sh(
        "mkdir -p ../hooks && printf '#!/bin/sh\\nexit 1\\n' > ../hooks/\(hook) && chmod +x ../hooks/\(hook)"
      )
    }
    try await expect(
      answers(of: user, picks: false),
      as: plain.answers(of: plain.world(""), picks: false)
    )
    // Their own checkout is another matter: what the hook says counts.
    let added = try await user.git.answer(
      ["worktree", "add", "--quiet", scratch.path.appending("theirs").string, "main~1"],
      asUser: true
    )
    #expect(!added.succeeded)
  }

  @Test func nothingButTheTrackingRefsMovesInAFetch() async throws {
    let user = try await world("[remote \"origin\"]\n fetch = +refs/*:refs/*")
    _ = try await user.sh(
      "git update-ref refs/hotfix/hf-1 main && git push -q origin main~1:refs/hotfix/hf-1"
    )
    try await user.git.fetch()
    #expect(try await user.sh("git rev-parse refs/hotfix/hf-1") == user.sh("git rev-parse main"))
    #expect(
      try await user.sh("git rev-parse refs/remotes-hotfix/origin/hf-1")
        == user.sh("git rev-parse main~1")
    )
  }

  @Test func anObjectIsWhatItsNameSays() async throws {
    let user = try await world("")
    let (main, fix) = try await (user.sh("git rev-parse main"), user.sh("git rev-parse fix"))
    _ = try await user.sh("git replace main fix")
    #expect(try await user.git.commits(["-1", main]).first?.subject == "Pick me")
    #expect(try await user.git.object(main) != user.git.object(fix))
    #expect(try await user.git.isAncestor(main + "~2", of: main))
  }

  /// `.gitmodules` may say that git should not look; a reviewer has to.
  @Test func showsTheChangeOfASubmoduleThatIsToBeIgnored() async throws {
    let user = try await world("")
    let main = try await user.sh("git rev-parse main")
    _ = try await user.sh(
      """
      printf '[submodule "m"]\\n path = m\\n url = x\\n ignore = all\\n' > .gitmodules
      git add .gitmodules && git update-index --add --cacheinfo 160000,\(main),m
      git commit -q -m module && git update-index --cacheinfo 160000,\(main.reversed().map(String.init).joined()),m
      git commit -q -m other
      """
    )
    #expect(try await user.git.changes(from: "main~1", to: "main").map(\.path) == ["m"])
  }
}
