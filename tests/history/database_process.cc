#include "history/database_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "history/server_process.h"
#include "history/words.h"

namespace marconi::history {
namespace {

/// Everything up to the end of a line, without it.
std::string read_line(int from) {
  std::string line;
  char next = 0;
  while (::read(from, &next, 1) == 1 && next != '\n') {
    line += next;
  }
  return line;
}

}  // namespace

DatabaseProcess::DatabaseProcess(std::string command, const std::filesystem::path& directory)
    : command_("exec " + std::move(command)), log_(directory / "log") {
  replace_all(command_, "{port}", std::to_string(free_port()));
  replace_all(command_, "{directory}", (directory / "data").string());
  std::filesystem::create_directories(directory / "data");
}

DatabaseProcess::~DatabaseProcess() { kill(); }

void DatabaseProcess::spawn(int input, int output) {
  process_ = ::fork();
  if (process_ != 0) {
    return;
  }
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
  ::execl("/bin/sh", "sh", "-c", command_.c_str(), nullptr);
  ::_exit(127);
}

std::expected<void, std::string> DatabaseProcess::start() {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
    return std::unexpected("no pipe for the database");
  }
  spawn(input[0], output[1]);
  ::setpgid(process_, process_);  // whichever of the two processes comes first
  ::close(input[0]);
  ::close(output[1]);
  lifeline_ = input[1];
  const std::string line = read_line(output[0]);
  ::close(output[0]);
  if (line.empty()) {
    kill();
    return std::unexpected("the database did not start; see " + log_);
  }
  uri_ = line;
  return {};
}

void DatabaseProcess::kill() {
  if (process_ <= 0) {
    return;
  }
  ::kill(-process_, SIGKILL);
  ::waitpid(std::exchange(process_, -1), nullptr, 0);
  ::close(std::exchange(lifeline_, -1));
}

}  // namespace marconi::history
