#include "history/faults/journal_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
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
  static const int file =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, page()->journal.data(),
                                 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  return file;
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
  const bool is_directory = S_ISDIR(file.st_mode);
  return {number(file.st_ino), number(is_directory ? journal_now.st_size : file.st_size),
          is_directory};
}

void note_synced(int descriptor, const BeforeSync& before) {
  const KeptErrno kept;
  if (before.inode == 0) {
    return;
  }
  if (!before.is_directory) {
    append("%s %llu %llu\n", kSynced.data(), number(before.inode), number(before.size));
    return;
  }
  Path self;
  Path path{};
  std::snprintf(self.data(), self.size(), "/proc/self/fd/%d", descriptor);
  if (::readlink(self.data(), path.data(), path.size() - 1) > 0) {
    append("%s %llu %s\n", kNamesSynced.data(), number(before.size), path.data());
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
