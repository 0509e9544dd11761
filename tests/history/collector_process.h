// A marconi-gc of one's own, on the store that the servers share.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "history/fault_page.h"
#include "history/program_process.h"

namespace marconi::history {

struct CollectorSetup {
  std::filesystem::path program;
  std::filesystem::path directory;   ///< for its log; it exists
  std::vector<std::string> options;  ///< as the program's --option takes them
  std::filesystem::path preload;     ///< the fault library
};

/// What collectors did, as far as they said so before they were killed.
struct Collections {
  std::size_t passes = 0;
  std::size_t expired_messages = 0;  ///< removed
  std::size_t completed_posts = 0;

  void add(const Collections& other);
};

/// For one thread, which has to outlive the process.
class CollectorProcess {
 public:
  explicit CollectorProcess(const CollectorSetup& setup);

  [[nodiscard]] ProgramProcess& process() { return process_; }
  [[nodiscard]] FaultPage& page() { return page_; }

  /// Starts it again if it ended in an orderly way because the database was away when it started,
  /// as whatever supervises services would. An error if it crashed.
  [[nodiscard]] std::expected<void, std::string> keep_running();

  [[nodiscard]] Collections collections() const;

 private:
  std::filesystem::path log_;
  FaultPage page_;
  ProgramProcess process_;
};

}  // namespace marconi::history
