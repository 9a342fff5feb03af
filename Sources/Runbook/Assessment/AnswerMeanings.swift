extension Criticality {
  /// The question that comes before all others.
  package static let kindQuestion = Question(
    name: "kind",
    asks: "What kind of fault is it?",
    answers: ["security", "data-loss", "crash", "bug"]
  )

  /// What each answer means to whoever has to choose one, by the question's name.
  package static let meanings: [String: [String: String]] = [
    "kind": [
      "security": "somebody could harm users or read what is theirs",
      "data-loss": "users lose what they made",
      "crash": "the app stops, or does not start",
      "bug": "anything else that is wrong",
    ],
    "impact": [
      "data-loss": "work or data is lost or damaged",
      "blocked": "the app cannot be used at all",
      "core-broken": "a main task cannot be done",
      "degraded": "everything can be done, worse than before",
    ],
    "reach": [
      "growing": "more people every hour, for example everybody who updates",
      "many": "10 % of users and more",
      "some": "1 to 10 % of users",
      "few": "fewer than 1 % of users",
    ],
    "exploitation": [
      "none": "no attack and no public way to attack is known",
      "public poc": "a way to attack is public",
      "active": "attacks are known",
    ],
    "utility": [
      "laborious": "each attack takes work, and each gains little",
      "efficient": "attacks can be automated, or one attack gains much",
      "super effective": "attacks can be automated, and one attack gains much",
    ],
    "technical-impact": [
      "partial": "limited control, or a part of the data",
      "total": "full control of the app, or all of its data",
    ],
    "safety": [
      "minimal": "at most discomfort",
      "significant": "people can be injured, or worse",
    ],
  ]
}
