#include "history/program_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "history/faults/control_page.h"

namespace marconi::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// For the system: null at the end. Points into `texts`.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

void ProgramProcess::spawn() {
  // Everything that allocates is done before the fork: this program has many threads.
  std::vector<std::string> words = {setup_.program};
  words.insert(words.end(), setup_.arguments.begin(), setup_.arguments.end());
  const std::vector<std::string> environment = {
      "LD_PRELOAD=" + setup_.preload.string(),
      fmt::format("{}={}", faults::kPageVariable, setup_.fault_page.string())};
  const std::vector<char*> argument_list = pointers_to(words);
  std::vector<char*> environment_list = pointers_to(environment);
  // The first of two settings of a variable counts.
  environment_list.pop_back();
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    environment_list.push_back(*inherited);
  }
  environment_list.push_back(nullptr);
  process_ = ::fork();
  if (process_ != 0) {
    return;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(setup_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execve(argument_list[0], argument_list.data(), environment_list.data());
  ::_exit(127);
}

void ProgramProcess::kill() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, &status_, 0);
    process_ = -1;
  }
}

std::expected<void, std::string> ProgramProcess::terminate(std::chrono::seconds within) {
  send(SIGTERM);
  if (!ended(within)) {
    return std::unexpected(fmt::format("the {} did not end when told to", setup_.role));
  }
  if (!WIFEXITED(status_) || WEXITSTATUS(status_) != 0) {
    return std::unexpected(
        fmt::format("the {} ended with wait status {}:\n{}", setup_.role, status_, end_of_log()));
  }
  return {};
}

void ProgramProcess::pause() { send(SIGSTOP); }

void ProgramProcess::resume() { send(SIGCONT); }

/// Without a process, -1 would mean every process there is.
void ProgramProcess::send(int signal) const {
  if (process_ > 0) {
    ::kill(process_, signal);
  }
}

std::expected<void, std::string> ProgramProcess::check_alive() {
  if (ended(milliseconds(0))) {
    return std::unexpected(fmt::format("the {} died by itself, wait status {}:\n{}", setup_.role,
                                       status_, end_of_log()));
  }
  return {};
}

bool ProgramProcess::crashed() const {
  return process_ < 0 && WIFSIGNALED(status_) && WTERMSIG(status_) != SIGKILL;
}

bool ProgramProcess::ended(milliseconds within) {
  const auto deadline = steady_clock::now() + within;
  while (process_ > 0) {
    if (::waitpid(process_, &status_, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    if (steady_clock::now() >= deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

std::string ProgramProcess::end_of_log() const {
  constexpr std::size_t kShown = 4000;
  std::ifstream file(setup_.log);
  const std::string log{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return log.size() > kShown ? log.substr(log.size() - kShown) : log;
}

}  // namespace marconi::history
