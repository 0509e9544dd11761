#include "storage/mongodb/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace marconi::storage::mongodb {

base::Result<MemoryFile> MemoryFile::make(std::string_view content) {
  MemoryFile file(::memfd_create("marconi", MFD_CLOEXEC));
  while (file.descriptor_ >= 0 && !content.empty()) {
    const auto written = ::write(file.descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file.descriptor_ >= 0 && content.empty()) return file;
  return base::fail(base::ErrorKind::internal,
                    "no memory file: " + std::generic_category().message(errno));
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace marconi::storage::mongodb
