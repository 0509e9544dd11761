#include "history/faults/journal_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>

#include "history/faults/injector.h"
#include "history/faults/journal.h"

namespace marconi::history::faults {
namespace {

/// Leaves errno as it was.
class KeptErrno {
 public:
  KeptErrno() = default;
  ~KeptErrno() { errno = kept_; }
  KeptErrno(const KeptErrno&) = delete;
  KeptErrno& operator=(const KeptErrno&) = delete;

 private:
  int kept_ = errno;
};

using Path = std::array<char, PATH_MAX>;

/// The journal's descriptor, opened at its first use and never closed.
int journal() {
  static const int kFile =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, page()->journal.data(),
                                 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  return kFile;
}

template <class... Parts>
void append(const char* format, Parts... parts) {
  std::array<char, 2 * PATH_MAX + 128> line;
  const int length = std::snprintf(line.data(), line.size(), format, parts...);
  const bool fits = length > 0 && static_cast<std::size_t>(length) < line.size();
  // One call for each line: the kernel appends it as a whole.
  if (!fits || ::syscall(SYS_write, journal(), line.data(), length) != length) {
    ++page()->journal_failures;
  }
}

template <class Number>
unsigned long long number(Number value) {
  return static_cast<unsigned long long>(value);
}

/// A second name for what `path` names, out of the server's sight, so that a removal can be undone.
/// Returns its number, 0 if there is nothing there.
std::uint64_t make_spare(const char* path) {
  static std::atomic<std::uint64_t> spares{0};
  const std::uint64_t spare = (number(::getpid()) << 32) + ++spares;
  Path copy;
  std::snprintf(copy.data(), copy.size(), "%s/%llu", page()->removed.data(), number(spare));
  return ::link(path, copy.data()) == 0 ? spare : 0;
}

/// The name by which the process itself finds what a descriptor is of.
Path own_name(int descriptor) {
  Path name;
  std::snprintf(name.data(), name.size(), "/proc/self/fd/%d", descriptor);
  return name;
}

/// The file of overwritten bytes, opened at its first use and never closed.
int overwritten_bytes() {
  static const int kFile = [] {
    Path path;
    std::snprintf(path.data(), path.size(), "%s/%s", page()->removed.data(),
                  kOverwrittenBytes.data());
    return static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, path.data(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }();
  return kFile;
}

/// Where so many bytes may be kept in it. It goes on behind what a server before has kept.
std::uint64_t take_place(std::uint64_t size) {
  static std::atomic<std::uint64_t> end = [] {
    struct stat file{};
    return ::fstat(overwritten_bytes(), &file) == 0 ? number(file.st_size) : 0;
  }();
  return end.fetch_add(size);
}

/// Copies a part of a file to that place; false if it could not be done.
bool keep_bytes(int descriptor, std::uint64_t offset, std::uint64_t size, std::uint64_t place) {
  // The descriptor at hand may be one for writing only.
  const auto source = static_cast<int>(
      ::syscall(SYS_openat, AT_FDCWD, own_name(descriptor).data(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1 << 14> bytes;
  std::uint64_t done = 0;
  while (done < size) {
    const auto wanted = std::min<std::uint64_t>(bytes.size(), size - done);
    const auto got = ::syscall(SYS_pread64, source, bytes.data(), wanted, offset + done);
    if (got <= 0 ||
        ::syscall(SYS_pwrite64, overwritten_bytes(), bytes.data(), got, place + done) != got) {
      break;
    }
    done += number(got);
  }
  ::syscall(SYS_close, source);
  return done == size;
}

}  // namespace

bool keeps_journal() {
  const ControlPage* control = page();
  return control != nullptr && control->journal[0] != 0;
}

void note_created(int descriptor, std::string_view path) {
  const KeptErrno kept;
  struct stat file{};
  if (keeps_journal() && ::fstat(descriptor, &file) == 0) {
    append("%s %llu %.*s\n", kCreated.data(), number(file.st_ino), static_cast<int>(path.size()),
           path.data());
  }
}

BeforeSync before_sync(int descriptor) {
  const KeptErrno kept;
  struct stat file{};
  struct stat journal_now{};
  if (!keeps_journal() || ::fstat(descriptor, &file) != 0 ||
      ::fstat(journal(), &journal_now) != 0) {
    return {};
  }
  return {number(file.st_ino), number(file.st_size), number(journal_now.st_size),
          S_ISDIR(file.st_mode)};
}

void note_synced(int descriptor, const BeforeSync& before) {
  const KeptErrno kept;
  if (before.inode == 0) {
    return;
  }
  if (!before.is_directory) {
    append("%s %llu %llu %llu\n", kSynced.data(), number(before.inode), number(before.size),
           number(before.journal));
    return;
  }
  Path path{};
  if (::readlink(own_name(descriptor).data(), path.data(), path.size() - 1) > 0) {
    append("%s %llu %s\n", kNamesSynced.data(), number(before.journal), path.data());
  }
}

void note_sync_failed(const BeforeSync& before) {
  const KeptErrno kept;
  if (before.inode != 0 && !before.is_directory) {
    append("%s %llu\n", kSpoiled.data(), number(before.inode));
  }
}

void note_shortened(int descriptor, std::uint64_t size) {
  const KeptErrno kept;
  struct stat file{};
  if (keeps_journal() && ::fstat(descriptor, &file) == 0) {
    append("%s %llu %llu\n", kShortened.data(), number(file.st_ino), number(size));
  }
}

void note_rewritten(int descriptor) {
  const KeptErrno kept;
  struct stat file{};
  if (keeps_journal() && ::fstat(descriptor, &file) == 0) {
    append("%s %llu\n", kRewritten.data(), number(file.st_ino));
  }
}

BeforeWrite before_write(int descriptor, std::uint64_t offset, std::uint64_t size) {
  const KeptErrno kept;
  struct stat file{};
  if (!keeps_journal() || ::fstat(descriptor, &file) != 0 || offset >= number(file.st_size)) {
    return {};
  }
  BeforeWrite before{number(file.st_ino),
                     std::min<std::uint64_t>(size, number(file.st_size) - offset), 0};
  before.place = take_place(before.size);
  if (!keep_bytes(descriptor, offset, before.size, before.place)) {
    ++page()->journal_failures;
  }
  return before;
}

void note_overwritten(const BeforeWrite& before, std::uint64_t offset, std::uint64_t size) {
  const KeptErrno kept;
  if (const auto overwritten = std::min(before.size, size); overwritten > 0) {
    append("%s %llu %llu %llu %llu\n", kOverwritten.data(), number(before.inode), number(offset),
           number(overwritten), number(before.place));
  }
}

void note_renaming(const char* from, const char* to) {
  const KeptErrno kept;
  struct stat file{};
  if (keeps_journal() && ::stat(from, &file) == 0) {
    append("%s %llu %llu %s\t%s\n", kRenaming.data(), number(file.st_ino), number(make_spare(to)),
           from, to);
  }
}

void note_removing(const char* path) {
  const KeptErrno kept;
  struct stat file{};
  if (keeps_journal() && ::stat(path, &file) == 0) {
    append("%s %llu %llu %s\n", kRemoving.data(), number(file.st_ino), number(make_spare(path)),
           path);
  }
}

}  // namespace marconi::history::faults
