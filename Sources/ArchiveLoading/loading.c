// libarchive pulls in libxml2 and ICU, and loading them was a third of the program's start. Most
// commands never open an archive, so on Linux the library is loaded at the first call: these definitions stand in its place, and the compiler compares each with its declaration in the library's own headers.

#include "ArchiveLoading.h"

#ifdef __linux__
#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *library;
static char reason[256];

static void load(void) {
  library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
  if (!library) snprintf(reason, sizeof reason, "%s", dlerror());
}

const char *archive_loading_problem(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return library ? NULL : reason;
}

// Every function here is as old as the library's name, so only a damaged library lacks one.
static void *find(const char *name) {
  void *symbol = archive_loading_problem() ? NULL : dlsym(library, name);
  if (!symbol) {
    fprintf(stderr, "error: libarchive has no %s.\n[archive.library]\n", name);
    exit(1);
  }
  return symbol;
}

#define LOADED(type, name, parameters, arguments)                       \
  type name parameters {                                                   \
    static _Atomic(void *) found;                                          \
    if (!found) found = find(#name);                                       \
    return ((type(*) parameters)found)arguments;                           \
  }

LOADED(void, archive_entry_free, (struct archive_entry *a), (a))
LOADED(const char *, archive_entry_hardlink, (struct archive_entry *a), (a))
LOADED(struct archive_entry *, archive_entry_new, (void), ())
LOADED(const char *, archive_entry_pathname, (struct archive_entry *a), (a))
LOADED(void, archive_entry_set_filetype, (struct archive_entry *a, unsigned int b), (a, b))
LOADED(void, archive_entry_set_hardlink, (struct archive_entry *a, const char *b), (a, b))
LOADED(void, archive_entry_set_pathname, (struct archive_entry *a, const char *b), (a, b))
LOADED(const char *, archive_entry_symlink, (struct archive_entry *a), (a))
LOADED(const char *, archive_error_string, (struct archive *a), (a))
LOADED(la_ssize_t, archive_read_data, (struct archive *a, void *b, size_t c), (a, b, c))
LOADED(int, archive_read_data_block,
          (struct archive *a, const void **b, size_t *c, la_int64_t *d),
          (a, b, c, d))
LOADED(int, archive_read_free, (struct archive *a), (a))
LOADED(struct archive *, archive_read_new, (void), ())
LOADED(int, archive_read_next_header, (struct archive *a, struct archive_entry **b), (a, b))
LOADED(int, archive_read_open_filename, (struct archive *a, const char *b, size_t c), (a, b, c))
LOADED(int, archive_read_open_memory, (struct archive *a, const void *b, size_t c), (a, b, c))
LOADED(int, archive_read_support_filter_bzip2, (struct archive *a), (a))
LOADED(int, archive_read_support_filter_compress, (struct archive *a), (a))
LOADED(int, archive_read_support_filter_gzip, (struct archive *a), (a))
LOADED(int, archive_read_support_filter_lz4, (struct archive *a), (a))
LOADED(int, archive_read_support_filter_lzip, (struct archive *a), (a))
LOADED(int, archive_read_support_filter_lzma, (struct archive *a), (a))
LOADED(int, archive_read_support_filter_xz, (struct archive *a), (a))
LOADED(int, archive_read_support_filter_zstd, (struct archive *a), (a))
LOADED(int, archive_read_support_format_raw, (struct archive *a), (a))
LOADED(int, archive_read_support_format_tar, (struct archive *a), (a))
LOADED(int, archive_read_support_format_zip, (struct archive *a), (a))
LOADED(int, archive_write_add_filter_gzip, (struct archive *a), (a))
LOADED(int, archive_write_close, (struct archive *a), (a))
LOADED(la_ssize_t, archive_write_data, (struct archive *a, const void *b, size_t c), (a, b, c))
LOADED(la_ssize_t, archive_write_data_block,
          (struct archive *a, const void *b, size_t c, la_int64_t d),
          (a, b, c, d))
LOADED(struct archive *, archive_write_disk_new, (void), ())
LOADED(int, archive_write_disk_set_options, (struct archive *a, int b), (a, b))
LOADED(int, archive_write_finish_entry, (struct archive *a), (a))
LOADED(int, archive_write_free, (struct archive *a), (a))
LOADED(int, archive_write_header, (struct archive *a, struct archive_entry *b), (a, b))
LOADED(struct archive *, archive_write_new, (void), ())
LOADED(int, archive_write_open_memory,
          (struct archive *a, void *b, size_t c, size_t *d),
          (a, b, c, d))
LOADED(int, archive_write_set_bytes_per_block, (struct archive *a, int b), (a, b))
LOADED(int, archive_write_set_filter_option,
          (struct archive *a, const char *b, const char *c, const char *d),
          (a, b, c, d))
LOADED(int, archive_write_set_format_raw, (struct archive *a), (a))
#else
#include <stddef.h>

const char *archive_loading_problem(void) { return NULL; }
#endif
