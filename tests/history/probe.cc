#include "history/probe.h"

#include <string>
#include <utility>
#include <vector>

namespace marconi::history {
namespace {

const std::vector<std::pair<std::string, std::string>> kHeaders = {
    {"X-Project-Id", "torture"}, {"Client-ID", "00000000-0000-4000-8000-ffffffffffff"}};

}  // namespace

bool Probe::post() {
  const int made = status_of({"PUT", "/v2/queues/probe", kHeaders, {}});
  return (made == 201 || made == 204) &&
         status_of({"POST", "/v2/queues/probe/messages", kHeaders,
                    R"({"messages": [{"ttl": 60, "body": "Are you well?"}]})"}) == 201;
}

int Probe::status_of(const HttpRequest& request) {
  const auto response = http_.exchange(request);
  return response ? response->status : 0;
}

}  // namespace marconi::history
