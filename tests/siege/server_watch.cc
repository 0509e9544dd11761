#include "siege/server_watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

namespace marconi::siege {
namespace {

using std::chrono::milliseconds;

/// Reads `"name": number` pairs.
ServerCounters parse(std::string_view text) {
  ServerCounters counters;
  while (text.find('"') != std::string_view::npos) {
    text.remove_prefix(text.find('"') + 1);
    const std::string name(text.substr(0, text.find('"')));
    text.remove_prefix(text.find(':') + 1);
    counters[name] = std::stoull(std::string(text.substr(0, text.find_first_of(",}"))));
  }
  return counters;
}

}  // namespace

CountersReader::CountersReader(std::uint16_t port) : client_(port, milliseconds(10'000)) {}

std::expected<ServerCounters, std::string> CountersReader::read() {
  ++connections_;
  const auto answer = client_.exchange({"GET",
                                        "/v2/health",
                                        {{"X-Roles", "admin"},
                                         {"X-Project-Id", "siege"},
                                         {"Client-ID", "5c5d1e8e-1d0f-4f36-9f2b-6f6a3f0b7a02"}},
                                        ""});
  client_.disconnect();
  constexpr std::string_view kBegin = R"("counters": {)";
  if (!answer || answer->status != 200 || !answer->body.contains(kBegin)) {
    return std::unexpected(fmt::format("the server does not tell its counters: {}",
                                       answer ? answer->body : "no answer"));
  }
  return parse(std::string_view(answer->body).substr(answer->body.find(kBegin) + kBegin.size()));
}

int child_process() {
  std::ifstream file(fmt::format("/proc/self/task/{}/children", ::gettid()));
  int process = 0;
  file >> process;
  return process;
}

std::uint64_t resident_bytes(int process) {
  std::ifstream file(fmt::format("/proc/{}/statm", process));
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

MemoryWatch::MemoryWatch(int process)
    : thread_([this, process](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          peak_ = std::max(peak_, resident_bytes(process));
          std::this_thread::sleep_for(milliseconds(50));
        }
      }) {}

std::uint64_t MemoryWatch::peak() {
  thread_.request_stop();
  thread_.join();
  return peak_;
}

}  // namespace marconi::siege
