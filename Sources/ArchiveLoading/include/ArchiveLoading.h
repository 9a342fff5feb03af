// Nothing to call: the functions are declared by <archive.h> and <archive_entry.h>.
