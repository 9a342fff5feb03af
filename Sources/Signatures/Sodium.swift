internal import CSodium

/// 0 after the first initialisation, 1 after a later one, and −1 after a failure (sodium_init(3)).
private let sodiumStatus = sodium_init()

/// Initialises libsodium at the first call, so that it selects the functions for this processor.
///
/// Commands that neither sign large files nor hash with BLAKE2b never initialise it.
func prepareSodium() {
  precondition(sodiumStatus >= 0, "libsodium could not be initialised.")
}
