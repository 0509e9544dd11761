// What the tests of this room share.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>

#include "base/commit_feed.h"

namespace marconi::storage::embedded {

/// In memory where the machine offers that, since tests sync after every write.
inline std::filesystem::path fast_directory() {
  const std::filesystem::path memory = "/dev/shm";
  const bool has_memory = access(memory.c_str(), W_OK | X_OK) == 0;
  return has_memory ? memory : std::filesystem::temp_directory_path();
}

/// A directory that goes with its owner.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::filesystem::path& parent = fast_directory()) {
    std::string pattern = (parent / "marconi-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Waits for tickets.
class TicketWaiter final : public base::CommitListener {
 public:
  void settled(base::CommitTicket up_to, base::CommitOutcome outcome) noexcept override {
    {
      const std::scoped_lock lock(mutex_);
      settled_ = up_to;
      if (outcome == base::CommitOutcome::failed) last_failed_ = up_to;
    }
    changed_.notify_all();
  }

  /// Blocks until the ticket is settled; false if it, or one after it, has failed.
  bool wait_for(base::CommitTicket ticket) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return settled_ >= ticket; });
    return ticket.is_complete() || last_failed_ < ticket;
  }

  /// Starts anew, for the tickets of another store.
  void start_anew() {
    const std::scoped_lock lock(mutex_);
    settled_ = last_failed_ = {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  base::CommitTicket settled_;
  base::CommitTicket last_failed_;
};

}  // namespace marconi::storage::embedded
