// A MongoDB-compatible server of one's own for tests in C++: a free port, and everything that can
// be done to a process. What it starts: see `serve` and `install` beside this file.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <string>

namespace marconi::mongodb {

/// Errors are sentences. For one thread at a time. The process ends with this one at the latest.
class Server {
 public:
  /// With a directory, what was acknowledged is there again when it is started after kill(); it is
  /// left where it is. Without, nothing is.
  explicit Server(std::filesystem::path directory = {});
  /// Ends it in good order, so that it removes its temporary files.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts it, on the same port each time, and returns once it answers.
  [[nodiscard]] std::expected<void, std::string> start();

  /// SIGKILL.
  void kill();

  /// SIGSTOP and SIGCONT: it does not answer, and connections stay open.
  void pause();
  void resume();

  /// The connection string; empty before the first start.
  [[nodiscard]] const std::string& uri() const { return uri_; }

 private:
  void spawn(int input, int output);

  std::filesystem::path directory_;
  std::string uri_;
  pid_t process_ = -1;
  int lifeline_ = -1;  ///< The server's standard input: it ends when this is closed.
};

}  // namespace marconi::mongodb
