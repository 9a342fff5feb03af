import Foundation
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// One walk through every resource, so that judges have something to look at.
struct StandInTour {
  let world: StandInWorld
  private let name = StandInWorld.repository

  private static let workflow = """
    name: Work
    on:
      workflow_dispatch: {inputs: {kind: {type: choice, options: [a, b], default: a}}}
      push: {branches: [main]}
      pull_request:
    jobs:
      work:
        runs-on: ubuntu-latest
        environment: ${{ inputs.kind == 'b' && 'production' || '' }}
        steps:
          - uses: actions/checkout@v4
          - run: test "${{ inputs.kind }}" != b
          - uses: actions/upload-artifact@v4
            with: {path: README.md}
          - uses: actions/attest-build-provenance@v2
            with: {subject-path: README.md}
    """

  @discardableResult
  private func go(_ method: String, _ path: String, _ body: JSON? = nil, _ status: Int = 200)
    async throws -> JSON
  {
    let answer = try await world.repo(method, path, body)
    #expect(answer.status == status, "\(method) \(path): \(answer.json)")
    return answer.json
  }

  func walk() async throws {
    try await world.seed([
      "README.md": "wick\n", "src/a.txt": "a\n", ".github/workflows/work.yml": Self.workflow,
    ])
    try await world.standIn.setStatus(name, "main", "lint", "success")
    try await world.standIn.setCheck(name, "main", "unit", "failure", summary: "No")
    try await general()
    try await gitData()
    let number = try await pulls()
    try await rules(number)
    try await releases()
    try await issues()
    try await runs()
    try await advisories()
  }

  private func general() async throws {
    for path in ["/user", "/rate_limit", "/meta", "/versions"] {
      #expect(try await world.ask("GET", path).status == 200)
    }
    for path in [
      "", "/collaborators/ben/permission", "/branches", "/branches/main", "/tags", "/commits",
      "/commits/main", "/commits/main/status", "/commits/main/statuses",
      "/commits/main/check-runs", "/contents/README.md", "/contents/src", "/contents/src?ref=main",
    ] {
      try await go("GET", path)
    }
    let sha = try await go("GET", "/commits/main")["sha"]
    try await go(
      "POST",
      "/statuses/\(sha.text ?? "")",
      ["state": "pending", "context": "deploy", "description": "Soon"],
      201
    )
    #expect(try await world.repo("GET", "/releases/latest").status == 404)
    #expect(try await world.ask("GET", "/user", token: "nobody").status == 401)
  }

  private func gitData() async throws {
    let sha = try await go("GET", "/git/ref/heads/main")["object"]["sha"]
    try await go("GET", "/git/matching-refs/heads/ma")
    try await go("GET", "/git/commits/\(sha.text ?? "")")
    let tag = try await go(
      "POST",
      "/git/tags",
      [
        "tag": "v0.9", "message": "Before", "object": sha, "type": "commit",
        "tagger": ["name": "Anna", "email": "a@example.com", "date": "2026-01-02T03:04:05Z"],
      ],
      201
    )
    #expect(tag["message"] == "Before")
    try await go("POST", "/git/refs", ["ref": "refs/tags/v0.9", "sha": tag["sha"]], 201)
    try await go("GET", "/git/tags/\(tag["sha"].text ?? "")")
    try await go("POST", "/git/refs", ["ref": "refs/heads/side", "sha": sha], 201)
    let file = try await go(
      "PUT",
      "/contents/b.txt",
      ["message": "Add b", "content": "Yg==", "branch": "side"],
      201
    )
    try await go("GET", "/git/blobs/\(file["content"]["sha"].text ?? "")")
    try await go(
      "DELETE",
      "/contents/b.txt",
      ["message": "Take b away", "branch": "side", "sha": file["content"]["sha"]]
    )
    try await go("GET", "/compare/main...side")
    try await go("GET", "/git/trees/side?recursive=1")
    try await go("GET", "/commits/refs/heads/side")
    try await go("POST", "/merges", ["base": "main", "head": "side"], 201)
    try await go("PATCH", "/git/refs/heads/side", ["sha": sha, "force": true])
    try await go("DELETE", "/git/refs/heads/side", nil, 204)
    let more = ["message": "Add c", "content": "Yw=="] as JSON
    try await go("POST", "/git/refs", ["ref": "refs/heads/more", "sha": sha], 201)
    try await go("PUT", "/contents/c.txt", more.adding(["branch": "more"]), 201)
    try await go("POST", "/merges", ["base": "main", "head": "more"], 201)
    try await go("POST", "/merges", ["base": "main", "head": "more"], 204)
    try await world.git("fetch", "--quiet", "origin")
    try await go("POST", "/dispatches", ["event_type": "ping", "client_payload": ["a": 1]], 204)
  }

  private func pulls() async throws -> Int {
    let number = try await world.pull("fix", ["one", "two"])
    let own = "/pulls/\(number)"
    try await go("PATCH", own, ["title": "Fix it", "body": "Because."])
    for path in [
      "/pulls?state=all&base=main", own, "\(own)/commits", "\(own)/files", "\(own)/reviews",
      "\(own)/requested_reviewers", "/commits/fix/pulls",
    ] {
      try await go("GET", path)
    }
    try await go("POST", "\(own)/requested_reviewers", ["reviewers": ["ben"]], 201)
    try await go("DELETE", "\(own)/requested_reviewers", ["reviewers": ["ben"]])
    let review = try await go(
      "POST",
      "\(own)/reviews",
      [
        "event": "COMMENT", "body": "Hm",
        "comments": [["path": "one.txt", "line": 1, "side": "RIGHT", "body": "Why?"]],
      ]
    )
    try await go("GET", "\(own)/reviews/\(review["id"].number ?? 0)")
    let pending = try await go("POST", "\(own)/reviews", ["body": "Later"])
    try await go(
      "POST",
      "\(own)/reviews/\(pending["id"].number ?? 0)/events",
      ["event": "COMMENT", "body": "Now"]
    )
    try await world.standIn.review(name, number, by: "ben", .changesRequested, body: "No")
    let last = try await go("GET", "\(own)/reviews").items.last ?? .null
    try await go(
      "PUT",
      "\(own)/reviews/\(last["id"].number ?? 0)/dismissals",
      ["message": "Done"]
    )
    try await go("GET", "\(own)/comments")
    return number
  }

  private func rules(_ number: Int) async throws {
    try await world.standIn.protect(
      name,
      branch: "main",
      requiredChecks: ["ci"],
      strict: true,
      approvals: 1
    )
    let set = try await world.standIn.addRuleset(
      name,
      name: "main",
      rules: [
        .pullRequest(approvals: 1), .requiredStatusChecks(["ci"]), .nonFastForward, .update,
        .deletion, .creation,
      ]
    )
    for path in [
      "/branches/main", "/branches/main/protection",
      "/branches/main/protection/required_status_checks", "/rules/branches/main", "/rulesets",
      "/rulesets/\(set)",
    ] {
      try await go("GET", path)
    }
    #expect(try await world.repo("PUT", "/pulls/\(number)/merge").status == 405)
    try await world.standIn.review(name, number, by: "ben", .approved)
    try await world.standIn.setCheck(name, "fix", "ci", "success")
    try await go("GET", "/pulls/\(number)")
    try await go("PUT", "/pulls/\(number)/merge", ["merge_method": "squash"])
    try await go("GET", "/pulls/\(number)/merge", nil, 204)
    try await go("DELETE", "/rulesets/\(set)", nil, 204)
    let body: JSON = [
      "name": "queue", "enforcement": "active", "target": "branch",
      "conditions": ["ref_name": ["include": ["~DEFAULT_BRANCH"], "exclude": []]],
      "rules": [Rule.mergeQueue().json],
    ]
    try await go("POST", "/rulesets", body, 201)
    try await go("GET", "/rules/branches/main")
    let queued = try await world.pull("queued", ["three"])
    try await world.git("checkout", "--quiet", "main")
    try await world.standIn.review(name, queued, by: "ben", .approved)
    try await world.standIn.setCheck(name, "queued", "ci", "success")
    let asked = try await go("PUT", "/pulls/\(queued)/merge-async", ["merge_method": "merge"], 202)
    let uuid = asked["details"]["uuid"].text ?? ""
    let outcome = try await go("GET", "/pulls/\(queued)/merge-async/\(uuid)")
    #expect(outcome["status"] == "enqueued")
    try await world.standIn.finishMergeQueue(name, queued, succeeds: false)
    let again = try await go("PUT", "/pulls/\(queued)/merge-async", [:], 202)
    #expect(again["status"] == "pending")
    try await world.standIn.finishMergeQueue(name, queued)
    try await go("GET", "/pulls/\(queued)/merge", nil, 204)
    let late = try await world.pull("late", ["four"])
    try await world.git("checkout", "--quiet", "main")
    try await world.standIn.unprotect(name, branch: "main")
    for ruleset in try await go("GET", "/rulesets").items {
      try await go("DELETE", "/rulesets/\(ruleset["id"].number ?? 0)", nil, 204)
    }
    try await go("PUT", "/pulls/\(late)/update-branch", [:], 202)
  }

  private func releases() async throws {
    let body: JSON = [
      "tag_name": "v1.0", "name": "1.0", "body": "Notes", "draft": true,
      "target_commitish": "main",
    ]
    let draft = try await go("POST", "/releases", body, 201)
    let id = draft["id"].number ?? 0
    let address = draft["upload_url"].text?.split(separator: "{").first.map(String.init) ?? ""
    let upload = try await world.ask(
      "POST",
      address + "?name=a.zip&label=A",
      bytes: [1, 2, 3],
      headers: ["Content-Type": "application/zip"]
    )
    #expect(upload.status == 201)
    let asset = upload.json["id"].number ?? 0
    try await go("PATCH", "/releases/assets/\(asset)", ["name": "b.zip", "label": "B"])
    try await go("PATCH", "/releases/\(id)", ["draft": false, "make_latest": "true"])
    for path in [
      "/releases", "/releases/\(id)", "/releases/latest", "/releases/tags/v1.0",
      "/releases/\(id)/assets", "/releases/assets/\(asset)", "/tags",
    ] {
      try await go("GET", path)
    }
    let octets = ["Accept": "application/octet-stream"]
    let bytes = try await world.ask(
      "GET",
      "/repos/\(name)/releases/assets/\(asset)",
      headers: octets
    )
    #expect(bytes.status == 302)
    try await go("POST", "/releases/generate-notes", ["tag_name": "v1.1"])
    let twice = try await world.repo("POST", "/releases", ["tag_name": "v1.0"])
    #expect(twice.status == 422)
    try await go("DELETE", "/releases/assets/\(asset)", nil, 204)
    try await go("DELETE", "/releases/\(id)", nil, 204)

    try await go("PUT", "/immutable-releases", nil, 204)
    try await go("GET", "/immutable-releases")
    let fixed = try await go(
      "POST",
      "/releases",
      ["tag_name": "v2.0", "discussion_category_name": "Announcements"],
      201
    )
    #expect(fixed["immutable"] == true)
    try await go("DELETE", "/releases/\(fixed["id"].number ?? 0)", nil, 204)
    let spent = try await world.repo("POST", "/releases", ["tag_name": "v2.0"])
    #expect(spent.json["errors"][0]["message"] == "tag_name was used by an immutable release")
    try await go("DELETE", "/immutable-releases", nil, 204)
  }

  private func issues() async throws {
    let milestone = try await go("POST", "/milestones", ["title": "1.1"], 201)["number"]
    let issue = try await go(
      "POST",
      "/issues",
      ["title": "Broken", "body": "It is", "labels": ["bug", "new"], "milestone": milestone],
      201
    )
    let own = "/issues/\(issue["number"].number ?? 0)"
    let comment = try await go("POST", "\(own)/comments", ["body": "Yes"], 201)
    try await go("PATCH", "/issues/comments/\(comment["id"].number ?? 0)", ["body": "No"])
    try await go("POST", "\(own)/labels", ["labels": ["released"]])
    try await go("DELETE", "\(own)/labels/new")
    try await go("POST", "/labels", ["name": "hotfix", "color": "ff0000"], 201)
    let wrong = try await world.repo("POST", "/labels", ["name": "x", "color": "red"])
    #expect(wrong.status == 422)
    try await go("PATCH", own, ["state": "closed", "state_reason": "completed"])
    for path in [
      "/issues?state=all&per_page=2", own, "\(own)/comments", "\(own)/labels", "/labels",
      "/labels/hotfix", "/milestones", "/milestones/\(milestone.number ?? 0)",
      "/issues/comments/\(comment["id"].number ?? 0)",
    ] {
      try await go("GET", path)
    }
    try await go("PATCH", "/milestones/\(milestone.number ?? 0)", ["state": "closed"])
    try await go("DELETE", "/issues/comments/\(comment["id"].number ?? 0)", nil, 204)
  }

  private func runs() async throws {
    try await world.standIn.requireApproval(name, environment: "production", by: ["anna"])
    for path in ["/actions/workflows", "/actions/workflows/work.yml"] { try await go("GET", path) }
    let status = world.version == .november2022 ? 204 : 200
    let path = "/actions/workflows/work.yml/dispatches"
    try await go("POST", path, ["ref": "main", "inputs": ["kind": "b"]], status)
    let list = try await go("GET", "/actions/runs?event=workflow_dispatch&branch=main&per_page=5")
    let run = list["workflow_runs"][0]["id"].number ?? 0
    let own = "/actions/runs/\(run)"
    _ = try await world.poll(own) { $0["status"] == "waiting" }
    let pending = try await go("GET", "\(own)/pending_deployments")
    try await go(
      "POST",
      "\(own)/pending_deployments",
      [
        "environment_ids": [pending[0]["environment"]["id"]], "state": "approved",
        "comment": "Go",
      ]
    )
    #expect(try await world.standIn.finished(name, run: run) == "failure")
    try await go("POST", "\(own)/rerun-failed-jobs", nil, 201)
    #expect(try await world.repo("POST", "\(own)/rerun").status == 403)
    _ = try await world.poll(own) { $0["status"] == "waiting" }
    try await go("POST", "\(own)/cancel", nil, 202)
    _ = try await world.standIn.finished(name, run: run)
    try await go("POST", path, ["ref": "main"], status)
    let green = try await go("GET", "/actions/workflows/work.yml/runs")["workflow_runs"][0]
    let done = green["id"].number ?? 0
    let end = try await world.standIn.finished(name, run: done)
    let log = try await world.standIn.log(name, run: done)
    #expect(end == "success", "\(log)")
    let job = try await go("GET", "/actions/runs/\(done)/jobs")["jobs"][0]["id"].number ?? 0
    for path in [
      own, "\(own)/attempts/1", "\(own)/attempts/1/jobs", "\(own)/jobs?filter=all",
      "\(own)/approvals", "/actions/jobs/\(job)", "/check-runs/\(job)",
      "/check-runs/\(job)/annotations", "/actions/runs/\(done)/artifacts", "/actions/artifacts",
    ] {
      try await go("GET", path)
    }
    for path in [
      "/actions/runs/\(done)/logs", "/actions/jobs/\(job)/logs", "\(own)/attempts/1/logs",
    ] {
      try await go("GET", path, nil, 302)
    }
    let artifact = try await go("GET", "/actions/artifacts")["artifacts"][0]["id"].number ?? 0
    try await go("GET", "/actions/artifacts/\(artifact)/zip", nil, 302)
    let digest = "sha256:3e29c4e7c0d1a0ab8fc7c0f4ba5ba4ea5cbb1b2d7bd6e7b5bb0e4ae7b5d2b7ee"
    #expect(try await world.repo("GET", "/attestations/\(digest)").status == 404)
    let real = await world.standIn.attestedDigests(name).first ?? ""
    try await go("GET", "/attestations/\(real)?predicate_type=provenance")
  }

  private func advisories() async throws {
    let body: JSON = [
      "summary": "Overflow", "description": "Long names overflow.", "severity": "high",
      "cwe_ids": ["CWE-787"], "credits": [["login": "ben", "type": "reporter"]],
      "vulnerabilities": [
        [
          "package": ["ecosystem": "other", "name": "wick"],
          "vulnerable_version_range": "< 1.0.1", "patched_versions": "1.0.1",
          "vulnerable_functions": [],
        ]
      ],
    ]
    let made = try await go("POST", "/security-advisories", body, 201)
    let own = "/security-advisories/\(made["ghsa_id"].text ?? "")"
    try await go("POST", "\(own)/cve", nil, 202)
    try await go("PATCH", own, ["state": "published"])
    for path in ["/security-advisories?state=published", own] { try await go("GET", path) }
  }
}
