#include "support/mongodb/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>
#include <vector>

namespace marconi::mongodb {
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

Server::Server(std::filesystem::path directory) : directory_(std::move(directory)) {}

Server::~Server() {
  if (process_ > 0) {
    resume();
    ::close(std::exchange(lifeline_, -1));
    ::waitpid(process_, nullptr, 0);
  }
}

void Server::spawn(int input, int output) {
  std::vector<std::string> words = {MARCONI_MONGODB_SERVE};
  if (!uri_.empty()) {
    words.insert(words.end(), {"--port", uri_.substr(uri_.rfind(':') + 1)});
  }
  if (!directory_.empty()) {
    words.insert(words.end(), {"--directory", directory_.string()});
  }
  // Everything that allocates is done before the fork: a test may have many threads.
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
}

std::expected<void, std::string> Server::start() {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
    return std::unexpected("no pipe for the server");
  }
  spawn(input[0], output[1]);
  ::close(input[0]);
  ::close(output[1]);
  lifeline_ = input[1];
  const std::string line = read_line(output[0]);
  ::close(output[0]);
  if (!line.starts_with("mongodb://")) {
    kill();
    return std::unexpected(std::string("the database did not start; see its words above"));
  }
  uri_ = line;
  return {};
}

void Server::kill() {
  if (process_ <= 0) {
    return;
  }
  ::kill(process_, SIGKILL);
  ::waitpid(std::exchange(process_, -1), nullptr, 0);
  ::close(std::exchange(lifeline_, -1));
}

void Server::pause() { ::kill(process_, SIGSTOP); }

void Server::resume() { ::kill(process_, SIGCONT); }

}  // namespace marconi::mongodb
