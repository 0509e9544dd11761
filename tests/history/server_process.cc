#include "history/server_process.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

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

std::vector<std::string> server_arguments(const ServerSetup& setup, std::uint16_t port) {
  std::vector<std::string> options = {
      "drivers:transport:wsgi.bind=127.0.0.1", fmt::format("drivers:transport:wsgi.port={}", port),
      fmt::format("drivers:message_store:embedded.path={}", (setup.directory / "data").string()),
      "drivers:message_store:embedded.min_free_bytes=0"};
  options.insert(options.end(), setup.options.begin(), setup.options.end());
  return arguments_of(options, setup.directory);
}

}  // namespace

std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  (void)::bind(probe, reinterpret_cast<const sockaddr*>(&address), length);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(probe);
  return ntohs(address.sin_port);
}

std::vector<std::string> arguments_of(const std::vector<std::string>& options,
                                      const std::filesystem::path& directory) {
  const std::filesystem::path settings = directory / "marconi.conf";
  std::ofstream(settings, std::ios::app).close();
  std::vector<std::string> words = {"--config-file", settings};
  for (const std::string& option : options) {
    words.emplace_back("--option");
    words.push_back(option);
  }
  return words;
}

ServerProcess::ServerProcess(const ServerSetup& setup, std::uint16_t port)
    : ProgramProcess({.role = "server",
                      .program = setup.program,
                      .arguments = server_arguments(setup, port),
                      .log = setup.directory / "log",
                      .preload = setup.preload,
                      .fault_page = setup.fault_page}),
      port_(port) {}

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

}  // namespace marconi::history
