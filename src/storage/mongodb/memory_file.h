// A file that exists in memory only, for libraries that take secrets by the name of a file.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace marconi::storage::mongodb {

/// Has a name while it lives, which only this process and others of its user can follow. Is not
/// passed on to child processes.
class MemoryFile {
 public:
  static base::Result<MemoryFile> make(std::string_view content);
  ~MemoryFile();
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;

  [[nodiscard]] std::string path() const;

 private:
  explicit MemoryFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  ///< -1 when moved from
};

}  // namespace marconi::storage::mongodb
