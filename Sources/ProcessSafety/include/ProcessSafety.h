#ifndef PROCESS_SAFETY_H
#define PROCESS_SAFETY_H

/// Keeps other processes of the same user from reading this one's memory and environment.
///
/// On Linux through /proc and ptrace; elsewhere it only leaves no core file behind.
void process_refuse_inspection(void);

/// Raises the soft limit of open files to `wanted`, as far as the hard one allows, and returns it.
long process_open_files(long wanted);

/// Catches SIGINT, SIGTERM and SIGHUP, except where the parent had them ignored.
///
/// Returns a file descriptor from which each signal's number is read as one byte, or -1.
int process_catch_signals(void);

/// Writes the numbers of this process's living children, at most `most`, and returns how many.
///
/// The system's own list: a child is on it from its first moment.
int process_children(int *children, int most);

#endif
