// Settings of the embedded store.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rocksdb {
class FileSystem;
}

namespace marconi::storage::embedded {

/// When an answer may be sent (configuration §12).
struct SyncMode {
  enum class Kind {
    always,    ///< after the write is on disk
    interval,  ///< after the write; the log is synced every `period`
    never,     ///< after the write; the operating system syncs when it likes
  } kind = Kind::always;
  std::chrono::milliseconds period{0};

  /// Reads `always`, `never` or `interval:<milliseconds>`, 1 ms to 1 hour.
  [[nodiscard]] static std::optional<SyncMode> from(std::string_view text);
};

struct Options {
  std::string path;  ///< directory of the store
  SyncMode sync;
  std::uint64_t min_free_bytes = 256u << 20;      ///< below it posts are refused
  std::uint64_t block_cache_bytes = 256u << 20;   ///< memory for blocks read from disk
  std::uint64_t queue_cache_bytes = 256u << 20;   ///< memory for what is known of queues
  std::uint64_t write_buffer_bytes = 256u << 20;  ///< memory for what is not in tables yet
  /// What is underneath; null for the machine's. The seam where tests lose and break writes.
  std::shared_ptr<rocksdb::FileSystem> file_system;
};

}  // namespace marconi::storage::embedded
