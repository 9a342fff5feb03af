/// What a client may change through the graph.
extension GitHubStandIn {
  func mutations(_ call: Call) -> GraphNode {
    var node = GraphNode("Mutation")
    func add(_ name: String, _ perform: @escaping @Sendable (JSON) async throws -> GraphNode) {
      node.fields[name] = { arguments in
        do {
          return .node(try await perform(arguments["input"]))
        } catch let refusal as Refusal {
          throw GraphError(type: "UNPROCESSABLE", message: refusal.message)
        }
      }
    }
    add("createDiscussion") { [self] input in
      payload(
        "CreateDiscussionPayload",
        input,
        "discussion",
        try await createDiscussion(input, call)
      )
    }
    add("updateDiscussion") { [self] input in
      payload(
        "UpdateDiscussionPayload",
        input,
        "discussion",
        try await updateDiscussion(input, call)
      )
    }
    add("addPullRequestReview") { [self] input in
      let (number, about) = try await pull(input, call)
      let body: JSON = ["event": input["event"], "body": input["body"]]
      _ = try await createReview(about.with(body))
      let node = await pullNode(number, about.repository, call)
      return payload("AddPullRequestReviewPayload", input, "pullRequest", node)
    }
    add("mergePullRequest") { [self] input in
      let (number, about) = try await pull(input, call)
      _ = try await merge(
        number,
        in: about.repository,
        method: (input["mergeMethod"].text ?? "MERGE").lowercased(),
        title: input["commitHeadline"].text,
        message: input["commitBody"].text,
        expecting: input["expectedHeadOid"].text,
        by: about
      )
      let node = await pullNode(number, about.repository, call)
      return payload("MergePullRequestPayload", input, "pullRequest", node)
    }
    return node
  }

  private nonisolated func payload(
    _ type: String,
    _ input: JSON,
    _ name: String,
    _ inside: GraphNode?
  ) -> GraphNode {
    var node = GraphNode(type, ["clientMutationId": input["clientMutationId"]])
    node.fields[name] = { _ in .node(inside) }
    return node
  }

  private func pull(_ input: JSON, _ call: Call) throws -> (Int, Call) {
    let id = input["pullRequestId"].text ?? ""
    for found in state.repositories.values where role(of: call.viewer, in: found) >= .write {
      guard let number = found.pulls.first(where: { "PR_\($0.value.id)" == id })?.key else {
        continue
      }
      var about = call.about(found.id)
      about.parameters["number"] = "\(number)"
      return (number, about)
    }
    throw GraphError(
      type: "NOT_FOUND",
      message: "Could not resolve to a node with the global id of '\(id)'"
    )
  }
}

extension Call {
  /// The same call with another body.
  func with(_ json: JSON) -> Call {
    Call(
      method: method,
      target: target,
      segments: segments,
      query: query,
      headers: headers,
      body: json.bytes,
      bodyFile: nil,
      addresses: addresses,
      version: version,
      viewer: viewer,
      parameters: parameters,
      repository: repository
    )
  }
}
