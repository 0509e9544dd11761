// A marconi-server of one's own: a free port, and a store of its own.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "history/program_process.h"

namespace marconi::history {

/// A port of the loopback interface that nobody listens on.
[[nodiscard]] std::uint16_t free_port();

struct ServerSetup {
  std::filesystem::path program;
  std::filesystem::path directory;   ///< for the store, in `data`, and the log; it exists
  std::vector<std::string> options;  ///< more of them, as the program's --option takes them
  std::filesystem::path preload;     ///< a library to load into it; empty: none
  std::filesystem::path fault_page;  ///< for that library
};

/// As ProgramProcess; port() is for any thread.
class ServerProcess : public ProgramProcess {
 public:
  explicit ServerProcess(const ServerSetup& setup) : ServerProcess(setup, free_port()) {}

  /// Starts it, on the same port and store each time, and waits until it takes connections.
  [[nodiscard]] std::expected<void, std::string> start();

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  ServerProcess(const ServerSetup& setup, std::uint16_t port);

  std::uint16_t port_;
};

/// The arguments by which a program of this project takes these options and no other settings.
/// Makes an empty file in the directory.
[[nodiscard]] std::vector<std::string> arguments_of(const std::vector<std::string>& options,
                                                    const std::filesystem::path& directory);

}  // namespace marconi::history
