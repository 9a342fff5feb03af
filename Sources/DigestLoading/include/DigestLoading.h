#include <stddef.h>
#include <stdint.h>

/// A SHA-512 under way in the system's OpenSSL. Plain data: a copy goes on by itself.
struct system_sha512 {
  // OpenSSL's public `SHA512_CTX` has 216 bytes.
  uint64_t words[32];
};

/// Begins a hash, or returns 0 where the library is not there or does not hash as it should.
int system_sha512_begin(struct system_sha512 *hash);

/// Only after a successful begin.
void system_sha512_update(struct system_sha512 *hash, const void *bytes, size_t count);
void system_sha512_finish(struct system_sha512 *hash, uint8_t digest[64]);
