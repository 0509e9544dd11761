// The database that several servers share: any program that says where it listens.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <string>

namespace marconi::history {

/// Errors are sentences. For one thread, which has to outlive the process.
class DatabaseProcess {
 public:
  /// A command for the shell. It prints a connection string, one line, once it answers, and runs
  /// until its standard input ends. `{port}` in it stands for a free port, the same each time, and
  /// `{directory}` for a directory that is kept.
  DatabaseProcess(std::string command, const std::filesystem::path& directory);
  ~DatabaseProcess();
  DatabaseProcess(const DatabaseProcess&) = delete;
  DatabaseProcess& operator=(const DatabaseProcess&) = delete;

  [[nodiscard]] std::expected<void, std::string> start();

  /// SIGKILL, for all that the command started.
  void kill();

  /// The connection string; empty before the first start.
  [[nodiscard]] const std::string& uri() const { return uri_; }

 private:
  void spawn(int input, int output);

  std::string command_;
  std::string log_;
  std::string uri_;
  pid_t process_ = -1;
  int lifeline_ = -1;  ///< its standard input
};

}  // namespace marconi::history
