// The calls of the C library that touch files, in the place of the library's own. For files of the
// store they fail when the control page says so and are noted in the journal; for all others they
// do what they always do. They go to the kernel directly, so they work before anything is set up.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "history/faults/injector.h"
#include "history/faults/journal_writer.h"

namespace marconi::history::faults {
namespace {

/// Throws the dice for a call on the store; sets errno if it fails.
bool has_error(const std::atomic<std::uint32_t> ControlPage::* share, Count ControlPage::* count) {
  ControlPage* control = page();
  if (!happens(*control, control->*share)) {
    return false;
  }
  ++(control->*count);
  errno = EIO;
  return true;
}

bool change_fails() { return has_error(&ControlPage::write_errors, &ControlPage::failed_writes); }

bool write_fails(int descriptor) { return is_of_store(descriptor) && change_fails(); }

bool read_fails(int descriptor) {
  return is_of_store(descriptor) &&
         has_error(&ControlPage::read_errors, &ControlPage::failed_reads);
}

bool sync_fails() { return has_error(&ControlPage::sync_errors, &ControlPage::failed_syncs); }

bool no_room() {
  ++page()->refused_for_room;
  errno = ENOSPC;
  return true;
}

/// Whether something new, of no size yet, finds no room.
bool is_refused_for_room(int descriptor) {
  return is_of_store(descriptor) && is_full(*page()) && no_room();
}

/// Whether a name can not be made, and then sets errno.
bool is_change_refused() { return change_fails() || (is_full(*page()) && no_room()); }

/// How many of these bytes may be written, with errno set if none.
std::size_t granted(int descriptor, std::size_t bytes) {
  if (!is_of_store(descriptor) || bytes == 0) {
    return bytes;
  }
  const std::size_t taken = take_room(*page(), bytes);
  if (taken == 0) {
    no_room();
  } else if (taken < bytes) {
    ++page()->short_writes;
  }
  return taken;
}

/// Opens a file of the store.
int open_in_store(const char* path, int flags, mode_t mode) {
  struct stat before{};
  const bool existed = ::stat(path, &before) == 0;
  bool made = !existed && (flags & O_CREAT) != 0;
  if (made && is_change_refused()) {
    return -1;
  }
  if (existed && before.st_size > 0 && S_ISREG(before.st_mode) && (flags & O_TRUNC) != 0 &&
      keeps_journal()) {
    // An emptied file could not be brought back. One removed can, and a new one takes its place.
    note_removing(path);
    ::syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    flags |= O_CREAT;
    made = true;
  }
  const auto descriptor = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (descriptor >= 0) {
    remember(descriptor, true);
    if (made) {
      note_created(descriptor, path);
    } else if ((flags & O_ACCMODE) != O_RDONLY && (flags & O_APPEND) == 0 && before.st_size > 0) {
      note_rewritten(descriptor);
    }
  }
  return descriptor;
}

int open_any(int directory, const char* path, int flags, mode_t mode) {
  if (is_in_store(path)) {
    return open_in_store(path, flags, mode);
  }
  const auto descriptor = static_cast<int>(::syscall(SYS_openat, directory, path, flags, mode));
  remember(descriptor, false);
  return descriptor;
}

int sync_any(long call, int descriptor) {
  if (!is_of_store(descriptor)) {
    return static_cast<int>(::syscall(call, descriptor));
  }
  const BeforeSync before = before_sync(descriptor);
  if (sync_fails()) {
    note_sync_failed(before);
    return -1;
  }
  ++page()->syncs_under_way;
  const auto result = static_cast<int>(::syscall(call, descriptor));
  --page()->syncs_under_way;
  if (result == 0) {
    note_synced(descriptor, before);
  }
  return result;
}

int rename_any(const char* from, const char* to) {
  if (!is_in_store(to)) {
    return static_cast<int>(::syscall(SYS_rename, from, to));
  }
  if (is_change_refused()) {
    return -1;
  }
  note_renaming(from, to);
  const auto result = static_cast<int>(::syscall(SYS_rename, from, to));
  if (result == 0 && std::string_view(to).ends_with("/CURRENT")) {
    ++page()->openings;
  }
  return result;
}

int remove_any(int directory, const char* path, int flags) {
  if (is_in_store(path)) {
    note_removing(path);
  }
  return static_cast<int>(::syscall(SYS_unlinkat, directory, path, flags));
}

bool makes_files(int flags) { return (flags & (O_CREAT | O_TMPFILE)) != 0; }

}  // namespace
}  // namespace marconi::history::faults

using namespace marconi::history::faults;

// NOLINTBEGIN(cert-dcl50-cpp,readability-identifier-naming): signatures of the C library
#pragma GCC visibility push(default)
extern "C" {

#define MODE_OF(flags)                           \
  ({                                             \
    mode_t mode_argument = 0;                    \
    if (makes_files(flags)) {                    \
      va_list arguments;                         \
      va_start(arguments, flags);                \
      mode_argument = va_arg(arguments, mode_t); \
      va_end(arguments);                         \
    }                                            \
    mode_argument;                               \
  })

int open(const char* path, int flags, ...) {
  return open_any(AT_FDCWD, path, flags, MODE_OF(flags));
}
int open64(const char* path, int flags, ...) {
  return open_any(AT_FDCWD, path, flags, MODE_OF(flags));
}
int openat(int directory, const char* path, int flags, ...) {
  return open_any(directory, path, flags, MODE_OF(flags));
}
int openat64(int directory, const char* path, int flags, ...) {
  return open_any(directory, path, flags, MODE_OF(flags));
}
int creat(const char* path, mode_t mode) {
  return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* path, mode_t mode) { return creat(path, mode); }

int close(int descriptor) {
  remember(descriptor, false);
  return static_cast<int>(::syscall(SYS_close, descriptor));
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (write_fails(descriptor)) return -1;
  const std::size_t allowed = granted(descriptor, size);
  if (allowed == 0 && size > 0) return -1;
  return ::syscall(SYS_write, descriptor, bytes, allowed);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  if (write_fails(descriptor)) return -1;
  const std::size_t allowed = granted(descriptor, size);
  if (allowed == 0 && size > 0) return -1;
  if (!is_of_store(descriptor)) {
    return ::syscall(SYS_pwrite64, descriptor, bytes, allowed, offset);
  }
  const auto place = static_cast<std::uint64_t>(offset);
  const BeforeWrite before = before_write(descriptor, place, allowed);
  const ssize_t written = ::syscall(SYS_pwrite64, descriptor, bytes, allowed, offset);
  if (written > 0) {
    note_overwritten(before, place, static_cast<std::uint64_t>(written));
  }
  return written;
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  return pwrite(descriptor, bytes, size, offset);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  // A file of the store gets its first part only, as a short write may do.
  if (is_of_store(descriptor) && count > 0) {
    return write(descriptor, parts[0].iov_base, parts[0].iov_len);
  }
  return ::syscall(SYS_writev, descriptor, parts, count);
}

ssize_t read(int descriptor, void* bytes, size_t size) {
  if (read_fails(descriptor)) return -1;
  return ::syscall(SYS_read, descriptor, bytes, size);
}

ssize_t pread(int descriptor, void* bytes, size_t size, off_t offset) {
  if (read_fails(descriptor)) return -1;
  return ::syscall(SYS_pread64, descriptor, bytes, size, offset);
}
ssize_t pread64(int descriptor, void* bytes, size_t size, off64_t offset) {
  return pread(descriptor, bytes, size, offset);
}

size_t fread_unlocked(void* bytes, size_t size, size_t count, FILE* file) {
  static const auto real =
      reinterpret_cast<decltype(&fread_unlocked)>(::dlsym(RTLD_NEXT, "fread_unlocked"));
  if (read_fails(::fileno(file))) return 0;
  return real(bytes, size, count, file);
}

int fsync(int descriptor) { return sync_any(SYS_fsync, descriptor); }
int fdatasync(int descriptor) { return sync_any(SYS_fdatasync, descriptor); }

// Makes nothing safe: it does not write what is needed to find the bytes again. Without flags it
// only asks whether the call exists, and cannot fail.
int sync_file_range(int descriptor, off64_t offset, off64_t size, unsigned flags) {
  if (flags != 0 && is_of_store(descriptor) && sync_fails()) {
    note_sync_failed(before_sync(descriptor));
    return -1;
  }
  return static_cast<int>(::syscall(SYS_sync_file_range, descriptor, offset, size, flags));
}

int ftruncate(int descriptor, off_t size) {
  if (write_fails(descriptor)) return -1;
  const auto result = static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
  if (result == 0 && is_of_store(descriptor)) {
    note_shortened(descriptor, static_cast<std::uint64_t>(size));
  }
  return result;
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int fallocate(int descriptor, int mode, off_t offset, off_t size) {
  if (write_fails(descriptor) || is_refused_for_room(descriptor)) return -1;
  return static_cast<int>(::syscall(SYS_fallocate, descriptor, mode, offset, size));
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t size) {
  return fallocate(descriptor, mode, offset, size);
}
int posix_fallocate(int descriptor, off_t offset, off_t size) {
  return fallocate(descriptor, 0, offset, size) == 0 ? 0 : errno;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t size) {
  return posix_fallocate(descriptor, offset, size);
}

int mkdir(const char* path, mode_t mode) {
  if (is_in_store(path) && ::access(path, F_OK) != 0 && is_change_refused()) return -1;
  return static_cast<int>(::syscall(SYS_mkdir, path, mode));
}

int rename(const char* from, const char* to) { return rename_any(from, to); }
int unlink(const char* path) { return remove_any(AT_FDCWD, path, 0); }
int unlinkat(int directory, const char* path, int flags) {
  return remove_any(directory, path, flags);
}

int statvfs(const char* path, struct statvfs* room) {
  static const auto real = reinterpret_cast<decltype(&statvfs)>(::dlsym(RTLD_NEXT, "statvfs"));
  const int result = real(path, room);
  if (result == 0 && is_in_store(path) && page()->room.load() != kUnlimited) {
    const auto left =
        static_cast<fsblkcnt_t>(std::max<std::int64_t>(page()->room.load(), 0)) / room->f_frsize;
    room->f_bavail = std::min(room->f_bavail, left);
    room->f_bfree = std::min(room->f_bfree, left);
  }
  return result;
}

}  // extern "C"
#pragma GCC visibility pop
// NOLINTEND(cert-dcl50-cpp,readability-identifier-naming)
