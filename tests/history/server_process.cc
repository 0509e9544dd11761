#include "history/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "history/faults/control_page.h"

namespace marconi::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool takes_connections(std::uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool taken =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return taken;
}

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

std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  ::bind(probe, reinterpret_cast<const sockaddr*>(&address), length);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(probe);
  return ntohs(address.sin_port);
}

ServerProcess::ServerProcess(ServerSetup setup) : setup_(std::move(setup)), port_(free_port()) {}

ServerProcess::~ServerProcess() { kill(); }

std::vector<std::string> ServerProcess::words() const {
  std::vector<std::string> options = {
      "drivers:transport:wsgi.bind=127.0.0.1", fmt::format("drivers:transport:wsgi.port={}", port_),
      fmt::format("drivers:message_store:embedded.path={}", (setup_.directory / "data").string()),
      "drivers:message_store:embedded.min_free_bytes=0"};
  options.insert(options.end(), setup_.options.begin(), setup_.options.end());
  std::vector<std::string> words = {setup_.program, "--config-file",
                                    setup_.directory / "marconi.conf"};
  for (const std::string& option : options) {
    words.emplace_back("--option");
    words.push_back(option);
  }
  return words;
}

void ServerProcess::spawn() {
  std::ofstream(setup_.directory / "marconi.conf", std::ios::app).close();
  // Everything that allocates is done before the fork: this program has many threads.
  const std::string log = setup_.directory / "log";
  const std::vector<std::string> arguments = words();
  const std::vector<std::string> environment = {
      "LD_PRELOAD=" + setup_.preload.string(),
      fmt::format("{}={}", faults::kPageVariable, setup_.fault_page.string())};
  const std::vector<char*> argument_list = pointers_to(arguments);
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
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execve(argument_list[0], argument_list.data(), environment_list.data());
  ::_exit(127);
}

std::expected<void, std::string> ServerProcess::start() {
  spawn();
  const auto deadline = steady_clock::now() + std::chrono::seconds(60);
  while (!takes_connections(port_)) {
    if (ended(milliseconds(0))) {
      return std::unexpected("the server did not start:\n" + end_of_log());
    }
    if (steady_clock::now() > deadline) {
      return std::unexpected("the server takes no connections:\n" + end_of_log());
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return {};
}

void ServerProcess::kill() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, &status_, 0);
    process_ = -1;
  }
}

std::expected<void, std::string> ServerProcess::terminate(std::chrono::seconds within) {
  ::kill(process_, SIGTERM);
  if (!ended(within)) {
    return std::unexpected("the server did not end when told to");
  }
  if (!WIFEXITED(status_) || WEXITSTATUS(status_) != 0) {
    return std::unexpected(
        fmt::format("the server ended with wait status {}:\n{}", status_, end_of_log()));
  }
  return {};
}

void ServerProcess::pause() { ::kill(process_, SIGSTOP); }

void ServerProcess::resume() { ::kill(process_, SIGCONT); }

std::expected<void, std::string> ServerProcess::check_alive() {
  if (ended(milliseconds(0))) {
    return std::unexpected(
        fmt::format("the server died by itself, wait status {}:\n{}", status_, end_of_log()));
  }
  return {};
}

bool ServerProcess::crashed() const {
  return process_ < 0 && WIFSIGNALED(status_) && WTERMSIG(status_) != SIGKILL;
}

bool ServerProcess::ended(milliseconds within) {
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

std::string ServerProcess::end_of_log() const {
  constexpr std::size_t kShown = 4000;
  std::ifstream file(setup_.directory / "log");
  const std::string log{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return log.size() > kShown ? log.substr(log.size() - kShown) : log;
}

}  // namespace marconi::history
