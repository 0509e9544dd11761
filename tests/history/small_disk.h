// A file system of its own for a store, small enough to be filled at will.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace marconi::history {

/// A tmpfs; needs the right to mount. For one thread. Unmounted at the end of its life.
class SmallDisk {
 public:
  /// Makes the directory and mounts on it; an error is a sentence.
  [[nodiscard]] std::expected<void, std::string> mount(const std::filesystem::path& at);
  SmallDisk() = default;
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  /// Leaves less than a page free.
  void fill();
  /// Gives back what fill() took.
  void clear();

 private:
  std::filesystem::path at_;  // empty: not mounted
};

}  // namespace marconi::history
