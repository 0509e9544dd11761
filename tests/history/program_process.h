// A program of one's own, and everything that can be done to a process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace marconi::history {

struct ProgramSetup {
  std::string role;  ///< what errors call it: "server"
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path log;         ///< where everything it says is appended
  std::filesystem::path preload;     ///< a library to load into it; empty: none
  std::filesystem::path fault_page;  ///< for that library
};

/// Errors are sentences. For one thread, which has to outlive the process (it dies with it).
class ProgramProcess {
 public:
  explicit ProgramProcess(ProgramSetup setup) : setup_(std::move(setup)) {}
  /// Ends the process, whatever its state.
  ~ProgramProcess() { kill(); }
  ProgramProcess(const ProgramProcess&) = delete;
  ProgramProcess& operator=(const ProgramProcess&) = delete;

  /// Starts it, and does not wait for anything.
  void spawn();

  /// SIGKILL.
  void kill();

  /// SIGTERM; an error if the process does not end in time with status 0.
  [[nodiscard]] std::expected<void, std::string> terminate(std::chrono::seconds within);

  /// SIGSTOP and SIGCONT.
  void pause();
  void resume();

  /// An error if the process ended although nobody told it to.
  [[nodiscard]] std::expected<void, std::string> check_alive();

  /// Whether the process has ended, within this time.
  [[nodiscard]] bool ended(std::chrono::milliseconds within);

  /// Whether the last process ended by a signal that nobody sent it.
  [[nodiscard]] bool crashed() const;

  [[nodiscard]] std::string end_of_log() const;

 private:
  void send(int signal) const;

  ProgramSetup setup_;
  pid_t process_ = -1;
  int status_ = 0;
};

}  // namespace marconi::history
