#include "history/small_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace marconi::history {
namespace {

constexpr const char* kSize = "size=256m,mode=0700";

std::filesystem::path filler(const std::filesystem::path& at) { return at / "filler"; }

}  // namespace

std::expected<void, std::string> SmallDisk::mount(const std::filesystem::path& at) {
  std::filesystem::create_directories(at);
  if (::mount("marconi-torture", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, kSize) != 0) {
    return std::unexpected(fmt::format("cannot mount a small disk: {}", std::strerror(errno)));
  }
  at_ = at;
  return {};
}

SmallDisk::~SmallDisk() {
  if (!at_.empty()) {
    ::umount2(at_.c_str(), MNT_DETACH);
  }
}

void SmallDisk::fill() {
  const int file = ::open(filler(at_).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  constexpr std::array<char, 65536> kZeros{};
  std::size_t size = kZeros.size();
  while (size > 0) {
    if (::write(file, kZeros.data(), size) <= 0) {
      size /= 2;
    }
  }
  ::close(file);
}

void SmallDisk::clear() { std::filesystem::remove(filler(at_)); }

}  // namespace marconi::history
