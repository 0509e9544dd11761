// A marconi-server of one's own: a free port, a store of its own, and everything that can be done
// to a process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace marconi::history {

/// A port of the loopback interface that nobody listens on.
[[nodiscard]] std::uint16_t free_port();

struct ServerSetup {
  std::filesystem::path program;
  std::filesystem::path directory;   ///< for the store, in `data`, and the log; it exists
  std::vector<std::string> options;  ///< more of them, as the program's --option takes them
  std::filesystem::path preload;     ///< a library to load into it
  std::filesystem::path fault_page;  ///< for that library
};

/// Errors are sentences. For one thread, which has to outlive the process (it dies with it); port()
/// is for any.
class ServerProcess {
 public:
  explicit ServerProcess(ServerSetup setup);
  /// Ends the process, whatever its state.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Starts it, on the same port and store each time, and waits until it takes connections.
  [[nodiscard]] std::expected<void, std::string> start();

  /// SIGKILL.
  void kill();

  /// SIGTERM; an error if the process does not end in time with status 0.
  [[nodiscard]] std::expected<void, std::string> terminate(std::chrono::seconds within);

  /// SIGSTOP and SIGCONT.
  void pause();
  void resume();

  /// An error if the process ended although nobody told it to.
  [[nodiscard]] std::expected<void, std::string> check_alive();

  /// Whether the last process ended by a signal that nobody sent it.
  [[nodiscard]] bool crashed() const;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void spawn();
  [[nodiscard]] std::vector<std::string> words() const;
  [[nodiscard]] std::string end_of_log() const;
  /// Whether the process has ended, within this time; then `status_` is how.
  [[nodiscard]] bool ended(std::chrono::milliseconds within);

  ServerSetup setup_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
  int status_ = 0;
};

}  // namespace marconi::history
