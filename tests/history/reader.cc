#include "history/reader.h"

#include <algorithm>

namespace marconi::history {
namespace {

constexpr std::uint32_t kKept = 200;

}  // namespace

void Reader::read(std::uint32_t queue) {
  Seen& seen = seen_[queue];
  if (!seen.scan) {
    seen.scan = client_.begin_scan(queue);
  }
  if (const auto page = client_.next_page(*seen.scan)) {
    for (const Received& message : *page) {
      remember(seen, message);
    }
  }
  if (seen.messages.empty()) {
    return;
  }
  const auto any = [&] {
    const auto last = static_cast<std::uint32_t>(seen.messages.size() - 1);
    return seen.messages[between(dice_, 0, last)];
  };
  if (chance(dice_, 50)) {
    client_.get(queue, any());
    return;
  }
  std::vector<Received> chosen(between(dice_, 1, ApiClient::kPageLimit));
  std::ranges::generate(chosen, any);  // some of them twice
  client_.get_many(queue, chosen);
}

/// In place of any, once there are many: so the old ones go slowly.
void Reader::remember(Seen& seen, const Received& message) {
  if (seen.messages.size() < kKept) {
    seen.messages.push_back(message);
  } else {
    seen.messages[between(dice_, 0, kKept - 1)] = message;
  }
}

}  // namespace marconi::history
