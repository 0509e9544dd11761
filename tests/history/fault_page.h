// The torture program's hold on the control page (faults/control_page.h).
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "history/faults/control_page.h"

namespace marconi::history {

/// Owns the mapping; the file is left to whoever owns the directory.
class FaultPage {
 public:
  /// Makes the file. `store`: the directory that faults are about, absolute.
  FaultPage(const std::filesystem::path& file, const std::filesystem::path& store);
  ~FaultPage();
  FaultPage(const FaultPage&) = delete;
  FaultPage& operator=(const FaultPage&) = delete;

  /// Before the first server is started.
  void keep_journal(const std::filesystem::path& journal, const std::filesystem::path& removed);

  [[nodiscard]] faults::ControlPage& operator*() { return *page_; }
  [[nodiscard]] faults::ControlPage* operator->() { return page_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// Ends all errors; the clock stays as it is.
  void heal();

 private:
  std::filesystem::path file_;
  faults::ControlPage* page_;
};

}  // namespace marconi::history
