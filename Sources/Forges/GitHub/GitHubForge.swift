package import Runbook

extension GitHubClient {
  /// GitHub as the place where a team works together.
  package nonisolated var forge: Forge {
    Forge(
      name: address.web,
      account: { try await self.told("asking who we are") { try await self.account() } },
      pulls: GitHubPulls(client: self).pulls,
      workflows: GitHubWorkflows(client: self).workflows,
      issues: GitHubIssues(client: self).issues,
      publicity: GitHubPublicity(client: self).publicity
    )
  }
}

extension GitHubPulls {
  var pulls: Pulls {
    let checks = GitHubChecks(client: client)
    return Pulls(
      find: { branch, base in
        try await client.told("looking for the pull request") { try await find(branch, base) }
      },
      open: { text in
        try await client.told("opening the pull request") { try await open(text) }
      },
      reviews: { number in
        try await client.told("reading reviews") { try await reviews(number) }
      },
      authors: { number in
        try await client.told("reading the commits' authors") { try await authors(number) }
      },
      isQueued: { number in
        try await client.told("reading the merge queue") { try await isQueued(number) }
      },
      openThreads: { number in
        try await client.told("reading review threads") { try await openThreads(number) }
      },
      checks: { commit, base in
        try await client.told("reading checks") { try await checks.all(commit, base) }
      },
      isProtected: { branch in
        try await client.told("reading the rules of \(branch)") {
          try await checks.isProtected(branch)
        }
      },
      merge: { pull, method, title in
        try await client.told("merging the pull request") { try await merge(pull, method, title) }
      }
    )
  }
}

extension GitHubWorkflows {
  var workflows: Workflows {
    Workflows(
      find: { wanted in
        try await client.told("looking for the workflow's run") { try await find(wanted) }
      },
      dispatch: { workflow, tag, main, id in
        try await client.told("starting the workflow") {
          try await dispatch(workflow, tag, main, id)
        }
      },
      repeatFailed: { run in
        try await client.told("running failed jobs again") { try await repeatFailed(run) }
      },
      log: { job in try await client.told("reading a log") { try await log(job) } }
    )
  }
}

extension GitHubIssues {
  var issues: Issues {
    Issues(
      isSettled: { number, mark in
        try await client.told("reading issue \(number)") { try await isSettled(number, mark) }
      },
      settle: { update in
        try await client.told("updating issue \(update.number)") { try await settle(update) }
      }
    )
  }
}

extension GitHubPublicity {
  var publicity: Publicity {
    Publicity(
      discuss: { category, title, body, mark in
        try await client.told("starting the discussion") {
          try await discuss(category, title, body, mark)
        }
      },
      advisory: { mark in
        try await client.told("looking for the advisory") { try await advisory(mark) }
      },
      draftAdvisory: { text in
        try await client.told("drafting the advisory") { try await draft(text) }
      },
      publishAdvisory: { id in
        try await client.told("publishing the advisory") { try await publish(id) }
      },
      downloads: { try await client.told("counting downloads") { try await downloads() } }
    )
  }
}
