internal import ReleaseModel
internal import Foundation
/// People and repositories, as JSON.
extension GitHubStandIn {
  func person(_ login: String?, _ call: Call) -> JSON {
    guard let login else { return .null }
    let user = state.users[login.lowercased()] ?? User(id: 10137, login: login, created: now())
    let api = "\(call.addresses.api)/users/\(user.login)"
    return [
      "login": .string(user.login), "id": .int(user.id), "node_id": "U_\(user.id)",
      "avatar_url": "https://avatars.githubusercontent.com/u/\(user.id)?v=4", "gravatar_id": "",
      "url": .string(api), "html_url": "\(call.addresses.web)/\(user.login)",
      "followers_url": "\(api)/followers", "following_url": "\(api)/following{/other_user}",
      "gists_url": "\(api)/gists{/gist_id}", "starred_url": "\(api)/starred{/owner}{/repo}",
      "subscriptions_url": "\(api)/subscriptions", "organizations_url": "\(api)/orgs",
      "repos_url": "\(api)/repos", "events_url": "\(api)/events{/privacy}",
      "received_events_url": "\(api)/received_events",
      "type": user.isOrganization
        ? "Organization" : user.login.hasSuffix("[bot]") ? "Bot" : "User",
      "site_admin": false,
      "user_view_type": "public",
    ]
  }

  func getUser(_ call: Call) throws -> Reply {
    guard let viewer = call.viewer else { throw Refusal.requiresAuthentication }
    if viewer.isInstallation { throw Refusal(403, "Resource not accessible by integration") }
    let user = user(named: viewer.login)
    return Reply(
      200,
      person(user.login, call).adding([
        "name": .string(user.login), "company": nil, "blog": "", "location": nil, "email": nil,
        "notification_email": nil, "hireable": nil, "bio": nil, "twitter_username": nil,
        "public_repos": .int(state.repositories.count), "public_gists": 0, "followers": 0,
        "following": 0, "created_at": .string(user.created), "updated_at": .string(user.created),
      ])
      .without("notification_email")
    )
  }

  private func api(_ found: Repository, _ call: Call) -> String {
    "\(call.addresses.api)/repos/\(found.fullName)"
  }

  /// What every form of a repository has.
  func minimalRepository(_ found: Repository, _ call: Call) -> JSON {
    let api = api(found, call)
    var document: JSON = [
      "id": .int(found.id), "node_id": "R_\(found.id)", "name": .string(found.name),
      "full_name": .string(found.fullName), "owner": person(found.owner, call),
      "private": .bool(found.isPrivate), "description": nil, "fork": false,
      "html_url": "\(call.addresses.web)/\(found.fullName)", "url": .string(api),
    ]
    for (key, rest) in Self.repositoryAddresses { document[key] = .string(api + rest) }
    return document
  }

  private static let repositoryAddresses: [(String, String)] = [
    ("archive_url", "/{archive_format}{/ref}"), ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"), ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"), ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"), ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"), ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"), ("events_url", "/events"), ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"), ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"), ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"), ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"), ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"), ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"), ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"), ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"), ("subscription_url", "/subscription"),
    ("tags_url", "/tags"), ("teams_url", "/teams"), ("trees_url", "/git/trees{/sha}"),
  ]

  /// The form inside pull requests.
  func fullRepository(_ found: Repository, _ call: Call) -> JSON {
    let open = found.issues.values.count { $0.state == "open" }
    let web = "\(call.addresses.web)/\(found.fullName)"
    let document = minimalRepository(found, call).adding([
      "git_url": "git://\(found.fullName).git", "ssh_url": "git@github.com:\(found.fullName).git",
      "clone_url": "\(web).git", "svn_url": .string(web), "mirror_url": nil, "homepage": nil,
      "language": nil, "forks_count": 0, "stargazers_count": 0, "watchers_count": 0, "size": 0,
      "default_branch": .string(defaultBranch(found)), "open_issues_count": .int(open),
      "is_template": false, "topics": [], "has_issues": true, "has_projects": true,
      "has_wiki": true, "has_pages": false, "has_discussions": true,
      "archived": .bool(found.isArchived), "disabled": false,
      "visibility": found.isPrivate ? "private" : "public", "pushed_at": .string(found.pushed),
      "created_at": .string(found.created), "updated_at": .string(found.pushed), "forks": 0,
      "open_issues": .int(open), "watchers": 0, "license": nil, "allow_forking": true,
      "web_commit_signoff_required": false,
    ])
    return call.isNew ? document : document.adding(["has_downloads": true])
  }

  func defaultBranch(_ found: Repository) -> String {
    let head = try? String(contentsOfFile: found.path.appending("HEAD").string, encoding: .utf8)
    guard let head, head.hasPrefix("ref: refs/heads/") else { return "main" }
    return head.dropFirst(16).trimmingCharacters(in: .newlines)
  }

  func getRepository(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    var document = fullRepository(found, call).adding([
      "subscribers_count": 1, "network_count": 0, "temp_clone_token": nil,
    ])
    let role = role(of: call.viewer, in: found)
    if call.viewer != nil {
      document["permissions"] = [
        "admin": .bool(role >= .admin), "maintain": .bool(role >= .maintain),
        "push": .bool(role >= .write), "triage": .bool(role >= .triage),
        "pull": .bool(role >= .read),
      ]
    }
    if role >= .write {
      document = document.adding([
        "allow_merge_commit": .bool(found.mergeMethods.contains("merge")),
        "allow_squash_merge": .bool(found.mergeMethods.contains("squash")),
        "allow_rebase_merge": .bool(found.mergeMethods.contains("rebase")),
        "allow_auto_merge": false, "allow_update_branch": false,
        "delete_branch_on_merge": .bool(found.deletesBranchOnMerge),
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "merge_commit_title": "MERGE_MESSAGE", "merge_commit_message": "PR_TITLE",
      ])
    }
    if role >= .write, !call.isNew { document["use_squash_pr_title_as_default"] = false }
    if state.users[found.owner.lowercased()]?.isOrganization == true {
      document["organization"] = person(found.owner, call)
    }
    return Reply(200, document)
  }

  func getPermission(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard let user = state.users[call.word("username").lowercased()] else { throw Refusal.notFound }
    let role = found.role(of: user.login)
    let coarse =
      role >= .admin ? "admin" : role >= .write ? "write" : role >= .read ? "read" : "none"
    return Reply(
      200,
      [
        "permission": .string(coarse), "role_name": .string("\(role)"),
        "user": person(user.login, call).adding([
          "permissions": [
            "admin": .bool(role >= .admin), "maintain": .bool(role >= .maintain),
            "push": .bool(role >= .write), "triage": .bool(role >= .triage),
            "pull": .bool(role >= .read),
          ],
          "role_name": .string("\(role)"),
        ]),
      ]
    )
  }
}
