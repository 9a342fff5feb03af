// On Linux, SHA-512 of the system's OpenSSL, loaded at the first large file and not at every start.
//
// Not through EVP: it reads the configuration file that `OPENSSL_CONF` names, which may load further
// libraries. These three functions are as old as OpenSSL 0.9.8, look at no file and allocate nothing.

#include "DigestLoading.h"

#ifdef __linux__
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static int (*begin)(struct system_sha512 *);
static int (*update)(struct system_sha512 *, const void *, size_t);
static int (*finish)(uint8_t *, struct system_sha512 *);
static int works;

// The digest of "abc": FIPS 180-4's example.
static const uint8_t expected[64] = {
    0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba, 0xcc, 0x41, 0x73, 0x49, 0xae, 0x20, 0x41, 0x31,
    0x12, 0xe6, 0xfa, 0x4e, 0x89, 0xa9, 0x7e, 0xa2, 0x0a, 0x9e, 0xee, 0xe6, 0x4b, 0x55, 0xd3, 0x9a,
    0x21, 0x92, 0x99, 0x2a, 0x27, 0x4f, 0xc1, 0xa8, 0x36, 0xba, 0x3c, 0x23, 0xa3, 0xfe, 0xeb, 0xbd,
    0x45, 0x4d, 0x44, 0x23, 0x64, 0x3c, 0xe8, 0x0e, 0x2a, 0x9a, 0xc9, 0x4f, 0xa5, 0x4c, 0xa4, 0x9f,
};

static void load(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libcrypto.so.1.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  *(void **)&begin = dlsym(library, "SHA512_Init");
  *(void **)&update = dlsym(library, "SHA512_Update");
  *(void **)&finish = dlsym(library, "SHA512_Final");
  if (!begin || !update || !finish) return;
  struct system_sha512 hash;
  uint8_t digest[64];
  works = begin(&hash) == 1 && update(&hash, "abc", 3) == 1 && finish(digest, &hash) == 1 &&
          memcmp(digest, expected, sizeof digest) == 0;
}

int system_sha512_begin(struct system_sha512 *hash) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return works && begin(hash) == 1;
}

// These two return 0 only for a hash that was not begun.
void system_sha512_update(struct system_sha512 *hash, const void *bytes, size_t count) {
  update(hash, bytes, count);
}

void system_sha512_finish(struct system_sha512 *hash, uint8_t digest[64]) { finish(digest, hash); }
#else
int system_sha512_begin(struct system_sha512 *hash) { return 0; }
void system_sha512_update(struct system_sha512 *hash, const void *bytes, size_t count) {}
void system_sha512_finish(struct system_sha512 *hash, uint8_t digest[64]) {}
#endif
