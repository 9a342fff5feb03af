package import ReleaseModel

/// A message for one channel, ready to be sent byte for byte.
package struct Delivery: Sendable, Hashable {
  package let channel: Settings.Channel
  package let subject: String
  package let body: String
  /// What a template may name, for the JSON of a webhook.
  package let values: [String: String]
  package let template: String?
  /// Made before the first attempt: the Message-ID of a mail, the id of an Atom entry.
  package let key: String
  /// On a forge: the accounts that may have sent it before.
  package let accounts: Set<String>
  package let at: Moment

  package init(
    channel: Settings.Channel,
    subject: String,
    body: String,
    values: [String: String],
    template: String?,
    key: String,
    accounts: Set<String> = [],
    at: Moment
  ) {
    self.channel = channel
    self.subject = subject
    self.body = body
    self.values = values
    self.template = template
    self.key = key
    self.accounts = accounts
    self.at = at
  }
}

/// What a channel answered.
package enum DeliveryOutcome: Sendable, Hashable {
  case taken(String)
  /// Nothing arrived; sending again is safe.
  case refused(Problem)
  /// It may have arrived; a person has to look.
  case unknown(String)
}
