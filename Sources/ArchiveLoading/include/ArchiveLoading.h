// The functions themselves are declared by <archive.h> and <archive_entry.h>.

/// Why libarchive cannot be used, or NULL; asked before the first call.
const char *archive_loading_problem(void);
